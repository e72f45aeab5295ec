"""What `copydesk explain` says of a page: decisions, evidence, confidence, in three forms."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from flows.cli import app
from tasks.errors import SettingError
from tasks.read.refs import Page
from tasks.report.explain import _read_stdin, explain_page, render_json
from tasks.report.explain_html import DARK, LIGHT, render_html
from tasks.report.explained import Explained, explain_text
from tasks.report.shown import visible
from tasks.rules.load import load_rules
from tasks.text.boilerplate import SCORE_RULE
from tasks.text.page import Given

RULES = load_rules()
PROSE = [
    "The crane at the east quay, which has stood still for eleven years, will be repaired by June.",
    "A society of retired dockers has raised the money and wants to show how it was used once.",
    "Visitors will be let up to the cabin on the first Sunday of each month, if it is not windy.",
]
MENU = ["Home", "Weather", "Sport", "Log in", "Subscribe", "E-paper", "Jobs"]
TITLE = "Old crane of the east quay is to turn again"
PAGE = "\n".join([*MENU, "", TITLE, "By Ilse Tornquist", "4 March 2025", *PROSE, *MENU, ""])

Run = Callable[..., str]


def explained(text: str, **given_: object) -> Explained:
    """A text explained as a page of its own."""
    page = Page("file:///gazette/a.txt", "", "gazette", text, "utf-8", given=Given(**given_))
    return explain_text(page, RULES)


@pytest.fixture
def run(root: Path) -> Run:
    """Run ``copydesk explain`` in a process of its own, for its standard output."""

    def call(*arguments: str | Path, **options: object) -> str:
        words = [sys.executable, "-m", "flows.cli", "explain", *map(str, arguments)]
        given_ = {"cwd": root, "text": True, "timeout": 60, **options}
        done = subprocess.run(words, capture_output=True, check=False, **given_)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call


def test_each_line_is_explained() -> None:
    """Every line that is not blank has a decision and a reason, and is at its place."""
    lines = explained(PAGE).lines
    assert [line.text for line in lines] == PAGE.splitlines()
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    for line in lines:
        assert PAGE[line.start : line.end].rstrip() == line.text
        assert bool(line.why) == (line.decision != "blank")


def test_a_rule_s_cut_has_its_why() -> None:
    """As the pack gives it, and no confidence: a rule matches or does not."""
    whys = {rule.id: rule.why for rule in RULES.rules}
    cut = [line for line in explained(PAGE).lines if line.rule in whys]
    assert cut
    for line in cut:
        assert line.why == whys[line.rule or ""]
        assert line.confidence is None


def test_a_line_that_the_score_decided_has_its_probability() -> None:
    """High for text that was kept, low for what was cut, with the confidence in the decision."""
    lines = [
        line for line in explained(PAGE).lines if line.rule == SCORE_RULE or line.text in PROSE
    ]
    assert {line.decision for line in lines} == {"kept", "cut"}
    for line in lines:
        assert line.probability is not None
        assert line.confidence is not None
        kept = line.decision == "kept"
        assert line.confidence == (line.probability if kept else 1 - line.probability)


def test_the_markup_s_evidence_counts() -> None:
    """The probability shown is the one that decided, the extractor's word included."""
    without = {line.text: line.probability for line in explained(PAGE).lines}
    told = explained(PAGE, main_lines=frozenset(PROSE))
    for line in told.lines:
        if line.text in PROSE:
            assert (line.probability or 0) > (without[line.text] or 0)
    assert any("extractor" in sentence for sentence in told.evidence)


def test_the_books_are_all_of_the_page() -> None:
    """Kept and cut characters by cause add up, and so do their shares."""
    books = explained(PAGE).books
    assert sum(book.characters for book in books) == len("".join(PAGE.split()))
    assert sum(book.lines for book in books) == len([line for line in PAGE.splitlines() if line])
    assert sum(book.share for book in books) == pytest.approx(1)


