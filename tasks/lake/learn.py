"""What a run's pages taught, merged into ``learned``: counts added up, states decided.

Counts come from the shards' staged lines and from no page twice: a page teaches in the run that
publishes an article of it. So the counts are the same however a run was divided into shards,
killed, or run beside another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.compiled import twin
from tasks.lake.runs import Run
from tasks.lake.staging import StagedShard
from tasks.lake.upsert import Replaced, find_replaced
from tasks.schemas import LEARNED, UTC
from tasks.text.marks import ends_sentence
from tasks.text.templates import MASK, is_line

_compiled = twin(__name__)

Keys = npt.NDArray[np.int64]
Owners = npt.NDArray[np.int32]

MIN_PROPOSED = 5
"""Pages: with fewer a template is not shown, and never cut, whoever approved it."""

MIN_ACTIVE = 10
"""Pages: with fewer no template becomes active by itself."""

MIN_SHARE = 0.5
"""Share of the source's known pages from which a template becomes active by itself."""

LAPSE_SHARE = 0.25
"""Share below which it ends by itself: half of the above, so that it doesn't come and go."""

PRUNE_SHARE = 0.1
"""A template on fewer of the pages that came since it was first seen is forgotten, as in lossy
counting (Manku and Motwani 2002): what is kept of a source doesn't grow with its pages."""

MOST_TEMPLATES = 500
"""Of one source; those on most pages are kept. Ten ordinary pages have some 300."""

LINES_AT_ONCE = 1_000_000
"""Lines that are counted at a time: some 50 MB."""

_ADDED = {
    "pages": "sum",
    "position": "sum",
    "kept": "sum",
    "within": "sum",
    "example": "min",
    "first_seen": "min",
    "last_seen": "max",
    # What the lake has of these; new counts bring none.
    "pages_before": "max",
    "state": "max",
    "decided_by": "max",
}
"""How the columns of a template's rows become one."""

_SUMS = pa.schema(
    [pa.field(name, LEARNED.schema.field(name).type) for name in ("source", "template", *_ADDED)]
)


def merge_learned(
    run: Run, shards: Sequence[StagedShard], untaught: Collection[str]
) -> tuple[pa.Table, Replaced] | None:
    """The rows of ``learned`` for the sources that the shards' pages are of, and what they replace.

    None where no page taught anything. Call it under the lake's lock.

    Args:
        run: The run that publishes.
        shards: Its settled shards.
        untaught: By article_id those that teach nothing: copies, and revisions, which are one
            story with what they supersede.
    """
    numbers: dict[str, int] = {}
    taught = [
        _Taught.of(shard, untaught, numbers) for shard in shards if shard.file("lines").exists()
    ]
    if not numbers:
        return None
    found = find_replaced(run.lake, LEARNED.name, pa.array(sorted(numbers)), by="source")
    kept = _frequent_keys(taught, numbers, found.old)
    fresh = [_add_up([one.count(run, kept)]) for one in taught]
    return _decide(run, _add_up([_as_sums(found.old), *fresh]), found.old), found


