"""A limit on the time that one page may take."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class PageTimeout(BaseException):  # an event; no `except Exception` may catch it
    """The page's time is up."""


@contextmanager
def page_deadline(seconds: float) -> Iterator[None]:
    """Raise ``PageTimeout`` in the block when it has taken longer than ``seconds``.

    Works between Python's byte codes: a call into C that never returns is caught by the pool,
    which kills the worker. Does nothing outside a process's main thread: no signals there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise PageTimeout

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
