"""One page line by line, for a terminal, as HTML or JSON: what was kept, what cut the rest."""

import dataclasses
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tasks.errors import SettingError
from tasks.read.discover import list_inputs
from tasks.read.encoding import Decoded, decode
from tasks.read.pages import PartReader
from tasks.read.refs import InputRef, Limits, Page, Part, Reject
from tasks.report.explain_html import render_html
from tasks.report.explained import Explained, ExplainedLine, explain_text
from tasks.report.shown import facts_of, percent, visible
from tasks.rules.load import load_rules

STDIN = "standard input"

_STYLES = {"title": "bold", "heading": "bold", "body": ""}
_DECISION_STYLES = {"cut": "dim strike", "blank": "dim", "metadata": "cyan"}
# A comment ends at its first mark, or a row of n comments would be tried in 2^n ways.
_COMMENTS = rb"(?:<!--(?:(?!-->).)*+-->\s*+)*+"
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?" + _COMMENTS + rb"<(?:!doctype\s+html|html)\b", re.I
)
_SNIFFED_BYTES = 2048


def explain_page(
    page: str, rule_packs: tuple[Path, ...], *, html: str | None = None, as_json: bool = False
) -> None:
    """Print a page with label, evidence and confidence for each line, in colour on a terminal.

    Args:
        page: A file, a record as ``FILE#L17``, or ``-`` for standard input.
        rule_packs: Beside those of this package.
        html: Where to write it as an HTML page instead; ``-`` is standard output.
        as_json: Print an object a line instead, then one an article, then one of the page.

    Raises:
        SettingError: where there is no such page, it would be rejected, or the HTML page can't
            be written; says why.
    """
    explained = explain_text(_read(page), load_rules(rule_packs))
    if as_json:
        sys.stdout.buffer.writelines(f"{line}\n".encode() for line in render_json(explained))
    elif html == "-":
        sys.stdout.buffer.write(render_html(explained).encode())
    elif html is not None:
        _write(Path(html), render_html(explained))
    else:
        _print(explained)


def render_json(explained: Explained) -> Iterator[str]:
    """JSON Lines: an object a line of the page, one an article, and one of the page.

    ``kind`` says which it is: ``line``, ``article`` or ``page``.
    """
    for line in explained.lines:
        yield _dump("line", dataclasses.asdict(line))
    for article, changes in zip(explained.articles, explained.changes, strict=True):
        told = dataclasses.asdict(article)
        told["published_at"] = article.published_at and article.published_at.isoformat()
        yield _dump("article", {**told, "repaired": [dataclasses.asdict(one) for one in changes]})
    yield _dump(
        "page",
        {
            "source_uri": explained.source_uri,
            "articles": len(explained.articles),
            "family": explained.family,
            "family_confidence": explained.confidence,
            "evidence": explained.evidence,
            "books": [dataclasses.asdict(book) for book in explained.books],
        },
    )


def _dump(kind: str, told: dict[str, object]) -> str:
    return json.dumps({"kind": kind, **told}, ensure_ascii=False)


def _read(page: str) -> Page:
    item = _read_stdin() if page == "-" else _read_input(page)
    if isinstance(item, Reject):
        message = (
            f"{item.source_uri}: rejected as {item.reason}: {item.detail}\n"
            "A run would not cut it either: `copydesk rejects list` shows such pages."
        )
        raise SettingError(message)
    return item


def _read_stdin() -> Page | Reject:
    data = sys.stdin.buffer.read()
    if _MARKUP.match(data[:_SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf")):
        from tasks.read.html import make_html_page  # 0.1 s, and most pages are text

        return make_html_page(STDIN, data, STDIN)
    found = decode(data)
    if not isinstance(found, Decoded):
        return Reject(STDIN, found.reason, found.detail)
    if not found.text.strip():
        return Reject(STDIN, "empty", "It holds no text.")
    return Page(STDIN, "", STDIN, found.text, found.encoding)


def _read_input(page: str) -> Page | Reject:
    name, _, record = page.rpartition("#L")
    number = int(record) if name and record.isdecimal() and not Path(page).exists() else None
    refs = list(list_inputs([page if number is None else name]))
    if len(refs) != 1 or not isinstance(refs[0], InputRef):
        message = f"{page}: {len(refs)} files. Give one file, or one record as FILE#L17."
        raise SettingError(message)
    part = Part(refs[0], first=number or 1, stop=None if number is None else number + 1)
    for item in PartReader(part, Limits(last_try=True)):
        if number is None or item.source_uri.endswith(f"#L{number}"):
            return item
        if isinstance(item, Reject) and "#L" not in item.source_uri:
            return item
    message = f"{page}: no such record. Give another number, or the file alone."
    raise SettingError(message)


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        message = f"{path}: cannot be written ({error.strerror}).\nGive --html another file, or -."
        raise SettingError(message) from error


def _print(explained: Explained) -> None:
    console = Console(highlight=False, soft_wrap=True)
    before: str | None = None
    for line in explained.lines:
        console.print(_render(line, is_first=line.rule != before))
        before = line.rule if line.decision != "blank" else before
    console.print()
    _print_outcome(console, explained)
    _print_books(console, explained)


def _render(line: ExplainedLine, *, is_first: bool) -> Text:
    """A line with its label, and what cut it; why is said on the first of several."""
    where = "" if line.article is None else f"{line.article + 1}"
    label = line.label if line.decision != "blank" else ""
    out = Text(f"{line.number:>4} {where:>2} {label:<11} ", style="dim")
    style = _DECISION_STYLES.get(line.decision, "")
    out.append(visible(line.text), style=_STYLES.get(line.label, style))
    if line.rule is not None:
        out.append(f"  ← {line.rule}", style="red")
        if line.confidence is not None:
            out.append(f" {percent(line.confidence)}", style="red")
        if is_first:
            out.append(f"  {line.why}", style="italic dim")
    elif line.confidence is not None:
        out.append(f"  {percent(line.confidence)}", style="dim green")
    return out


def _print_outcome(console: Console, explained: Explained) -> None:
    articles = len(explained.articles)
    noun = "article" if articles == 1 else "articles"
    confidence = f"{explained.confidence:.2f}"
    console.print(f"{articles} {noun}; family {explained.family}, confidence {confidence}")
    for why in explained.evidence:
        console.print(f"  {visible(why)}", markup=False)
    for article, changes in zip(explained.articles, explained.changes, strict=True):
        title = visible(article.title or "(no title)")
        console.print(f"\n{article.position + 1}. {title}", markup=False)
        for name, value in facts_of(article, changes):
            console.print(f"   {name}: {visible(value)}", markup=False)


def _print_books(console: Console, explained: Explained) -> None:
    console.print("\nCharacters of the page, without white space:")
    for book in explained.books:
        sign, style = ("cut", "red") if book.is_cut else ("kept", "green")
        out = Text(f"{book.characters:>8,} {percent(book.share):>5}  ")
        out.append(f"{sign:<4} {book.cause}", style=style)
        out.append(f"  {book.why}" if book.why else "", style="dim")
        console.print(out)