@dataclass(frozen=True, slots=True)
class _Taught:
    """What a shard's pages teach: which lines, not yet their text."""

    shard: StagedShard
    teaches: npt.NDArray[np.bool_]
    """Which of its pages do."""
    keys: Keys
    """Of the lines of these pages: a hash of source and template, good in this process only."""
    owners: Owners
    """Their sources' numbers."""

    @classmethod
    def of(
        cls, shard: StagedShard, untaught: Collection[str], numbers: dict[str, int]
    ) -> "_Taught":
        """Of a shard; sources that have no number yet get the next."""
        pages = shard.rows("pages", ["source_uri", "page_id", "source"])
        articles = shard.rows("articles", ["source_uri", "page_id", "article_id"])
        is_untaught = pc.is_in(articles["article_id"], pa.array(list(untaught), pa.string()))
        published = _page_keys(articles.filter(pc.invert(is_untaught)))
        teaches = pc.is_in(_page_keys(pages), published).to_numpy()
        sources = pc.unique(pages["source"].filter(pa.array(teaches)))
        numbered = [numbers.setdefault(one, len(numbers)) for one in sources.to_pylist()]
        places = pc.fill_null(pc.index_in(pages["source"], sources), len(numbered)).to_numpy()
        lines = shard.rows("lines", ["page", "template"])
        page = lines["page"].to_numpy()
        owners = np.array([*numbered, -1], np.int32)[places][page]
        keys = _hash_lines(owners, lines["template"])
        is_taught = teaches[page]
        return cls(shard, teaches, keys[is_taught], owners[is_taught])

    def count(self, run: Run, kept: Keys) -> pa.Table:
        """The lines with one of these keys, in the form in which they add up.

        A source's pages are counted under the empty template.
        """
        sources = self.shard.rows("pages", ["source"])["source"]
        lines = self.shard.rows("lines")
        chosen = self.teaches[lines["page"].to_numpy()]
        chosen[chosen] = np.isin(self.keys, kept)
        lines = lines.filter(pa.array(chosen))
        size = len(lines)
        return pa.table(
            {
                "source": sources.take(lines["page"]),
                "template": pc.fill_null(lines["template"], ""),
                "pages": pa.repeat(pa.scalar(1, pa.int64()), size),
                "position": lines["position"],
                "kept": lines["kept"].cast(pa.int64()),
                "within": lines["within"].cast(pa.int64()),
                "example": lines["example"],
                "first_seen": pa.repeat(pa.scalar(run.started_at, UTC), size),
                "last_seen": pa.repeat(pa.scalar(run.started_at, UTC), size),
                "pages_before": pa.nulls(size, pa.int64()),
                "state": pa.nulls(size, pa.string()),
                "decided_by": pa.nulls(size, pa.string()),
            }
        )


def state_of(row: Mapping[str, Any]) -> str:
    """What a template's counts make of it; a person's decision stays.

    A template is proposed from ``MIN_PROPOSED`` pages, and active by itself from ``MIN_ACTIVE``
    pages and ``MIN_SHARE`` of the source's. One that a person should look at stays proposed: of
    a line that the cutter mostly keeps, between paragraphs of a story, and that is no sentence
    ("Ingredients") or whose numbers may be what it says ("The index rose 2%."); and a paragraph,
    which may be syndicated.
    """
    if row["decided_by"] is not None:
        return str(row["state"])
    pages, template = row["pages"], row["template"]
    if not template or pages < MIN_PROPOSED:
        return "seen"
    if not is_line(template):
        return "proposed"
    is_text = row["kept"] * 2 >= pages and row["within"] * 2 >= row["kept"]
    if is_text and (MASK in template or not ends_sentence(template)):
        return "proposed"
    least = LAPSE_SHARE if row["state"] == "active" else MIN_SHARE
    is_furniture = pages >= MIN_ACTIVE and pages >= least * row["source_pages"]
    return "active" if is_furniture else "proposed"


