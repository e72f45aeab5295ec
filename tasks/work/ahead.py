"""What workers find out about a run's files while its command still loads what the run needs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tasks.read.discover import list_inputs
from tasks.read.formats import format_of
from tasks.read.plan import Piece, measure
from tasks.read.refs import InputRef, Reject
from tasks.work.pool import Asked, ask_ahead

LEAST_BYTES = 1 << 20
"""Of a file that is worth the asking: some 13 ms of work."""
MOST_BYTES = 64 << 20
"""Of all of them: nobody knows yet whether they are new, and the worker is wanted in a second."""

_ASKED: dict[InputRef, Asked[list[Piece] | Reject]] = {}


@contextmanager
def measured_ahead(sources: Sequence[str]) -> Iterator[None]:
    """Have a worker that was started ahead, if one was, measure the files that are named.

    What is in folders or elsewhere is listed and measured when the run plans.
    """
    room = MOST_BYTES
    for source in sources:
        if "://" in source or not Path(source).is_file():
            continue
        for ref in list_inputs([source]):
            if isinstance(ref, InputRef) and LEAST_BYTES <= ref.size <= room:
                kind, _ = format_of(ref.uri)
                asked = ask_ahead(measure, ref, False) if kind.scan else None
                if asked is not None:
                    _ASKED[ref] = asked
                    room -= ref.size
    try:
        yield
    finally:
        _ASKED.clear()


def measure_once(ref: InputRef, last_try: bool) -> list[Piece] | Reject:
    """What was measured ahead of an input, or measure it: it has changed, or the worker failed."""
    asked = _ASKED.pop(ref, None)
    if asked is not None:
        with suppress(Exception):
            return asked.answer()
    return measure(ref, last_try)
