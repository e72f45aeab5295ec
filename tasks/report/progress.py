"""Who is told how far a run has come: a terminal's bar, plain lines, or nobody."""

from contextvars import ContextVar
from typing import Protocol


class Progress(Protocol):
    """Listens to a run."""

    def say(self, message: str) -> None:
        """A stage begins."""
        ...

    def warn(self, message: str) -> None:
        """Something happened that a person should know."""
        ...

    def begin(self, pages: int) -> None:
        """Cutting begins, of about so many pages."""
        ...

    def advance(self, pages: int) -> None:
        """So many more pages are cut."""
        ...


class Silent:
    """Nobody listens."""

    def say(self, message: str) -> None:
        """Do nothing."""

    def warn(self, message: str) -> None:
        """Do nothing."""

    def begin(self, pages: int) -> None:
        """Do nothing."""

    def advance(self, pages: int) -> None:
        """Do nothing."""


PROGRESS: ContextVar[Progress] = ContextVar("progress", default=Silent())  # noqa: B039  # has no state
