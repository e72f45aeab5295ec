"""Copies that a run withheld, beside what they are copies of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.lake.layout import Lake
from tasks.lake.tables import dataset
from tasks.report.html.told import ToldRun
from tasks.report.past import rows_since
from tasks.report.side_by_side import Piece, mark_differences

MOST_GROUPS = 5
COPIES_SHOWN = 2
"""Of a group, those least like the kept one: there the evidence is thinnest."""
COMPARED = 5_000
"""Characters of each text that are compared: some 800 words."""
ROWS_SHOWN = 4
"""Pairs of paragraphs; those that differ first."""
CELL = 500
"""Characters of a paragraph that are shown, roughly."""
SAME, STRANGE = 120, 240
"""Characters that are shown of a stretch that both texts have, or only one of them."""

_OF_ARTICLE = ["article_id", "source", "source_uri", "title", "published_at", "words", "text"]
_EVIDENCE = ["kind", "jaccard", "containment", "kept_article_id", "kept_source_uri"]

Row = tuple[list[Piece], list[Piece]]


@dataclass(frozen=True, slots=True)
class Copy:
    """A withheld article beside the published one."""

    article: Mapping[str, Any]
    kind: str
    jaccard: float
    containment: float
    rows: tuple[Row, ...]
    """Paragraphs of the copy and of the kept article; empty where no word differs there."""
    more: int
    """Rows that are not shown, because they are the same or there are too many."""


@dataclass(frozen=True, slots=True)
class CopyGroup:
    """A published article and its copies of this run."""

    kept_article_id: str
    kept_source_uri: str
    kept: Mapping[str, Any] | None
    """None where it is not published any more."""
    copies: int
    shown: tuple[Copy, ...]


def find_copies(lake: Lake, run: ToldRun) -> tuple[CopyGroup, ...]:
    """The articles for which a run withheld most, most first, with the copies least like them."""
    columns = ["article_id", "source_uri", *_EVIDENCE]
    duplicates = rows_since(lake, "duplicates", run.started_at)
    verdicts = duplicates.to_table(columns=columns, filter=run.where("ingested_at"))
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in verdicts.to_pylist():
        groups.setdefault(row["kept_article_id"], []).append(row)
    largest = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_GROUPS]
    shown = {
        kept: sorted(rows, key=lambda row: (row["jaccard"], row["article_id"]))[:COPIES_SHOWN]
        for kept, rows in largest
    }
    uris = [rows[0]["kept_source_uri"] for rows in shown.values()]
    texts = _find_articles(dataset(lake, "articles"), list(shown), uris)
    copies = [row for rows in shown.values() for row in rows]
    texts |= _find_articles(
        duplicates,
        [row["article_id"] for row in copies],
        [row["source_uri"] for row in copies],
    )
    return tuple(
        CopyGroup(
            kept_article_id=kept,
            kept_source_uri=rows[0]["kept_source_uri"],
            kept=texts.get(kept),
            copies=len(rows),
            shown=tuple(_beside(shown[kept], texts, kept)),
        )
        for kept, rows in largest
    )


def _find_articles(
    table: ds.Dataset, ids: Sequence[str], uris: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Some articles by id, for which the table's ids are read, and no other text than theirs."""
    wanted = pa.array(ids, pa.string())
    may_have = pc.field("source_uri").isin(pa.array(uris, pa.string()))
    found: dict[str, dict[str, Any]] = {}
    for fragment in table.get_fragments(filter=may_have & pc.field("article_id").isin(wanted)):
        is_wanted = pc.is_in(fragment.to_table(columns=["article_id"])["article_id"], wanted)
        places = pc.indices_nonzero(is_wanted)
        if len(places):
            rows = fragment.take(places, columns=_OF_ARTICLE).to_pylist()
            found |= {row["article_id"]: row for row in rows}
    return found


def _beside(
    rows: Sequence[Mapping[str, Any]], texts: Mapping[str, Mapping[str, Any]], kept: str
) -> Iterator[Copy]:
    for row in rows:
        article = texts[row["article_id"]]
        pairs: list[Row] = []
        if kept in texts and row["kind"] != "exact":
            pairs = mark_differences(article["text"][:COMPARED], texts[kept]["text"][:COMPARED])
        differing = [pair for pair in pairs if any(one.differs for one in (*pair[0], *pair[1]))]
        shown = tuple((_cut(left), _cut(right)) for left, right in differing[:ROWS_SHOWN])
        yield Copy(
            article=article,
            kind=row["kind"],
            jaccard=row["jaccard"],
            containment=row["containment"],
            rows=shown,
            more=len(pairs) - len(shown),
        )


def _cut(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces of a paragraph, as far as there is room: long ones without their middle."""
    if sum(len(piece.text) for piece in pieces) <= CELL:
        return list(pieces)
    shown, room = [], CELL
    for number, piece in enumerate(pieces):
        if room <= 0:
            shown.append(Piece("…", False))
            break
        is_last = number + 1 == len(pieces)
        text = _without_middle(piece.text, STRANGE if piece.differs else SAME, is_last)
        shown.append(Piece(text, piece.differs))
        room -= len(text)
    return shown


def _without_middle(text: str, most: int, is_last: bool) -> str:
    if len(text) <= most:
        return text
    end = "" if is_last else text[-most // 3 :].partition(" ")[2]
    return f"{text[: most - len(end)].rpartition(' ')[0]} … {end}".strip()
