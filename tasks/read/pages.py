"""The pages of a part of an input, each either a ``Page`` or a ``Reject``."""

from collections.abc import Iterator
from dataclasses import replace

from tasks.read.formats import format_of
from tasks.read.opened import RefusedError
from tasks.read.refs import HEAD_BYTES, Limits, Page, Part, Reject
from tasks.read.rejects import access_reject
from tasks.read.streams import Stored
from tasks.read.transient import is_transient

__all__ = ["Limits", "PartReader", "read_part"]

_DEFAULT_LIMITS = Limits()

MOST_REJECTS = 1000
"""Rejects of records that a part gives one by one; those after them are told together. Six million
broken records fit into 5 kB of Zstandard."""


class PartReader:
    """An iterator over a part's pages that knows, once it is exhausted, what the input was.

    Raises:
        OSError: From ``next``, where ``is_transient`` says that another try may do, and
            ``limits.last_try`` is not set. All other errors of the input are rejects.
    """

    def __init__(self, part: Part, limits: Limits = _DEFAULT_LIMITS) -> None:
        self.part = part
        self.sha256: str | None = part.sha256
        """Of the input's bytes as stored; None where they were not all read."""
        self.records: int = part.records or 0
        """Pages and rejects that the whole input gives, for a part that was counted before;
        else those given so far."""
        self.accessible = True
        """False once a reject says that the input could not be reached or has changed: then it
        was not read, and must be tried again in the next run."""
        self._limits = limits
        self._pages = _fold(self._read(), part.input.uri)

    def __iter__(self) -> Iterator[Page | Reject]:
        return self

    def __next__(self) -> Page | Reject:
        page = next(self._pages)
        if self.part.records is None:
            self.records += 1
        if isinstance(page, Reject) and page.is_access:
            self.accessible = False
        return page

    def _read(self) -> Iterator[Page | Reject]:
        uri = self.part.input.uri
        kind, packing = format_of(uri)
        stored = Stored(self.part.input, packing)
        try:
            with stored:
                if kind.read is None:
                    detail = f"There is no reader for {kind.name}."
                    yield Reject(uri, "unsupported-format", detail, stored.peek(HEAD_BYTES))
                    return
                try:
                    yield from kind.read(stored, self.part, self._limits)
                finally:
                    self.sha256 = self.part.sha256 or stored.sha256
                stored.verify_unchanged()
        except RefusedError as refused:
            yield Reject(uri, refused.reason, str(refused), stored.head)
        except OSError as error:
            if is_transient(error) and not self._limits.last_try:
                raise
            yield access_reject(uri, error, stored.head)


def _fold(items: Iterator[Page | Reject], input_uri: str) -> Iterator[Page | Reject]:
    """The items, but for ``MOST_REJECTS`` and more rejects of records: one in their place.

    Pages among them are given as they come.
    """
    rejects, more, first = 0, 0, None
    for item in items:
        if isinstance(item, Reject) and item.source_uri != input_uri and not item.is_access:
            rejects += 1
            if rejects > MOST_REJECTS:
                more, first = more + 1, first or item
                continue
        yield item
    if first is not None:
        detail = f"It and {more - 1:,} more records after it are no pages. {first.detail}"
        yield replace(first, detail=detail) if more > 1 else first


def read_part(part: Part, limits: Limits = _DEFAULT_LIMITS) -> PartReader:
    """The pages of ``part`` in order: a reader to iterate over, then to ask about the input."""
    return PartReader(part, limits)
