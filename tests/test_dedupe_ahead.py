"""Verdicts worked out ahead by other processes: the decision is the same."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from tasks.dedupe import ahead
from tasks.dedupe.candidates import Candidate, Candidates, MemoryIndex, MemoryTexts
from tasks.dedupe.decide import Decision, decide
from tasks.dedupe.fingerprint import fingerprint

STORY = (
    "The ferry company of the outer islands has ordered two ships that run on stored power, its "
    "board said on {day}. They will carry {count} cars each and sail from {port} in the spring, "
    "when the new piers are ready. Councillors had asked for quieter ships since a storm broke the "
    "old landing stage, and the harbour master welcomed the news with a wave from his window."
)
TEXTS = {
    f"{day}-{count}-{tail}": STORY.format(day=day, count=count, port=port) + " Read on." * tail
    for day, count, port in (
        ("Monday", 40, "Oakhaven"),
        ("Tuesday", 52, "Millport"),
        ("Friday", 61, "Saltby"),
    )
    for tail in (0, 1, 2)
}


class Broken(ThreadPoolExecutor):
    """Processes that die with their first work."""

    def submit(self, *_: object, **__: object) -> Future:
        """Die."""
        raise BrokenProcessPool


@pytest.fixture(autouse=True)
def _few_pairs(monkeypatch):
    monkeypatch.setattr(ahead, "MIN_PAIRS", 1)


def decided(start: type[Executor] | None) -> Decision:
    """The decision on all texts."""
    candidates = []
    for identity, text in TEXTS.items():
        print_ = fingerprint(text)
        candidates.append(
            Candidate(
                article_id=identity,
                source_uri=f"file:///{identity}",
                source="s",
                words=len(text.split()),
                text_hash=print_.text_hash,
                signature=print_.signature,
                shingles=print_.shingles,
            )
        )
    columns = Candidates.of(candidates)
    with ahead.Ahead(start) as beside:
        return decide(columns, MemoryIndex(), MemoryTexts(TEXTS), ahead=beside)


def test_the_decision_does_not_hang_on_who_judges():
    """Verdicts of other workers are those that the decision finds by itself."""
    alone = decided(None)
    assert alone.withheld
    assert decided(ThreadPoolExecutor) == alone


def test_a_decision_survives_its_workers():
    """Where the processes die, the decision judges the pairs itself."""
    assert decided(Broken) == decided(None)
