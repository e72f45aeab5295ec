"""The report in a real browser: it asks nobody, fits a phone, and turns dark."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tasks.lake.layout import Lake
from tasks.report.html.page import render_report
from tasks.report.html.told import find_run


@pytest.fixture(scope="module")
def report(desk: Any, story: Callable[[int], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the report of the last of twelve runs, so that it has all that there can be."""
    folder = tmp_path_factory.mktemp("browser")
    feed = folder / "a-source-with-a-rather-long-name.example"
    feed.mkdir()
    for run in range(12):
        for number in range(6):
            text = f"Home\nSign in\n\n{story(run * 5 + number)}"
            (feed / f"{run}-{number}.txt").write_text(text)
        (feed / f"{run}.txt").write_bytes(bytes([run + 1] * 50))
        with desk(folder / "lake", f"{run:08d}-run", feed) as one:
            one.work_through()
    (feed / "long.txt").write_text(f"Share\n\n{'W' * 300}\n\n{story(900)}")
    with desk(folder / "lake", "99999999-last", feed) as one:
        one.work_through()
    lake = Lake(folder / "lake")
    page = folder / "report.html"
    page.write_text(render_report(lake, find_run(lake)))
    return page.as_uri()


@pytest.fixture
def open_report(browser: Any, report: str) -> Iterator[Callable[..., Any]]:
    """Open the report; what its console says, and what it asks of anyone, fails the test."""
    wrong: list[str] = []
    opened = []

    def open_at(width: int, **options: object) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("request", lambda asked: asked.url == report or wrong.append(asked.url))
        page.goto(report)
        return page

    yield open_at
    for context in opened:
        context.close()
    assert wrong == []


OVERFLOWING = """
[...document.querySelectorAll("body *:not(.skip)")]
  .filter(one => one.getClientRects().length)
  .filter(one => !one.closest(".stack thead"))
  .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map(one => one.outerHTML.slice(0, 90))
"""


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1280])
def test_nothing_sticks_out(open_report: Callable[..., Any], width: int) -> None:
    """No sideways scrolling and no cut words, with every table open."""
    page = open_report(width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OVERFLOWING) == []


def test_it_is_dark_where_the_system_is(open_report: Callable[..., Any]) -> None:
    """Without a word from anybody."""
    grounds = [
        open_report(800, color_scheme=scheme).evaluate("getComputedStyle(document.body).background")
        for scheme in ("light", "dark")
    ]
    assert "rgb(251, 250, 246)" in grounds[0]
    assert "rgb(21, 23, 26)" in grounds[1]


def test_the_switch_turns_it_dark_and_is_remembered(open_report: Callable[..., Any]) -> None:
    """By keyboard, charts and all; the button says what it will do."""
    page = open_report(800, color_scheme="light")
    button = page.get_by_role("button", name="Dark")
    button.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Light").count() == 1
    assert "rgb(21, 23, 26)" in page.evaluate("getComputedStyle(document.body).background")
    fill = "getComputedStyle(document.querySelector('.chart [fill=\"var(--body)\"]')).fill"
    assert page.evaluate(fill) == "rgb(116, 174, 222)"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_first_key_leads_past_the_head(open_report: Callable[..., Any]) -> None:
    """A skip link is the first thing that the keyboard meets, and is seen then."""
    page = open_report(800)
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "Skip to what came of the run"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_bar_tells_its_value(open_report: Callable[..., Any]) -> None:
    """Under the pointer, in words."""
    page = open_report(1280)
    page.locator(".chart [aria-label$=' words: 1 article']").first.hover()
    assert page.locator("#tip").inner_text().endswith(" words: 1 article")
    page.locator(".flow.wide .stream").first.hover()
    assert page.locator("#tip").inner_text() == "1 page held 1 article"


def test_it_is_read_without_script(open_report: Callable[..., Any]) -> None:
    """All is there; only the switch is not shown."""
    page = open_report(800, java_script_enabled=False)
    assert page.get_by_role("heading", name="Copies, side by side").count() == 1
    assert page.get_by_role("button").count() == 0
