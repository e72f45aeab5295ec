"""How long, how readable and in what languages a run's articles are, in counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.lake.layout import Lake
from tasks.report.html.told import ToldRun
from tasks.report.past import rows_since

LENGTHS = (0, 50, 100, 150, 200, 300, 400, 600, 800, 1_200, 2_000)
"""Words: lower bounds; the last has no upper one."""
LIX = tuple(range(20, 75, 5))
EASE = tuple(range(0, 100, 10))
SHARES = tuple(n / 10 for n in range(10))


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread over articles."""

    bounds: tuple[float, ...]
    """Lower bounds of the classes; what is below the first belongs to it."""
    counts: tuple[int, ...]
    """Articles, by class."""
    quartiles: tuple[float, float, float] | None
    """None without an article that has the figure."""

    @property
    def total(self) -> int:
        """Articles that have the figure."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Articles:
    """What a run published, counted."""

    count: int
    words: int
    reading_seconds: float
    lengths: Spread
    lix: Spread
    ease: Spread
    """Flesch reading ease; articles in English only."""
    boilerplate: Spread
    """Share of an article's page that was cut."""
    languages: tuple[tuple[str, int], ...]
    """Most first."""
    flags: tuple[tuple[str, int], ...]
    """Quality flags, most first."""


def measure_articles(lake: Lake, run: ToldRun) -> Articles:
    """Count what a run published, as the lake has it now; reads numbers only, no text."""
    names = ["words", "reading_seconds", "language", "quality_flags", "boilerplate_share"]
    columns = {name: pc.field(name) for name in names}
    # The other formulas' scores would be most of what is read.
    columns |= {name: pc.field("readability", name) for name in ("lix", "flesch_reading_ease")}
    written = rows_since(lake, "articles", run.started_at)
    rows = written.to_table(columns=columns, filter=run.where("ingested_at"))
    is_english = pc.equal(rows["language"], "en")
    words = _numbers(rows["words"])
    return Articles(
        count=rows.num_rows,
        words=int(words.sum()),
        reading_seconds=float(_numbers(rows["reading_seconds"]).sum()),
        lengths=spread(words, LENGTHS),
        lix=spread(_numbers(rows["lix"]), LIX),
        ease=spread(_numbers(rows["flesch_reading_ease"].filter(is_english)), EASE),
        boilerplate=spread(_numbers(rows["boilerplate_share"]), SHARES),
        languages=_most(rows["language"]),
        flags=_most(pc.list_flatten(rows["quality_flags"])),
    )


def spread(values: np.ndarray, bounds: Sequence[float]) -> Spread:
    """Values sorted into classes; what lies outside goes to the first or the last."""
    classes = np.clip(np.searchsorted(bounds, values, side="right") - 1, 0, len(bounds) - 1)
    counts = np.bincount(classes, minlength=len(bounds))
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75)) if len(values) else (0.0, 0.0, 0.0)
    quartiles = (float(low), float(middle), float(high)) if len(values) else None
    return Spread(tuple(bounds), tuple(counts.tolist()), quartiles)


def _numbers(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    return np.asarray(pc.drop_null(column).to_numpy(zero_copy_only=False), dtype=float)


def _most(names: pa.ChunkedArray) -> tuple[tuple[str, int], ...]:
    counted = [(one["values"], one["counts"]) for one in pc.value_counts(names).to_pylist()]
    return tuple(sorted(counted, key=lambda item: (-item[1], item[0])))
