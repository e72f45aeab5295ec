"""Rows of the tables from pages, articles and rejects, gathered column by column."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa

from tasks.dedupe.fingerprint import PARAMETERS, Fingerprint
from tasks.read.refs import Page, Reject
from tasks.read.rejects import reject_id
from tasks.schemas import SPAN, STAGED
from tasks.text.page import Cut, Span
from tasks.text.templates import SeenLine
from tasks.work.worked import WorkedArticle, WorkedPage

ROWS_AT_ONCE = 1_024
"""Rows that are Python objects at a time: those of a shard of 8,000 pages would be 230 MB."""


class Rows:
    """A growing table: a list a column, put into Arrow's columns a thousand rows at a time."""

    def __init__(self, table: str) -> None:
        self._schema: pa.Schema = STAGED[table].schema
        self._columns: dict[str, list[Any]] = {name: [] for name in self._schema.names}
        self._parts: list[pa.RecordBatch] = []
        self._size = 0
        """Rows in the parts."""

    def add(self, *rows: Mapping[str, Any]) -> None:
        """Add rows that have a value, or None, for every column."""
        for name, column in self._columns.items():
            column += [row[name] for row in rows]
        self._part()

    def extend(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Add rows that come in columns, with a value, or None, for each column."""
        for name, column in self._columns.items():
            column += columns[name]
        self._part()

    def table(self) -> pa.Table:
        """All rows so far."""
        self._part(1)
        return pa.Table.from_batches(self._parts, self._schema)

    def __len__(self) -> int:
        return self._size + self._waiting

    @property
    def _waiting(self) -> int:
        return len(next(iter(self._columns.values())))

    def _part(self, least: int = ROWS_AT_ONCE) -> None:
        """Put the rows that wait into Arrow's columns, if they are enough."""
        if self._waiting < least:
            return
        columns = {
            name: _spans(column) if name == "spans" else column
            for name, column in self._columns.items()
        }
        part = pa.record_batch(columns, schema=self._schema)
        self._parts.append(part)
        self._size += part.num_rows
        for column in self._columns.values():
            column.clear()


def article_id(source_uri: str, page_id: str, position: int) -> str:
    """sha256, hex, of where an article stands: the same whenever its page is cut again."""
    return hashlib.sha256(f"{source_uri}\0{page_id}\0{position}".encode()).hexdigest()


def page_row(page: Page, cut: Cut, rules_version: str, run_id: str, at: datetime) -> dict[str, Any]:
    """A row of ``pages``; its spans become rows of their own in ``Rows``."""
    return {
        "source_uri": page.source_uri,
        "page_id": page.page_id,
        "source": page.source,
        "url": page.url,
        "encoding": page.encoding,
        "raw": page.raw,
        "text": page.text,
        "spans": cut.spans,
        "family": cut.family,
        "family_confidence": cut.family_confidence,
        "articles": len(cut.articles),
        "rules_version": rules_version,
        "run_id": run_id,
        "received_at": at,
        "fetched_at": page.given.fetched_at,
        "declared": None if page.declared is None else asdict(page.declared),
    }


def article_row(
    worked: WorkedPage, one: WorkedArticle, run_id: str, at: datetime
) -> dict[str, Any]:
    """A row of ``articles``."""
    page, article, counts = worked.page, one.article, one.counts
    return {
        "article_id": article_id(page.source_uri, page.page_id, article.position),
        "page_id": page.page_id,
        "run_id": run_id,
        "source_uri": page.source_uri,
        "source": page.source,
        "url": page.url,
        "position": article.position,
        "articles_in_page": len(worked.articles),
        "title": article.title,
        "authors": list(article.authors),
        "section": article.section,
        "dateline": article.dateline,
        "published_at": article.published_at,
        "published_text": article.published_text,
        "summary": list(article.summary),
        "text": article.text,
        "text_sha256": hashlib.sha256(article.text.encode()).hexdigest(),
        "language": one.language.code,
        "language_confidence": one.language.confidence,
        "characters": counts.characters,
        "words": counts.words,
        "sentences": counts.sentences,
        "reading_seconds": counts.reading_seconds,
        "readability": one.scores,
        "quality_flags": list(one.flags),
        "boilerplate_share": worked.share,
        "supersedes": None,
        "ingested_at": at,
    }


def fingerprint_row(
    identity: str, source_uri: str, print_: Fingerprint, run_id: str
) -> dict[str, Any]:
    """A row of ``fingerprints``."""
    return {
        "article_id": identity,
        "source_uri": source_uri,
        "text_hash": print_.text_hash,
        "signature": print_.signature,
        "shingles": print_.shingles,
        "parameters": PARAMETERS,
        "run_id": run_id,
    }


def reject_row(reject: Reject, run_id: str, tried_with: str) -> dict[str, Any]:
    """A row of ``rejects``, as of a first attempt.

    ``tried_with`` is ``tasks.versions.reading_version`` of the run.
    """
    return {
        "reject_id": reject_id(reject.source_uri, reject.page_id, reject.head),
        "source_uri": reject.source_uri,
        "page_id": reject.page_id,
        "reason": reject.reason,
        "detail": reject.detail,
        "head": reject.head or None,
        "attempts": 1,
        "first_run_id": run_id,
        "run_id": run_id,
        "tried_with": tried_with,
        "discarded_by": None,
    }


def line_columns(page: int, lines: Sequence[SeenLine]) -> dict[str, list[Any]]:
    """Columns of ``lines``: a row for the page itself, then one a line.

    ``page`` is the page's row among the shard's pages.
    """
    return {
        "page": [page] * (1 + len(lines)),
        "template": [None, *[line.template for line in lines]],
        "example": [None, *[None if one.text == one.template else one.text for one in lines]],
        "position": [0.0, *[line.position for line in lines]],
        "kept": [False, *[line.is_kept for line in lines]],
        "within": [False, *[line.is_within for line in lines]],
    }


def _spans(column: Sequence[Sequence[Span]]) -> pa.Array:
    """The column of pages' spans: each field in one go, without an object a span in between."""
    ends = pa.array(accumulate(map(len, column), initial=0), pa.int32())
    spans = list(chain.from_iterable(column))
    fields = [
        pa.array([span.start for span in spans], pa.int32()),
        pa.array([span.end for span in spans], pa.int32()),
        pa.array([span.label for span in spans], pa.string()),
        pa.array([span.article for span in spans], pa.int32()),
        pa.array([span.rule for span in spans], pa.string()),
    ]
    return pa.ListArray.from_arrays(ends, pa.StructArray.from_arrays(fields, fields=list(SPAN)))
