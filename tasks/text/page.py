"""What a cut page is: spans that cover its text, and the articles in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, get_args

Label = Literal[
    "title",
    "byline",
    "date",
    "section",
    "summary",
    "caption",
    "heading",
    "body",
    "boilerplate",
    "blank",
]
LABELS: tuple[Label, ...] = get_args(Label)


class Span(NamedTuple):
    """A stretch of a page's text with one label. The spans of a page cover it without gap."""

    start: int
    """First character, counted in the page's decoded text."""
    end: int
    """One past the last character."""
    label: Label
    article: int | None = None
    """Position of the article it belongs to, from 0; None where it belongs to none."""
    rule: str | None = None
    """Id of what cut it, such as ``teaser.continue-reading``; None where nothing was cut."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a page's record says of itself, beside its text. All may be None: unknown."""

    title: str | None = None
    published: str | None = None
    """A date as the record has it, unparsed."""
    language: str | None = None
    zone: str | None = None
    """IANA zone of the source, for times without one; None means UTC."""
    authors: tuple[str, ...] = ()
    """Who the record's metadata says wrote it, in order, as named there; empty where unknown."""
    site: str | None = None
    """The site's or publisher's name, as its metadata has it: no author, no part of a title."""
    section: str | None = None
    fetched_at: datetime | None = None
    """When it was fetched, UTC: what a relative time in the text counts back from."""
    main_lines: frozenset[str] | None = None
    """Lines of the text, stripped, that an extractor that saw the markup took for the article:
    evidence, not a verdict. None where none looked, or where it found no article."""
    caption_lines: frozenset[str] = frozenset()
    """Lines of the text, stripped, that the markup says stand under a picture."""


@dataclass(frozen=True, slots=True)
class Article:
    """One story cut out of a page, before scores."""

    position: int
    """Place in the page, from 0."""
    text: str
    """Headings and body as the page has them, stripped, parted by one blank line."""
    title: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    dateline: str | None = None
    published_at: datetime | None = None
    """UTC; None where the page gives no absolute date."""
    published_text: str | None = None
    """The whole line that the date came from, stripped."""
    summary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A page after cutting."""

    spans: tuple[Span, ...]
    articles: tuple[Article, ...]
    family: str = "none"
    """The page family that the layout was read as; ``none`` for a page with no article."""
    family_confidence: float = 0.0
    """0..1, no unit."""
    evidence: tuple[str, ...] = field(default=())
    """Why this family and these cuts between stories: one short sentence each."""


def rebuild(text: str, spans: Iterable[Span]) -> str:
    """The page's text put together from its spans: equal to ``text`` if they cover it once."""
    return "".join(text[span.start : span.end] for span in spans)
