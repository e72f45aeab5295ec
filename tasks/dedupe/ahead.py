"""Facts of pairs compared ahead of their turn, by processes beside this one."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from tasks.dedupe.twins import are_apart_by_titles
from tasks.dedupe.verdicts import find_twin

T = TypeVar("T")
R = TypeVar("R")

MANY_ARTICLES = 5_000
"""Of a run: some hundreds are copies, so that processes may start before these are found."""

# A pair takes some 2 ms, a process 0.3 s to start: with fewer pairs this one is done before.
MIN_PAIRS = 200
MIN_MORE_PAIRS = 20
"""The same, where the processes are there."""
CHUNK = 24
"""Pairs handed to a process at a time."""

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Titled:
    """One side of a pair."""

    title: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Apart:
    """What facts say of two texts whose measures make them copies."""

    twin_reason: str | None
    """Why they are template twins; None where they are not, or the words are the same."""
    by_titles: bool
    """Whether their titles say two stories."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of which the measures say that one is a copy."""

    copy: Titled
    original: Titled
    is_exact: bool
    """Whether their words are the same."""


def compare_facts(pair: Pair) -> Apart:
    """Whether facts say that two texts are two stories."""
    copy, original = pair.copy, pair.original
    reason = None if pair.is_exact else find_twin(copy.text, original.text)
    if reason is not None:
        return Apart(reason, by_titles=False)
    return Apart(None, are_apart_by_titles(copy.title, copy.text, original.title, original.text))


class Ahead:
    """Compares many pairs at once; its processes are started with the first pairs.

    What it says is what ``compare_facts`` says: a decision does not hang on whether it was asked.
    """

    def __init__(self, start: Callable[[], Executor] | None) -> None:
        """Take what starts the processes; None: nothing is worked out ahead."""
        self._start = start
        self._processes: Executor | None = None

    def __enter__(self) -> "Ahead":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._processes is not None:
            # Nothing is under way, so nobody waits for them to end.
            self._processes.shutdown(wait=kind is not None, cancel_futures=True)

    @property
    def is_there(self) -> bool:
        """Whether it compares anything."""
        return self._start is not None

    def begin(self, articles: int) -> None:
        """Start the processes while it is still found out what is to be compared, if it is much.

        ``articles`` is how many the run has, about.
        """
        if self._start is not None and articles >= MANY_ARTICLES:
            self._processes = self._start()
            self._processes.submit(_be_there)

    def compare(self, pairs: Mapping[Key, Pair]) -> dict[Key, Apart]:
        """What facts say of pairs; nothing where they are few, or where the processes died."""
        is_worth_it = len(pairs) >= (MIN_PAIRS if self._processes is None else MIN_MORE_PAIRS)
        if self._start is None or not is_worth_it:
            return {}
        if self._processes is None:
            self._processes = self._start()
        # Those of one original together: its text is read once.
        keys = sorted(pairs, key=lambda key: (key[1], key[0]))
        found = self._map(_compare_all, _chunks([pairs[key] for key in keys], CHUNK))
        return {} if found is None else dict(zip(keys, found, strict=True))

    def _map(
        self, work: Callable[[Sequence[T]], list[R]], chunks: Sequence[Sequence[T]]
    ) -> list[R] | None:
        """What the processes make of chunks; None where they died: from then on this one works."""
        assert self._processes is not None
        try:
            return [one for some in self._processes.map(work, chunks) for one in some]
        except BrokenProcessPool:
            self._start = self._processes = None
            return None


def _chunks(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[at : at + size] for at in range(0, len(items), size)]


def _be_there() -> None:
    """Nothing: a process that has done it is there."""


def _compare_all(pairs: Sequence[Pair]) -> list[Apart]:
    return [compare_facts(pair) for pair in pairs]
