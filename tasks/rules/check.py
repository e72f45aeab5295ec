"""What each rule is worth: which others shadow it, what it costs, and what it alone changes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import process_time

import re2

from tasks.rules.load import Rule, Rules
from tasks.text.cut import cut
from tasks.text.lines import Line, bare, split_lines
from tasks.text.page import Cut, Given, Label, Span


@dataclass(slots=True)
class Effect:
    """What a rule does on some pages, added up."""

    matched: int = 0
    """Lines that it matches."""
    alone: int = 0
    """Lines that are boilerplate with it, and without it are not: no other rule or layer cuts
    them."""
    relabelled: int = 0
    """Lines that have another label without it, other than those: what a mark changes by telling
    the page grammar where a story begins and ends."""
    pages: int = 0
    """Pages on which a line's label is another without it."""

    @property
    def changes_nothing(self) -> bool:
        """Whether the pages come out the same without it."""
        return not self.pages


@dataclass(frozen=True)
class _Without(Rules):
    """Rules less one; what all of them say of a line is asked once a page."""

    left_out: str = ""
    asked: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def find(self, line: str) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.asked.get(line, ()) if rule.id != self.left_out)


def find_shadowed(rules: Rules) -> dict[str, str]:
    """Rules all of whose `removes` examples an earlier rule of the same kind matches as well.

    By id, with the other's id. On such lines it changes nothing.
    """
    shadowed: dict[str, str] = {}
    place = {rule.id: number for number, rule in enumerate(rules.rules)}
    for rule in rules.rules:
        others = [
            {
                other.id
                for other in rules.find(bare(line))
                if (other.scope, other.role) == (rule.scope, rule.role)
                and place[other.id] < place[rule.id]
            }
            for line in rule.removes
        ]
        if common := set.intersection(*others):
            shadowed[rule.id] = min(common, key=place.__getitem__)
    return shadowed


@dataclass(frozen=True, slots=True)
class Cost:
    """What asking rules takes, as measured here and now."""

    compile_seconds: float
    """Once in each worker process. CPU."""
    line_seconds: float
    """A line that was not met before. CPU."""


def measure_cost(rules: Rules) -> Cost:
    """The time that a worker spends on rules: their own examples are what is asked."""
    lines = {line for rule in rules.rules for line in (*rule.removes, *rule.keeps)}
    fresh = Rules(rules.rules, rules.digest)
    begun = process_time()
    fresh.find("compiled at first use")
    compiled = process_time()
    for line in lines:
        fresh.find(line)
    return Cost(compiled - begun, (process_time() - compiled) / max(len(lines), 1))


def measure_sizes(rules: Rules) -> dict[str, int]:
    """Instructions of each rule's program, by id: what compiling it takes grows with them."""
    return {rule.id: re2.compile(rule.match).programsize for rule in rules.rules}


def measure_effects(rules: Rules, pages: Iterable[tuple[str, Given]]) -> dict[str, Effect]:
    """What each rule matches and changes on the pages, by its id; all rules are there.

    Each page is cut once more for each rule that matches a line of it.
    """
    effects = {rule.id: Effect() for rule in rules.rules}
    for text, given in pages:
        lines = list(_lines(text))
        asked = {line: rules.find(line) for line in dict.fromkeys(lines)}
        matched = [rule.id for line in lines for rule in asked[line]]
        with_all = _labels(text, cut(text, rules, given))
        for rule_id in dict.fromkeys(matched):
            effect = effects[rule_id]
            effect.matched += matched.count(rule_id)
            less = _Without(rules.rules, rules.digest, rule_id, asked)
            _compare(effect, with_all, _labels(text, cut(text, less, given)))
    return effects


def _compare(effect: Effect, with_it: Sequence[Label], without: Sequence[Label]) -> None:
    changed = [pair for pair in zip(with_it, without, strict=True) if pair[0] != pair[1]]
    alone = sum(label == "boilerplate" for label, _ in changed)
    effect.alone += alone
    effect.relabelled += len(changed) - alone
    effect.pages += bool(changed)


def _lines(text: str) -> Iterator[str]:
    return (bare(line.text) for line in split_lines(text) if line.text)


def spans_of(lines: Iterable[Line], page_cut: Cut) -> list[Span]:
    """The span that each line of a page is in."""
    found, at = [], 0
    for line in lines:
        while page_cut.spans[at].end <= line.start:
            at += 1
        found.append(page_cut.spans[at])
    return found


def _labels(text: str, page_cut: Cut) -> list[Label]:
    """The label of each line that is not blank."""
    lines = [line for line in split_lines(text) if line.text]
    return [span.label for span in spans_of(lines, page_cut)]
