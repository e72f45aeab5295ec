"""One page line by line: what was kept, as what, and what cut the rest."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tasks.errors import SettingError
from tasks.read.discover import list_inputs
from tasks.read.encoding import Decoded, decode
from tasks.read.pages import PartReader
from tasks.read.refs import InputRef, Page, Part
from tasks.rules.load import load_rules
from tasks.text.cut import cut
from tasks.text.lines import split_lines
from tasks.text.page import Cut, Given, Span

STYLES = {
    "title": "bold",
    "heading": "bold",
    "body": "",
    "boilerplate": "dim strike",
    "blank": "dim",
}
METADATA_STYLE = "cyan"


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line of a page and the span that most of it lies in."""

    number: int
    """From 1."""
    text: str
    span: Span


def explain_page(page: str, rule_packs: tuple[Path, ...]) -> None:
    """Print a page with a label for each line, in colour on a terminal.

    Raises:
        SettingError: where there is no such page, or it would be rejected; says why.
    """
    text, given = _read(page)
    result = cut(text, load_rules(rule_packs), given)
    console = Console(highlight=False, soft_wrap=True)
    for line in explain_lines(text, result):
        console.print(_render(line))
    console.print()
    _print_outcome(console, result)


def explain_lines(text: str, result: Cut) -> Iterator[ExplainedLine]:
    """The lines of a page, each with the span that holds most of its characters."""
    spans, first = result.spans, 0
    for number, line in enumerate(split_lines(text), 1):
        at, end = line.start, line.end
        while spans[first].end <= at:
            first += 1
        best, most, index = spans[first], -1, first
        while index < len(spans) and spans[index].start < end:
            span = spans[index]
            size = len(text[max(span.start, at) : min(span.end, end)].strip())
            if size > most:
                best, most = span, size
            index += 1
        yield ExplainedLine(number, text[at:end].rstrip(), best)


def _read(page: str) -> tuple[str, Given]:
    if page == "-":
        found = decode(sys.stdin.buffer.read())
        if isinstance(found, Decoded):
            if found.text.strip():
                return found.text, Given()
            message = "standard input: empty."
        else:
            message = f"standard input: {found.reason}: {found.detail}"
        raise SettingError(message)
    name, _, record = page.rpartition("#L")
    number = int(record) if name and record.isdecimal() and not Path(page).exists() else None
    refs = list(list_inputs([page if number is None else name]))
    if len(refs) != 1 or not isinstance(refs[0], InputRef):
        message = f"{page}: {len(refs)} inputs. Give one file, or one record as FILE#L17."
        raise SettingError(message)
    for item in PartReader(Part(refs[0])):
        if number is None or item.source_uri.endswith(f"#L{number}"):
            if isinstance(item, Page):
                return item.text, item.given
            message = f"{item.source_uri}: rejected as {item.reason}: {item.detail}"
            raise SettingError(message)
    message = f"{page}: no such record."
    raise SettingError(message)


def _render(line: ExplainedLine) -> Text:
    span = line.span
    where = "" if span.article is None else f"{span.article + 1}"
    label = span.label if span.label != "blank" else ""
    out = Text(f"{line.number:>4} {where:>2} {label:<11} ", style="dim")
    out.append(line.text, style=STYLES.get(span.label, METADATA_STYLE))
    if span.rule is not None:
        out.append(f"  ← {span.rule}", style="red")
    return out


def _print_outcome(console: Console, result: Cut) -> None:
    articles = len(result.articles)
    noun = "article" if articles == 1 else "articles"
    console.print(
        f"{articles} {noun}; family {result.family}, confidence {result.family_confidence:.2f}"
    )
    for why in result.evidence:
        console.print(f"  {why}", markup=False)
    for article in result.articles:
        console.print(f"\n{article.position + 1}. {article.title or '(no title)'}", markup=False)
        facts = {
            "authors": ", ".join(article.authors),
            "section": article.section,
            "dateline": article.dateline,
            "published": article.published_at or article.published_text,
            "summary": " / ".join(article.summary),
            "text": f"{len(article.text.split()):,} words",
        }
        for name, value in facts.items():
            if value:
                console.print(f"   {name}: {value}", markup=False)
