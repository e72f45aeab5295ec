"""A limit on the time that one page may take."""

import signal
import threading
from math import inf
from time import monotonic
from types import FrameType, TracebackType
from typing import Any, Self


class PageTimeout(BaseException):  # an event; no `except Exception` may catch it
    """The page's time is up."""


class Watch:
    """Raises ``PageTimeout`` in work on a page that takes longer than it may.

    Works between Python's byte codes: a call into C that never returns is caught by the pool,
    which kills the worker. Does nothing outside a process's main thread: no signals there.

    The alarm is left to ring when the work that it was set for is long done, and is then set for
    the page of that moment: setting and stopping it cost 10 µs a page, and pages take
    a thousandth of their time.
    """

    def __init__(self) -> None:
        self._until = inf
        """When the time of the page at work is up; never, where none is."""
        self._rings = inf
        """When the alarm is set for; at once, where there is none to set."""
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGALRM, self._ring)
        else:
            self._rings = 0.0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._until = inf
        if self._before is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)

    def begin(self, seconds: float) -> None:
        """Work on a page begins, and may take so long."""
        self._until = until = monotonic() + seconds
        if until < self._rings:
            self._set(until, seconds)

    def end(self) -> float:
        """It has ended; the seconds that it has left, more than 0."""
        until, self._until = self._until, inf
        return max(until - monotonic(), _LEAST)

    def _set(self, until: float, seconds: float) -> None:
        self._rings = until
        signal.setitimer(signal.ITIMER_REAL, max(seconds, _LEAST))

    def _ring(self, number: int, frame: FrameType | None) -> None:
        self._rings = inf
        left = self._until - monotonic()
        if left <= 0:
            self._until = inf
            raise PageTimeout
        if left < inf:
            self._set(self._until, left)


_LEAST = 1e-6
"""Seconds: an alarm in 0 is none."""
