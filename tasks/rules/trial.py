"""What a rule pack would change on pages: each cut without it and with it, line by line."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from tasks.rules.check import spans_of
from tasks.rules.load import Rule, Rules, load_rules
from tasks.text.cut import cut
from tasks.text.lines import Line, bare, split_lines
from tasks.text.page import Article, Cut, Given, Span

_NOTHING_LEARNED: Mapping[str, str] = MappingProxyType({})
_LINES_KEPT = 50
"""Changed lines of each rule that are kept to be shown; all are counted."""


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a page that comes out otherwise with the pack."""

    source_uri: str
    number: int
    """From 1."""
    text: str
    above: str
    """The line before it that is not blank; "" for a page's first."""
    below: str
    """The line after it that is not blank; "" for a page's last."""
    before: Span
    after: Span


@dataclass(slots=True)
class Tried:
    """What one rule of the pack does, added up."""

    matched: int = 0
    """Lines that it matches."""
    pages: int = 0
    """Pages with such lines."""
    cut: int = 0
    """Lines that are boilerplate by it and were none before."""
    already: int = 0
    """Lines that it matches and that were boilerplate before."""
    spared: int = 0
    """Lines that it matches and that are no boilerplate even so: a title, a byline."""
    changes: list[Change] = field(default_factory=list)
    """The first of the lines that it cuts."""


@dataclass(slots=True)
class Outcome:
    """What a pack would change on all pages that were tried."""

    rules: dict[str, Tried]
    """By id, in the order of the pack."""
    pages: int = 0
    changed_pages: int = 0
    articles_changed: int = 0
    """Articles whose text or facts differ, at the same place of the same page."""
    articles_added: int = 0
    articles_removed: int = 0
    others: int = 0
    """Lines that change and that no rule of the pack cuts: what follows from it."""
    other_changes: list[Change] = field(default_factory=list)


class Trial:
    """A pack tried on one page after the other."""

    def __init__(self, pack: Path, packs: Sequence[Path] = ()) -> None:
        """Load the pack.

        Args:
            pack: What is tried.
            packs: Packs that are in use already; the one that is tried may be among them.

        Raises:
            RulePackError: where one of them cannot be used.
        """
        self._pack = pack
        self._packs = tuple(one for one in packs if one.absolute() != pack.absolute())
        self._pair_of = lru_cache(maxsize=64)(self._load)
        before, after = self._pair_of(())
        known = {rule.id for rule in before.rules}
        self._only = Rules(tuple(rule for rule in after.rules if rule.id not in known), "")
        self.outcome = Outcome({rule.id: Tried() for rule in self._only.rules})

    def add(
        self,
        source_uri: str,
        text: str,
        given: Given,
        declared: tuple[str, ...] = (),
        learned: Mapping[str, str] = _NOTHING_LEARNED,
    ) -> None:
        """Try it on one more page.

        A page on which the pack matches no line is not cut: nothing could change there.

        Args:
            source_uri: Where the page is.
            text: The page.
            given: What its record says of it.
            declared: The rule packs that its source has for itself.
            learned: What the source's other pages taught.
        """
        self.outcome.pages += 1
        lines = [line for line in split_lines(text) if line.text]
        hits = {line.index: self._only.find(bare(line.text)) for line in lines}
        if not any(hits.values()):
            return
        before, after = (cut(text, rules, given, learned) for rules in self._pair_of(declared))
        self._compare(source_uri, lines, hits, before, after)
        self._count_articles(before.articles, after.articles)

    def _load(self, declared: tuple[str, ...]) -> tuple[Rules, Rules]:
        """All rules without the pack's, and with them."""
        after = load_rules([*self._packs, *map(Path, declared), self._pack])
        tried = tomllib.loads(self._pack.read_text(encoding="utf-8")).get("rule", [])
        ids = {rule["id"] for rule in tried}
        return Rules(tuple(rule for rule in after.rules if rule.id not in ids), ""), after

    def _compare(
        self,
        source_uri: str,
        lines: Sequence[Line],
        hits: Mapping[int, tuple[Rule, ...]],
        before: Cut,
        after: Cut,
    ) -> None:
        is_changed = False
        met: set[str] = set()
        pairs = zip(spans_of(lines, before), spans_of(lines, after), strict=True)
        for at, (line, (old, new)) in enumerate(zip(lines, pairs, strict=True)):
            for rule in hits[line.index]:
                self._count_match(rule.id, old, new)
                met.add(rule.id)
            if (old.label, old.article) != (new.label, new.article):
                is_changed = True
                above = lines[at - 1].text if at else ""
                below = lines[at + 1].text if at + 1 < len(lines) else ""
                self._note(Change(source_uri, line.index + 1, line.text, above, below, old, new))
        self.outcome.changed_pages += is_changed
        for rule_id in met:
            self.outcome.rules[rule_id].pages += 1

    def _count_match(self, rule_id: str, old: Span, new: Span) -> None:
        tried = self.outcome.rules[rule_id]
        tried.matched += 1
        tried.already += old.label == "boilerplate"
        tried.spared += new.label != "boilerplate"

    def _note(self, change: Change) -> None:
        tried = self.outcome.rules.get(change.after.rule or "")
        if tried is None or change.before.label == "boilerplate":
            self.outcome.others += 1
            shown = self.outcome.other_changes
        else:
            tried.cut += 1
            shown = tried.changes
        if len(shown) < _LINES_KEPT:
            shown.append(change)

    def _count_articles(self, before: Sequence[Article], after: Sequence[Article]) -> None:
        common = min(len(before), len(after))
        changed = sum(one != other for one, other in zip(before, after, strict=False))
        self.outcome.articles_changed += changed
        self.outcome.articles_removed += len(before) - common
        self.outcome.articles_added += len(after) - common