def _page_keys(rows: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(rows["source_uri"], rows["page_id"], "\0")


def _hash_lines(owners: Owners, templates: pa.ChunkedArray) -> Keys:
    """64 bits for each template and the number of its source; null is the empty template."""
    filled = pc.fill_null(templates, "").combine_chunks()
    size = len(filled)
    if _compiled is None:
        pairs = zip(owners.tolist(), filled.to_pylist(), strict=True)
        return np.fromiter(map(hash, pairs), np.int64, size)
    keys = np.empty(size, np.int64)
    if size:
        _, offsets, text = filled.buffers()
        ends = np.frombuffer(offsets, np.int32)[filled.offset : filled.offset + size + 1]
        _compiled.hash_lines(ends, np.frombuffer(text or b"\0", np.uint8), owners, keys)
    return keys


def _frequent_keys(taught: Sequence[_Taught], numbers: Mapping[str, int], old: pa.Table) -> Keys:
    """Keys of the lines of which ``_worth_keeping`` may keep a row.

    Nineteen lines in twenty stand on too few pages of their source. Of one that the lake does not
    know, what is counted here is all there is; so the others' text is never in memory together.
    Lines that share a key by chance are kept for each other's sake.
    """
    of_old = np.array([numbers[one] for one in old["source"].to_pylist()], np.int32)
    known = _hash_lines(of_old, old["template"])
    every = np.arange(len(numbers), dtype=np.int32)
    of_sources = _hash_lines(every, pa.chunked_array([pa.nulls(len(every), pa.string())]))
    source_pages = np.zeros(len(every), np.int64)
    for one in taught:
        source_pages += np.bincount(one.owners[np.isin(one.keys, of_sources)], minlength=len(every))
    parts = 1 + sum(len(one.keys) for one in taught) // LINES_AT_ONCE
    found = [known]
    for part in range(parts):
        chosen = [one.keys % parts == part for one in taught]
        keys, first, pages = np.unique(
            np.concatenate([one.keys[of] for one, of in zip(taught, chosen, strict=True)]),
            return_index=True,
            return_counts=True,
        )
        owners = np.concatenate([one.owners[of] for one, of in zip(taught, chosen, strict=True)])
        found.append(keys[pages >= PRUNE_SHARE * source_pages[owners[first]]])
    return np.unique(np.concatenate(found))


def _add_up(tables: Sequence[pa.Table]) -> pa.Table:
    """One row a source and template; ``position`` is a sum over pages."""
    rows = pa.concat_tables([table.cast(_SUMS) for table in tables])
    return (
        rows.group_by(_SUMS.names[:2]).aggregate(list(_ADDED.items())).rename_columns(_SUMS.names)
    )


def _as_sums(rows: pa.Table) -> pa.Table:
    """Rows of ``learned`` in the form in which they add up."""
    weighted = pc.multiply(rows["position"], pc.cast(rows["pages"], pa.float64()))
    at = rows.schema.get_field_index("position")
    return rows.set_column(at, "position", weighted).select(_SUMS.names)


def _decide(run: Run, summed: pa.Table, old: pa.Table) -> pa.Table:
    """Rows of ``learned`` from sums: pruned, with shares and states; sorted by source and pages."""
    summed = summed.sort_by(
        [("source", "ascending"), ("pages", "descending"), ("template", "ascending")]
    )
    total = _source_pages(summed, summed["source"])
    before = pc.coalesce(summed["pages_before"], _source_pages(old, summed["source"]))
    pages = summed["pages"]
    position = pc.divide(summed["position"], pc.cast(pages, pa.float64()))
    rows = pa.table(
        {
            "source": summed["source"],
            "template": summed["template"],
            "pages": pages,
            "source_pages": total,
            "pages_before": before,
            # Sums of floats differ in their last bits by the order of shards.
            "position": pc.round(position, 6),
            "kept": summed["kept"],
            "within": summed["within"],
            "example": summed["example"],
            "first_seen": summed["first_seen"],
            "last_seen": summed["last_seen"],
            "state": pc.fill_null(summed["state"], "seen"),
            "decided_by": summed["decided_by"],
            "run_id": pa.repeat(pa.scalar(run.run_id), len(summed)),
        }
    )
    rows = rows.filter(pa.array(_worth_keeping(rows)))
    states = rows["state"].to_pylist()
    is_candidate = pc.greater_equal(rows["pages"], MIN_PROPOSED).to_numpy()
    chosen = np.flatnonzero(is_candidate)
    for number, row in zip(chosen, rows.take(pa.array(chosen)).to_pylist(), strict=True):
        states[number] = state_of(row)
    at = rows.schema.get_field_index("state")
    return rows.set_column(at, "state", pa.array(states, pa.string())).cast(LEARNED.schema)


def _source_pages(rows: pa.Table, sources: pa.ChunkedArray) -> pa.Array:
    """For each source how many pages of it the rows know."""
    of_sources = rows.filter(pc.equal(rows["template"], ""))
    place = pc.index_in(sources, value_set=of_sources["source"].combine_chunks())
    return pc.fill_null(of_sources["pages"].combine_chunks().take(place.combine_chunks()), 0)


def _worth_keeping(rows: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows are kept: sources, what a person decided, and templates seen often enough."""
    pages = rows["pages"].to_numpy()
    since = rows["source_pages"].to_numpy() - rows["pages_before"].to_numpy()
    codes = rows["source"].combine_chunks().dictionary_encode().indices.to_numpy()
    first = np.r_[0, np.flatnonzero(np.diff(codes)) + 1][np.cumsum(np.diff(codes, prepend=0) != 0)]
    rank = np.arange(len(codes)) - first
    is_frequent = (pages >= PRUNE_SHARE * since) & (rank <= MOST_TEMPLATES)
    is_source = pc.equal(rows["template"], "").to_numpy()
    is_decided = pc.is_valid(rows["decided_by"]).to_numpy()
    kept: np.ndarray[Any, np.dtype[np.bool_]] = is_frequent | is_source | is_decided
    return kept
