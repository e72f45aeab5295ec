"""The documentation's site: it builds, tells all that the code has, and asks nobody."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import typer

from flows.cli import app
from flows.settings import IngestSettings, MaintainSettings, ReprocessSettings
from tasks.columns import COLUMNS
from tasks.rules.load import load_rules
from tasks.schemas import TABLES

ROOT = Path(__file__).parents[1]
WIDTHS = (1280, 390)
"""Of a desktop and a phone."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it."""
    if importlib.util.find_spec("mkdocs") is None or importlib.util.find_spec("material") is None:
        pytest.skip("needs MkDocs Material: `make docs` installs it")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return folder


def text_of(page: Path) -> str:
    """What a person reads on a page."""
    html = page.read_text(encoding="utf-8")
    body = html[html.index("<article") : html.index("</article>")]
    return unescape(re.sub(r"<[^>]+>", "", body))


def commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Every command, by its words."""
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(f"{path} {name}", child)
    if not hasattr(command, "commands"):
        yield path, command


def test_every_command_and_option_is_there(site: Path) -> None:
    """With its help, as the command itself gives it."""
    text = text_of(site / "reference" / "commands.html")
    found = list(commands("copydesk", typer.main.get_command(app)))
    assert len(found) > 20
    for path, command in found:
        assert f"{path}\n" in text or f"{path}¶" in text, path
        for one in command.params:
            if one.param_type_name == "option" and one.name != "help":
                assert one.opts[0] in text, (path, one.opts)


def test_every_setting_is_there(site: Path) -> None:
    """With its description."""
    text = " ".join(text_of(site / "reference" / "settings.html").split())
    for model in (IngestSettings, ReprocessSettings, MaintainSettings):
        for name, field in model.model_fields.items():
            assert name in text
            assert " ".join(str(field.description).split()) in text


def test_every_column_is_there(site: Path) -> None:
    """With its comment, its unit, and when it is null."""
    text = " ".join(text_of(site / "reference" / "tables.html").split())
    for table in TABLES.values():
        for field in table.full_schema:
            assert " ".join(field.metadata[b"comment"].decode().replace("`", "").split()) in text
        for column in COLUMNS[table.name].values():
            assert column.null.replace("`", "") in text
            assert column.unit.replace("`", "") in text


def test_every_rule_is_there(site: Path) -> None:
    """With a line that it cuts."""
    text = text_of(site / "reference" / "rules.html")
    for rule in load_rules().rules:
        assert rule.id in text
        assert rule.why.replace("`", "").replace("*", "") in text
        assert rule.removes[0].replace("\n", "⏎") in text


def test_the_page_for_readers_is_the_one_in_data(site: Path) -> None:
    """It is written once."""
    text = text_of(site / "how-to" / "read.html")
    assert "The lake, for those who read it" in text
    assert "What a source's pages taught" in text


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of it; an error on it, or a request to anything but files, fails the test."""
    wrong: list[str] = []
    page = browser.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    page.on("request", lambda asked: asked.url.startswith("file:") or wrong.append(asked.url))
    yield page
    page.close()
    assert wrong == []


def test_pages_open_from_a_folder_and_fit_the_screen(site: Path, page: Any) -> None:
    """None is wider than a desktop's or a phone's."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        if path.name == "404.html":
            continue  # it is for servers: its addresses begin at their root
        page.goto(path.as_uri(), wait_until="load")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")


def test_the_search_finds_without_a_server(site: Path, page: Any) -> None:
    """A word of the page on takedowns leads there."""
    page.goto((site / "index.html").as_uri())
    page.locator("input.md-search__input").focus()
    page.keyboard.type("takedown")
    page.locator(".md-search-result__link[href*='takedown']").first.wait_for()