def test_a_repair_is_shown() -> None:
    """The line as received, the article as it would be published, and what was done."""
    told = explained(PAGE.replace("is not windy", "isnâ€™t windy"))
    assert any("isnâ€™t windy" in line.text for line in told.lines)
    assert "isn’t windy" in told.articles[0].text
    (change,) = told.changes[0]
    assert "decode utf-8" in change.steps
    assert "repaired" in render_html(told)


@given(st.text(max_size=400))
@settings(max_examples=60)
def test_any_text_can_be_explained(text: str) -> None:
    """In all forms; the lines cover the page."""
    told = explained(text)
    assert "".join(text[line.start : line.end] for line in told.lines) == text
    assert all(json.loads(line) for line in render_json(told))
    assert render_html(told).endswith("</html>\n")


def test_json_is_an_object_a_line() -> None:
    """Lines first, then the articles, then the page: ``kind`` tells them apart."""
    objects = [json.loads(line) for line in render_json(explained(PAGE))]
    kinds = [one["kind"] for one in objects]
    assert kinds == ["line"] * len(PAGE.splitlines()) + ["article", "page"]
    assert objects[-2]["title"] == TITLE
    assert objects[-2]["published_at"] == "2025-03-04T00:00:00+00:00"
    assert objects[-1]["books"]


