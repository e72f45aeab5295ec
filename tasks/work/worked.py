"""A page on its way through the stages, and what they have found of it so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.dedupe.fingerprint import Fingerprint
from tasks.read.refs import Page
from tasks.text.language import Language
from tasks.text.page import Article, Cut
from tasks.text.tally import Counts
from tasks.text.templates import SeenLine


@dataclass(slots=True)
class WorkedArticle:
    """An article of the page. What no stage has found yet is not set."""

    article: Article
    """Without mojibake, once that is repaired."""
    is_repaired: bool = field(init=False)
    language: Language = field(init=False)
    counts: Counts = field(init=False)
    scores: dict[str, float | str | None] = field(init=False)
    flags: tuple[str, ...] = field(init=False)
    prints: Fingerprint = field(init=False)


@dataclass(slots=True)
class WorkedPage:
    """The page. What no stage has found yet is not set."""

    page: Page
    seconds: float
    """How long it may take in all stages."""
    seconds_left: float
    """0 for a page that was given up."""
    cut: Cut = field(init=False)
    articles: list[WorkedArticle] = field(init=False)
    share: float = field(init=False)
    """Characters cut as boilerplate over all of the page's that are not blank, 0..1."""
    lines: list[SeenLine] = field(init=False)
    """What it teaches of its source's other pages."""

    def cut_lines(self) -> Iterator[tuple[str, int]]:
        """Each span that a rule cut: the rule, and how many lines."""
        text = self.page.text
        for span in self.cut.spans:
            if span.rule is not None:
                yield span.rule, text[span.start : span.end].strip().count("\n") + 1
