"""What became of each line of one page, and why: the facts behind ``copydesk explain``."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tasks.read.refs import Page
from tasks.rules import Rules
from tasks.text.boilerplate import SCORE_RULE
from tasks.text.cut import OUTSIDE, cut
from tasks.text.lines import split_lines
from tasks.text.marks import read_page
from tasks.text.markup import find_main
from tasks.text.page import Article, Cut, Label, Span
from tasks.text.repair import Change, repair_article
from tasks.text.single import weigh_lines

Decision = Literal["kept", "metadata", "cut", "blank"]
DECISIONS: dict[Label, Decision] = {
    "body": "kept",
    "heading": "kept",
    "boilerplate": "cut",
    "blank": "blank",
}
"""What a label amounts to; all others are metadata."""


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line of a page, what was decided on it, and by what evidence."""

    number: int
    """From 1."""
    start: int
    """First character, counted in the page's text."""
    end: int
    """One past the last character, the line break included."""
    text: str
    """As received, without white space at its end."""
    decision: Decision
    label: Label
    article: int | None
    """Position of its article, from 0."""
    rule: str | None
    """Id of what cut it; None where nothing did."""
    why: str
    """The evidence, in a sentence; empty for a blank line."""
    probability: float | None
    """That the line is of the article, by the score, 0..1; None where no score was asked."""
    confidence: float | None
    """In the decision, 0..1; None for blank lines, and where a rule decided: it matches or not."""


@dataclass(frozen=True, slots=True)
class Book:
    """What one cause did to a page."""

    cause: str
    """A rule's id, or the label of what was kept."""
    why: str
    """Empty where nothing was cut."""
    is_cut: bool
    lines: int
    characters: int
    """Without white space."""
    share: float
    """Of the page's characters, 0..1."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A page with the evidence for all that was decided on it."""

    source_uri: str
    lines: tuple[ExplainedLine, ...]
    articles: tuple[Article, ...]
    """Repaired, as they would be published."""
    changes: tuple[tuple[Change, ...], ...]
    """What was repaired in each article; often nothing."""
    family: str
    confidence: float
    """In the family, 0..1."""
    evidence: tuple[str, ...]
    """Why this family, and these cuts between stories."""
    books: tuple[Book, ...]
    """What was kept, then what was cut, most characters first: together all of the page."""


def explain_text(page: Page, rules: Rules) -> Explained:
    """What became of each line of a page, by rules and score; learned lines are left out."""
    result = cut(page.text, rules, page.given)
    repaired = [repair_article(article) for article in result.articles]
    lines = tuple(_explain_lines(page, rules, result))
    return Explained(
        source_uri=page.source_uri,
        lines=lines,
        articles=tuple(article for article, _ in repaired),
        changes=tuple(changes for _, changes in repaired),
        family=result.family,
        confidence=result.family_confidence,
        evidence=result.evidence,
        books=_balance(lines),
    )


def _explain_lines(page: Page, rules: Rules, result: Cut) -> Iterator[ExplainedLine]:
    whys = {rule.id: rule.why for rule in rules.rules}
    odds = _weigh(page, rules) if result.family in ("single", "none") else {}
    spans, at = result.spans, 0
    for line in split_lines(page.text):
        while spans[at].end <= line.start:
            at += 1
        span = spans[at]
        value = odds.get(line.index)
        told = ExplainedLine(
            number=line.index + 1,
            start=line.start,
            end=line.end,
            text=page.text[line.start : line.end].rstrip(),
            decision=DECISIONS.get(span.label, "metadata"),
            label=span.label,
            article=span.article,
            rule=span.rule,
            why="",
            probability=value,
            confidence=None,
        )
        yield _judge(told, span, result, whys) if line.text else told


def _weigh(page: Page, rules: Rules) -> dict[int, float]:
    """The probability by the score that a line is of the article, by index."""
    read = read_page(page.text, rules)
    if not read.said:
        return {}
    odds = weigh_lines(read, find_main(read, page.given))
    return {index: _probability(value) for index, value in zip(read.said, odds, strict=True)}


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def _judge(line: ExplainedLine, span: Span, result: Cut, whys: dict[str, str]) -> ExplainedLine:
    """The line with the evidence for what was decided on it, and the confidence in that."""
    layout = result.family_confidence if result.articles else None
    chance = line.probability
    if span.rule == SCORE_RULE and chance is not None:
        why = "Its words, its shape and the lines around it speak against it."
        if chance > 0.5:
            why = "It reads like text, but stands apart from the article."
        return replace(line, why=why, confidence=1 - chance)
    if span.rule == SCORE_RULE:
        return replace(line, why="It follows what ended the story.", confidence=layout)
    if span.rule == OUTSIDE:
        return replace(line, why="It stands in no story of the layout.", confidence=layout)
    if span.rule is not None:
        return replace(line, why=whys.get(span.rule, "The source's other pages have it too."))
    if line.decision == "metadata":
        return replace(line, why=f"Read as the story's {span.label}.", confidence=layout)
    if result.family == "single" and chance is not None:
        why = "Its words, its shape and the lines around it speak for it."
        if chance < 0.5:
            why = "It stands within the article, though it does not read like it."
        return replace(line, why=why, confidence=chance)
    why = "The layout has it between the story's head and its end."
    return replace(line, why=why, confidence=layout)


def _balance(lines: Sequence[ExplainedLine]) -> tuple[Book, ...]:
    counts: dict[tuple[bool, str], tuple[str, int, int]] = {}
    for line in lines:
        if line.decision != "blank":
            is_cut = line.decision == "cut"
            cause = (is_cut, (line.rule if is_cut else None) or line.label)
            _, number, size = counts.get(cause, ("", 0, 0))
            why = line.why if is_cut else ""
            counts[cause] = why, number + 1, size + len("".join(line.text.split()))
    whole = max(sum(size for _, _, size in counts.values()), 1)
    books = [
        Book(cause, why, is_cut, number, size, size / whole)
        for (is_cut, cause), (why, number, size) in counts.items()
    ]
    return tuple(sorted(books, key=lambda book: (book.is_cut, -book.characters, book.cause)))
