"""Rows of ``articles`` and ``duplicates`` as the verdicts have them."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.decide import Decision, Withheld
from tasks.schemas import TABLES

VERDICT_COLUMNS = ("kept_article_id", "kept_source_uri", "kind", "jaccard", "containment")

BETTER_COPY = "better-copy"
"""Flag of a withheld article that the stated order puts before the one that was kept."""


def part_articles(rows: pa.Table, decision: Decision) -> tuple[pa.Table, pa.Table]:
    """A shard's articles, parted: what is published, linked to what it supersedes, and copies."""
    identities = rows["article_id"].to_pylist()
    mask = pa.array([identity in decision.withheld for identity in identities], pa.bool_())
    return _link(rows.filter(pc.invert(mask)), decision), _with_evidence(
        rows.filter(mask), decision
    )


def unlink(rows: pa.Table, gone: pa.Array) -> pa.Table:
    """Rows of ``articles`` whose link to an article that is gone is null."""
    kept = pc.if_else(pc.is_in(rows["supersedes"], gone), None, rows["supersedes"])
    at = rows.schema.get_field_index("supersedes")
    return rows.set_column(at, rows.schema.field(at), kept)


def _link(rows: pa.Table, decision: Decision) -> pa.Table:
    superseded = [decision.supersedes.get(one) for one in rows["article_id"].to_pylist()]
    return _with_column(rows, "supersedes", superseded)


def _with_evidence(copies: pa.Table, decision: Decision) -> pa.Table:
    verdicts = [decision.withheld[one] for one in copies["article_id"].to_pylist()]
    schema = TABLES["duplicates"].schema
    for column in VERDICT_COLUMNS:
        values = [getattr(verdict, column) for verdict in verdicts]
        copies = copies.append_column(
            schema.field(column), pa.array(values, schema.field(column).type)
        )
    pairs = zip(copies["quality_flags"].to_pylist(), verdicts, strict=True)
    return _with_column(copies, "quality_flags", [_flags(flags, one) for flags, one in pairs])


def _flags(flags: list[str], verdict: Withheld) -> list[str]:
    return [*flags, BETTER_COPY] if verdict.is_better else flags


def _with_column(rows: pa.Table, name: str, values: list[Any]) -> pa.Table:
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type))
