"""Rows of ``articles`` and ``duplicates`` as the verdicts have them."""

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.decide import Decision
from tasks.schemas import TABLES

VERDICT_COLUMNS = ("kept_article_id", "kept_source_uri", "kind", "jaccard", "containment")

BETTER_COPY = "better-copy"
"""Flag of a withheld article that the stated order puts before the one that was kept."""


def part_articles(rows: pa.Table, decision: Decision) -> tuple[pa.Table, pa.Table]:
    """A shard's articles, parted: what is published, linked to what it supersedes, and copies."""
    is_copy = pc.is_in(rows["article_id"], pa.array(list(decision.withheld), pa.string()))
    published, copies = rows.filter(pc.invert(is_copy)), rows.filter(is_copy)
    return _link(published, decision), _with_evidence(copies, decision)


def unlink(rows: pa.Table, gone: pa.Array) -> pa.Table:
    """Rows of ``articles`` whose link to an article that is gone is null."""
    kept = pc.if_else(pc.is_in(rows["supersedes"], gone), None, rows["supersedes"])
    at = rows.schema.get_field_index("supersedes")
    return rows.set_column(at, rows.schema.field(at), kept)


def _link(rows: pa.Table, decision: Decision) -> pa.Table:
    newer, older = (
        pa.array(list(side), pa.string())
        for side in (decision.supersedes, decision.supersedes.values())
    )
    superseded = older.take(pc.index_in(rows["article_id"], newer).combine_chunks())
    rows = _with_column(rows, "supersedes", superseded)
    if not pc.any(pc.equal(pc.list_flatten(rows["quality_flags"]), BETTER_COPY)).as_py():
        return rows
    return _with_flags(
        rows, [_flags(one, is_better=False) for one in rows["quality_flags"].to_pylist()]
    )


def _with_evidence(copies: pa.Table, decision: Decision) -> pa.Table:
    verdicts = [decision.withheld[one] for one in copies["article_id"].to_pylist()]
    schema = TABLES["duplicates"].schema
    for column in VERDICT_COLUMNS:
        values = [getattr(verdict, column) for verdict in verdicts]
        copies = copies.append_column(
            schema.field(column), pa.array(values, schema.field(column).type)
        )
    pairs = zip(copies["quality_flags"].to_pylist(), verdicts, strict=True)
    return _with_flags(
        copies, [_flags(given, is_better=verdict.is_better) for given, verdict in pairs]
    )


def _flags(flags: list[str], *, is_better: bool) -> list[str]:
    """Flags with or without ``BETTER_COPY``: one withheld before may be published now."""
    others = [flag for flag in flags if flag != BETTER_COPY]
    return [*others, BETTER_COPY] if is_better else others


def _with_flags(rows: pa.Table, flags: list[list[str]]) -> pa.Table:
    kind = rows.schema.field("quality_flags").type
    return _with_column(rows, "quality_flags", pa.array(flags, kind))


def _with_column(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, rows.schema.field(at), values)