class Outline(HTMLParser):
    """The elements of a page, and that they are closed in order."""

    VOID = frozenset({"meta", "link", "br", "img"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.struck: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text that is struck through."""
        if "del" in self.open:
            self.struck.append(data)


def test_the_html_page_strikes_what_was_cut() -> None:
    """And nothing else, beside the legend's example; each with its reason as a tooltip."""
    told = explained(PAGE)
    outline = Outline(render_html(told))
    assert outline.struck[1:] == [line.text for line in told.lines if line.decision == "cut"]
    tips = [attrs.get("title") for tag, attrs in outline.seen if tag == "del"]
    assert all(tips[1:])


def test_the_html_page_boxes_each_article(root: Path) -> None:
    """A roll of four has four boxes, numbered, with their titles."""
    text = (root / "seeds" / "harbour-courier" / "coast-news.txt").read_text()
    page = render_html(explained(text))
    boxes = [attrs for tag, attrs in Outline(page).seen if attrs.get("class") == "story"]
    assert len(boxes) == 4
    assert re.search(r"Article 1: <bdi[^>]*>A Market, a Car Park", page)
    assert len(re.findall(r'id="L\d+"', page)) == len([x for x in text.splitlines() if x.strip()])


def test_the_html_page_needs_no_network_and_no_script() -> None:
    """Nothing is fetched, and a policy forbids it."""
    page = render_html(explained(PAGE))
    names = {tag for tag, _ in Outline(page).seen}
    assert names.isdisjoint({"script", "img", "link", "iframe"})
    assert "default-src 'none'" in page
    assert not re.search(r"https?:|url\(|@import", page)


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    """A rule under a line links to its row in the books."""
    seen = Outline(render_html(explained(PAGE))).seen
    ids = [attrs["id"] for _, attrs in seen if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {(attrs["href"] or "").removeprefix("#") for tag, attrs in seen if tag == "a"}
    assert links
    assert links <= set(ids)


def test_markup_in_a_page_is_text() -> None:
    """What a page says can't become part of the HTML."""
    evil = "<script>alert(\"x\")</script> & <b title='y'>"
    page = render_html(explained(PAGE.replace("Jobs", evil)))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "panel"])
@pytest.mark.parametrize("ink", ["text", "quiet", "cut", "meta"])
def test_text_has_contrast(colours: dict[str, str], ground: str, ink: str) -> None:
    """7:1 (WCAG AAA), on both grounds, light and dark."""
    low, high = sorted((luminance(colours[ground]), luminance(colours[ink])))
    assert (high + 0.05) / (low + 0.05) >= 7


def test_a_page_cannot_speak_to_the_terminal() -> None:
    """Escape sequences are shown, not sent."""
    assert visible("a\x1b[31mb\x07\x9b\tc") == "a␛[31mb␇\ufffd\tc"


def test_plain_where_there_is_no_terminal(run: Run) -> None:
    """No escape sequence in a pipe; a label and the rule's why in words."""
    out = run("-", input=PAGE)
    assert "\x1b" not in out
    assert re.search(r"boilerplate +Subscribe  ← \S+", out)
    assert "Characters of the page" in out


def test_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was cut is struck through (SGR 9)."""
    (tmp_path / "a.txt").write_text(PAGE)
    result = CliRunner().invoke(
        app, ["explain", str(tmp_path / "a.txt")], env={"FORCE_COLOR": "1", "TERM": "xterm"}
    )
    assert result.exit_code == 0
    assert re.search(r"\x1b\[[\d;]*\b9m", result.output)


@pytest.mark.parametrize("name", ["wire.jsonl", "wire.jsonl.gz"])
def test_one_record_is_read_by_its_line(run: Run, tmp_path: Path, name: str) -> None:
    """Blank lines count; its title is known from the record."""
    record = json.dumps({"text": "\n".join(PROSE), "title": TITLE})
    data = f"\n{json.dumps({'text': PAGE})}\n\n{record}\n{{\n".encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    objects = [json.loads(line) for line in run(f"{tmp_path / name}#L4", "--json").splitlines()]
    assert objects[-1]["source_uri"].endswith(f"{name}#L4")
    assert objects[-2]["title"] == TITLE


@pytest.mark.parametrize("record", ["#L1", "#L3", "#L9"])
def test_a_record_that_is_none_is_refused(tmp_path: Path, record: str) -> None:
    """A blank line, and a number beyond the end."""
    (tmp_path / "wire.jsonl").write_text(f"\n{json.dumps({'text': PAGE})}\n\n")
    with pytest.raises(SettingError, match="no such record"):
        explain_page(f"{tmp_path / 'wire.jsonl'}{record}", ())


def test_html_from_a_file_and_from_standard_input(run: Run, tmp_path: Path) -> None:
    """Both are read as what a reader sees, with the same outcome."""
    paragraphs = "".join(f"<p>{line}</p>" for line in PROSE)
    menu = "".join(f"<li>{line}</li>" for line in MENU)
    page = f"<!doctype html><html><body><ul>{menu}</ul><h1>{TITLE}</h1>{paragraphs}</body></html>"
    (tmp_path / "a.html").write_text(page)
    of_file = run(tmp_path / "a.html")
    assert of_file == run("-", input=page)
    assert re.search(rf"title +{TITLE}", of_file)
    assert "<p>" not in of_file


@pytest.mark.parametrize("html", ["<html>", "<!-- a -->\n<!DOCTYPE html>", ""])
def test_markup_from_standard_input_is_told_behind_comments(
    monkeypatch: pytest.MonkeyPatch, html: str
) -> None:
    """However many stand there: each is read in one way, or it would take for ever."""
    data = f"{'<!---->' * 200}{html}<p>{PROSE[0]}</p>".encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=BytesIO(data)))
    page = _read_stdin()
    assert isinstance(page, Page)
    assert page.text.startswith(PROSE[0] if html else "<!---->")


def test_the_html_page_goes_to_a_file_or_to_standard_output(run: Run, tmp_path: Path) -> None:
    """The same page; a file leaves standard output empty."""
    out = tmp_path / "explained.html"
    assert run("-", "--html", out, input=PAGE) == ""
    assert out.read_text() == run("-", "--html", "-", input=PAGE)


def test_a_file_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    """The message says what to do."""
    (tmp_path / "a.txt").write_text(PAGE)
    with pytest.raises(SettingError, match="cannot be written"):
        explain_page(str(tmp_path / "a.txt"), (), html=str(tmp_path / "no" / "x.html"))


def test_two_forms_at_once_are_wrong_usage() -> None:
    """Rather than one of them in silence."""
    result = CliRunner().invoke(app, ["explain", "-", "--json", "--html", "-"], input=PAGE)
    assert isinstance(result.exception, SettingError)
