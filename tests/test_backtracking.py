"""No pattern that reads pages tries 2^n ways: each is laid out as an automaton and looked through.

One does where a loop can read the same characters in two ways, as those of ``(a+)+`` and ``(a|a)*``
can: where nothing matches behind it, ``re`` tries both in each round. RE2 never does.
"""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import product
from re import _compiler, _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

import tasks

# Of each kind that patterns tell apart: marks, letters with and without case, figures, spaces.
ALPHABET = [*map(chr, range(256)), *"ŁşİıΩжЖאبकไ文あア가٣—–’“”…•\u200b\u2028"]
MOST_ROUNDS = 3
"""A loop with more is taken for one without end: forty rounds make as many ways."""


class Part(NamedTuple):
    """A part of a pattern: the places it begins and ends with, with the ways that lead there."""

    first: Counter[int]
    last: Counter[int]
    empty: int
    """In how many ways it reads nothing."""


NOTHING = Part(Counter(), Counter(), 1)


class Automaton:
    """The characters of a pattern as places, and in how many ways one follows another."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.reads: list[frozenset[str]] = []
        self.after: list[Counter[int]] = []
        self.taken: dict[int, frozenset[str]] = {}
        """What does not follow a possessive loop, which has taken all of it."""
        self._sequence(_parser.parse(pattern.pattern, pattern.flags), pattern.flags)

    def has_two_ways(self) -> bool:
        """Whether a loop reads some text in two ways, so that its n rounds do in 2^n."""
        after = dict(enumerate(self.after))
        before = _turn(after)
        loops = {frozenset(_reach(after, [at]) & _reach(before, [at])) for at in after}
        return any(map(self._is_ambiguous, loops))

    def _is_ambiguous(self, loop: Collection[int]) -> bool:
        """Whether two readings part at a place of the loop, and meet again after the same text."""
        if any(self.after[one][other] > 1 for one, other in product(loop, loop)):
            return True
        steps = {
            (a, b): [
                (one, other)
                for one, other in product(*(self.after[at].keys() & loop for at in (a, b)))
                if self._step(a, one) & self._step(b, other)
            ]
            for a, b in product(loop, loop)
        }
        together = [(at, at) for at in loop]
        both = _reach(steps, together) & _reach(_turn(steps), together)
        return any(one != other for one, other in both)

    def _step(self, one: int, other: int) -> frozenset[str]:
        return self.reads[other] if one == other else self.reads[other] - self.taken.get(one, set())

    def _sequence(self, tree: Iterable[tuple[Any, Any]], flags: int) -> Part:
        whole = NOTHING
        for kind, value in tree:
            whole = self._join(whole, self._part(str(kind), kind, value, flags))
        return whole

    def _join(self, one: Part, other: Part) -> Part:
        self._link(one.last, other.first)
        first = one.first + Counter({at: ways * one.empty for at, ways in other.first.items()})
        last = other.last + Counter({at: ways * other.empty for at, ways in one.last.items()})
        return Part(first, last, one.empty * other.empty)

    def _link(self, last: Counter[int], first: Counter[int]) -> None:
        for (one, ways), (other, more) in product(last.items(), first.items()):
            if not self.reads[other] <= self.taken.get(one, frozenset()):
                self.after[one][other] += ways * more

    def _part(self, name: str, kind: Any, value: Any, flags: int) -> Part:
        if name in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
            return self._place(_characters(kind, value, flags))
        if name == "SUBPATTERN":
            return self._sequence(value[3], (flags | value[1]) & ~value[2])
        if name == "BRANCH":
            first, last, empty = zip(*(self._sequence(one, flags) for one in value[1]), strict=True)
            return Part(sum(first, Counter()), sum(last, Counter()), sum(empty))
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            return self._repeat(*value, flags)
        if name == "POSSESSIVE_REPEAT":
            return self._possessive(*value, flags)
        assert name in ("AT", "GROUPREF", "ASSERT", "ASSERT_NOT"), name
        if name.startswith("ASSERT"):
            self._sequence(value[1], flags)  # apart from the rest
        return NOTHING

    def _place(self, reads: frozenset[str]) -> Part:
        self.reads.append(reads)
        self.after.append(Counter())
        place = Counter([len(self.reads) - 1])
        return Part(place, place, 0)

    def _repeat(self, least: int, most: int, tree: Any, flags: int) -> Part:
        whole = NOTHING
        for number in reversed(range(most if most <= MOST_ROUNDS else 1)):  # a(a(a)?)?
            whole = self._join(self._sequence(tree, flags), whole)
            whole = whole._replace(empty=whole.empty + (number >= least))
        if most > MOST_ROUNDS:
            self._link(whole.last, whole.first)
        return whole

    def _possessive(self, least: int, most: int, tree: Any, flags: int) -> Part:
        """A loop of which no round is tried again is one place, whatever it reads."""
        inner = len(self.reads)
        first = self._sequence(tree, flags).first
        whole = self._place(frozenset[str]().union(*self.reads[inner:]))
        if most > 1:
            self._link(whole.last, whole.first)
            self.taken[len(self.reads) - 1] = frozenset().union(*(self.reads[at] for at in first))
        return whole._replace(empty=int(not least))


def _characters(kind: Any, value: Any, flags: int) -> frozenset[str]:
    """Those of the alphabet that one character of a pattern may be, and the one that it names."""
    state = _parser.State()
    state.flags, state.str = flags, ""
    match = _compiler.compile(_parser.SubPattern(state, [(kind, value)]), flags).match
    named = chr(value) if str(kind) == "LITERAL" else ""
    return frozenset(filter(match, {*ALPHABET, *named}))


def _turn(graph: Mapping[Any, Iterable[Any]]) -> dict[Any, list[Any]]:
    turned: dict[Any, list[Any]] = {node: [] for node in graph}
    for node, others in graph.items():
        for other in others:
            turned[other].append(node)
    return turned


def _reach(graph: Mapping[Any, Iterable[Any]], starts: Iterable[Any]) -> set[Any]:
    """The nodes that a step or more leads to."""
    seen, todo = set[Any](), list(starts)
    while todo:
        new = set(graph[todo.pop()]) - seen
        seen |= new
        todo += new
    return seen


def _patterns() -> dict[str, re.Pattern[Any]]:
    """All patterns that stand in modules, alone or in a list or table."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in pkgutil.walk_packages(tasks.__path__, "tasks."):
        for name, value in vars(importlib.import_module(module.name)).items():
            several = value.values() if isinstance(value, dict) else value
            for one in several if isinstance(value, list | tuple | dict) else [value]:
                if isinstance(one, re.Pattern):
                    found[f"{name}: {one.pattern!r:.70}"] = one
    return found


