"""Verdicts on pairs worked out ahead of their turn, by processes beside this one."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from types import TracebackType

from tasks.dedupe.twins import are_apart_by_titles
from tasks.dedupe.verdicts import Measured, Verdict, judge_measured

# A pair takes some 5 ms, a process 0.5 s to start: with fewer pairs this one is done before.
MIN_PAIRS = 200
CHUNK = 8
"""Pairs handed to a process at a time."""

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Titled:
    """One side of a pair."""

    title: str | None
    text: Measured


def judge_titled(copy: Titled, original: Titled) -> Verdict:
    """The verdict on two texts; its kind is None where their titles say two stories."""
    verdict = judge_measured(copy.text, original.text)
    if verdict.kind is not None and are_apart_by_titles(
        copy.title, copy.text.text, original.title, original.text.text
    ):
        return replace(verdict, kind=None)
    return verdict


class Ahead:
    """Judges many pairs at once; its processes are started with the first pairs.

    What it says is what ``judge_titled`` says: a decision does not hang on whether it was asked.
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
            self._processes.shutdown(cancel_futures=True)

    @property
    def is_there(self) -> bool:
        """Whether it judges anything."""
        return self._start is not None

    def judge(self, pairs: Mapping[Key, tuple[Titled, Titled]]) -> dict[Key, Verdict]:
        """The verdicts on pairs; none where they are few, or where the processes died."""
        if self._start is None or (self._processes is None and len(pairs) < MIN_PAIRS):
            return {}
        if self._processes is None:
            self._processes = self._start()
        sides = list(pairs.values())
        chunks = [sides[at : at + CHUNK] for at in range(0, len(sides), CHUNK)]
        try:
            judged = [one for found in self._processes.map(_judge_chunk, chunks) for one in found]
        except BrokenProcessPool:
            self._start = None  # this process judges them in their turn
            return {}
        return dict(zip(pairs, judged, strict=True))


def _judge_chunk(pairs: Sequence[tuple[Titled, Titled]]) -> list[Verdict]:
    return [judge_titled(*pair) for pair in pairs]
