"""What must never be ingested again: a list of hashes, so that it says nothing of the content."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.schemas import FORGOTTEN
from tasks.text.page import Span
from tasks.text.redact import redact

PageKey = tuple[str, str]
"""(source_uri, page_id)."""

ForgottenKind = Literal["source_uri", "url", "source", "text"]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The list, small enough to be held in memory."""

    hashes: frozenset[tuple[str, str]] = frozenset()
    """(kind, hash)."""

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def has(self, kind: ForgottenKind, value: str | None) -> bool:
        """Whether an address or a name is on the list."""
        return value is not None and (kind, hash_value(value)) in self.hashes

    def has_page(self, source_uri: str, url: str | None, source: str) -> bool:
        """Whether a page is on the list: itself, the file it is in, its address or its source."""
        return (
            self.has("source", source)
            or self.has("source_uri", source_uri)
            or self.has("source_uri", source_uri.partition("#")[0])
            or self.has("url", None if url is None else normalise_url(url))
        )

    def has_text(self, text_hash: int) -> bool:
        """Whether an article is on the list, by its ``text_hash``, wherever it stands."""
        return ("text", _hex(text_hash)) in self.hashes


def read_forgotten(lake: Lake) -> Forgotten:
    """The lake's list."""
    rows = read(lake, FORGOTTEN.name, ["kind", "hash"])
    return Forgotten(
        frozenset(zip(rows["kind"].to_pylist(), rows["hash"].to_pylist(), strict=True))
    )


def forgotten_rows(
    named: Iterable[tuple[ForgottenKind, str]], text_hashes: Iterable[int], run_id: str
) -> pa.Table:
    """Rows of ``forgotten`` for addresses and names, and for articles by their ``text_hash``."""
    hashes = {(kind, hash_value(value)) for kind, value in named}
    hashes |= {("text", _hex(one)) for one in text_hashes}
    rows = [{"kind": kind, "hash": found, "run_id": run_id} for kind, found in sorted(hashes)]
    return pa.Table.from_pylist(rows, schema=FORGOTTEN.schema)


def redact_pages(
    pages: pa.Table, articles: Mapping[PageKey, Collection[int]], run_id: str
) -> pa.Table:
    """Rows of ``pages`` with the text of some articles blotted out, and without their bytes.

    Args:
        pages: Rows.
        articles: Positions of the articles to forget, by page; other pages stay as they are.
        run_id: The run that writes the rows.
    """
    rows = pages.to_pylist()
    for row in rows:
        positions = articles.get((row["source_uri"], row["page_id"]))
        if positions:
            spans = [Span(**span) for span in row["spans"]]
            row["text"], blotted = redact(row["text"], spans, positions)
            row["spans"] = [span._asdict() for span in blotted]
            row["raw"], row["run_id"] = None, run_id
    return pa.Table.from_pylist(rows, schema=pages.schema)


def normalise_url(url: str) -> str:
    """An address as it is compared: without what stands behind ``#``, or a last slash."""
    return url.strip().partition("#")[0].rstrip("/")


def hash_value(value: str) -> str:
    """sha256, hex, of an address or a name."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()


def _hex(text_hash: int) -> str:
    return f"{text_hash & (1 << 64) - 1:016x}"