PATTERNS = _patterns()


@pytest.mark.parametrize("name", PATTERNS)
def test_a_loop_reads_a_text_in_one_way(name: str) -> None:
    """What takes time by the square of a line is left to the measure of growth."""
    assert not Automaton(PATTERNS[name]).has_two_ways()


TWO_WAYS = r"(a+)+b (a|a)*b (a|aa)+$ (\w+\s?)*$ (a*b*)*c (?=(a+)+b)x (x+x+)+y (?:a{1,40}){1,40}b"
TWO_WAYS_ONCE = r"(?:<!--.*?-->\s*)*<html (?:,\s*(?:[A-Z][A-Za-z.]*){2,})+$"
ONE_WAY = r"a+b (ab)*a \d+(?:[.,]\d+)* (?:a++|b)*c (?:[^>=]++|=\s*+)*+> (?:a(?:bc?)?)*d (?:a++)*b"


@pytest.mark.parametrize("pattern", f"{TWO_WAYS} {TWO_WAYS_ONCE}".split())
def test_a_loop_with_two_ways_is_found(pattern: str) -> None:
    """The last two once read pages here; with one a page of 3 kB took four seconds."""
    assert Automaton(re.compile(pattern)).has_two_ways()


@pytest.mark.parametrize("pattern", ONE_WAY.split())
def test_a_loop_with_one_way_is_not(pattern: str) -> None:
    """A possessive one in another is no second way."""
    assert not Automaton(re.compile(pattern)).has_two_ways()
