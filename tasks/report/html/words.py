"""What the report says of a run in sentences, and how it writes figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from tasks.report.drift import LANGUAGE, Reading, SourceDrift, show_value
from tasks.report.html.cuts import Cuts
from tasks.report.html.flow import Books
from tasks.report.html.told import ToldRun
from tasks.report.shown import many, percent

NAMED = 3
"""Sources that are named in a sentence."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the first screen."""

    colour: str
    """Name of the page's colour."""
    number: str
    what: str
    of: str
    """What it is a share of."""


def verdict(run: ToldRun, books: Books) -> str:
    """What happened, in a sentence."""
    if run.state == "crashed":
        return "This run died before it published anything."
    if run.state == "stopped":
        return "This run was stopped, and published nothing."
    count = run.counts.get
    pages = many(books.pages, "page")
    articles = many(count("articles_published", 0), "article")
    if run.flow == "reprocess":
        if not count("pages_changed"):
            return f"{pages} cut again, and nothing changed."
        return f"{pages} cut again: {count('pages_changed'):,} changed, with {articles} published."
    if run.state == "nothing-new":
        return f"Nothing new: {pages}, all seen before." if books.pages else "Nothing came in."
    parts = [f"{articles} published"]
    if withheld := count("articles_withheld", 0):
        parts.append(f"{withheld:,} withheld as {'a copy' if withheld == 1 else 'copies'}")
    if rejected := count("pages_rejected", 0):
        parts.append(f"{many(rejected, 'page')} rejected")
    *most, last = parts
    told = f"{', '.join(most)} and {last}" if most else last
    return f"{told}, from {pages}."


def asides(run: ToldRun, drifts: Sequence[SourceDrift]) -> Iterator[tuple[str, str]]:
    """What a person should know beside: ``bad``, ``good`` or ``note``, and a sentence."""
    if run.message:
        yield "bad", run.message
    unusual = [one.source for one in drifts if one.alarms]
    if unusual:
        more = f" and {len(unusual) - NAMED} more" if len(unusual) > NAMED else ""
        yield "bad", f"Not as usual: {', '.join(unusual[:NAMED])}{more}."
    elif any(reading.band for one in drifts for reading in one.readings):
        yield "good", "Every source is as usual."
    if left := run.counts.get("pages_left_out"):
        yield "note", f"{many(left, 'page')} left for the next run."


def figures(run: ToldRun, books: Books, cuts: Cuts) -> Iterator[Figure]:
    """The four numbers of the first screen."""
    count = run.counts.get
    published, withheld = count("articles_published", 0), count("articles_withheld", 0)
    yield Figure("published", f"{published:,}", "published", _of(None, books.articles, "article"))
    what = f"withheld as {'a copy' if withheld == 1 else 'copies'}"
    yield Figure("withheld", f"{withheld:,}", what, _of(withheld, books.articles, "article"))
    rejected = count("pages_rejected", 0)
    what = "page rejected" if rejected == 1 else "pages rejected"
    yield Figure("rejected", f"{rejected:,}", what, _of(rejected, books.pages, "page"))
    whole = sum(cuts.characters.values()) - cuts.characters.get("blank", 0)
    cut = cuts.characters.get("boilerplate", 0)
    share = percent(cut / whole) if whole else "–"
    of = f"{cut:,} of {whole:,} characters" if whole else "no text came in"
    yield Figure("boilerplate", share, "of the text cut", of)


def place(uri: str) -> str:
    """A URI as a person reads it: of a file the last two parts of its path."""
    return unquote("/".join(uri.rsplit("/", 2)[1:])) if uri.startswith("file:") else unquote(uri)


def spent(seconds: float) -> str:
    """A stretch of time."""
    if seconds >= 7200:
        return f"{seconds / 3600:,.0f} hours"
    if seconds >= 120:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def reading(value: Reading, main_language: str | None) -> str:
    """A figure of a source; a dash where it has none."""
    shown = show_value(value)
    if not shown:
        return "–"
    return f"{main_language} {shown}" if value.measure is LANGUAGE else shown


def _of(part: int | None, whole: int, noun: str) -> str:
    if not whole:
        return f"of no {noun}"
    return f"of {many(whole, noun)}" if part is None else f"{percent(part / whole)} of {whole:,}"
