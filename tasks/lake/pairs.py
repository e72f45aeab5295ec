"""Articles that were withheld, or supersede others, each with the one it was verified against."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.tables import check_version, read

MIN_PREFIX = 8
_SHOWN = [
    "article_id",
    "source_uri",
    "source",
    "title",
    "published_at",
    "words",
    "quality_flags",
    "run_id",
    "text",
]
_EVIDENCE = ["kind", "jaccard", "containment", "kept_article_id", "kept_source_uri"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles taken for one story."""

    kind: str
    """``exact``, ``near`` or ``contained``; ``revision`` where both are published."""
    copy: dict[str, Any]
    """The one withheld; of a revision, the one that is superseded."""
    kept: dict[str, Any]
    """The one published; of a revision, the newer."""
    jaccard: float | None
    """As on record, 0..1; None of a revision, where it is measured anew."""
    containment: float | None
    """Likewise."""


@dataclass(frozen=True, slots=True)
class Group:
    """A published article and its copies."""

    kept_article_id: str
    kept_source_uri: str
    copies: int
    kinds: dict[str, int]
    least_jaccard: float
    """0..1; of the copy that is least like it."""


def find_groups(lake: Lake, limit: int) -> list[Group]:
    """The published articles that have most copies, most first.

    Raises:
        LakeError: where there is no lake, or a newer one.
    """
    check_version(lake)
    rows = read(lake, "duplicates", ["kept_article_id", "kept_source_uri", "kind", "jaccard"])
    counted = rows.group_by(["kept_article_id", "kept_source_uri"]).aggregate(
        [("kind", "list"), ("jaccard", "min")]
    )
    groups = [
        Group(
            kept_article_id=row["kept_article_id"],
            kept_source_uri=row["kept_source_uri"],
            copies=len(row["kind_list"]),
            kinds=dict(sorted(Counter(row["kind_list"]).items())),
            least_jaccard=row["jaccard_min"],
        )
        for row in counted.to_pylist()
    ]
    return sorted(groups, key=lambda one: (-one.copies, one.kept_article_id))[:limit]


def find_pairs(lake: Lake, article: str) -> list[Pair]:
    """The pairs that an article is in: as a copy, as the kept one, as a revision or its elder.

    Args:
        lake: Where it is.
        article: Its ``article_id``, or a beginning of ``MIN_PREFIX`` or more characters that no
            other article has.

    Raises:
        SettingError: where no article, or several, have that id, or it is in no pair.
        LakeError: where there is no lake, or a newer one.
    """
    check_version(lake)
    article_id = _find_id(lake, article.strip())
    pairs = [*_copies(lake, article_id), *_revisions(lake, article_id)]
    if not pairs:
        message = (
            f"{article_id}: published; no article was withheld for it, and it supersedes none.\n"
            "`copydesk duplicates` lists those that have copies."
        )
        raise SettingError(message)
    return sorted(pairs, key=lambda pair: (-(pair.jaccard or 0.0), pair.copy["article_id"]))


def _find_id(lake: Lake, article: str) -> str:
    if len(article) < MIN_PREFIX:
        message = f"{article!r}: too short. Give {MIN_PREFIX} or more characters of an article_id."
        raise SettingError(message)
    begins = pc.starts_with(pc.field("article_id"), article)
    found = {
        identity
        for table in ("duplicates", "articles")
        for identity in read(lake, table, ["article_id"], begins)["article_id"].to_pylist()
    }
    if not found:
        message = (
            f"{article}: no such article in {lake}.\n"
            "`copydesk sql` over `duplicates` and `articles` lists their ids."
        )
        raise SettingError(message)
    if len(found) > 1:
        message = f"{article}: {len(found)} articles begin so. Give more characters of the id."
        raise SettingError(message)
    return str(found.pop())


def _copies(lake: Lake, article_id: str) -> Iterator[Pair]:
    is_of = (pc.field("article_id") == article_id) | (pc.field("kept_article_id") == article_id)
    for row in read(lake, "duplicates", [*_SHOWN, *_EVIDENCE], is_of).to_pylist():
        evidence = {name: row.pop(name) for name in _EVIDENCE}
        kept = _published(lake, evidence["kept_article_id"])
        if kept is None:
            message = (
                f"{article_id}: the article it was withheld for, {evidence['kept_article_id']} "
                f"({evidence['kept_source_uri']}), is not in `articles` any more: it was forgotten "
                "or replaced."
            )
            raise SettingError(message)
        yield Pair(evidence["kind"], row, kept, evidence["jaccard"], evidence["containment"])


def _revisions(lake: Lake, article_id: str) -> Iterator[Pair]:
    is_of = (pc.field("article_id") == article_id) | (pc.field("supersedes") == article_id)
    is_linked = is_of & pc.field("supersedes").is_valid()
    for row in read(lake, "articles", [*_SHOWN, "supersedes"], is_linked).to_pylist():
        older = _published(lake, row.pop("supersedes"))
        if older is not None:
            yield Pair("revision", older, row, None, None)


def _published(lake: Lake, article_id: str) -> dict[str, Any] | None:
    wanted = pc.field("article_id").isin(pa.array([article_id]))
    rows: list[dict[str, Any]] = read(lake, "articles", _SHOWN, wanted).to_pylist()
    return rows[0] if rows else None
