"""What became of a run's characters, and real lines that its rules cut."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from tasks.lake.layout import Lake
from tasks.report.html.told import ToldRun
from tasks.report.past import rows_since
from tasks.text.page import LABELS

SAMPLES = 2
"""Cuts that are shown of a rule, from different pages."""
SHORT = 160
"""Characters that are shown of a line that was cut."""
AROUND = 70
"""Characters that are shown of the lines around it."""
MOST_LINES = 3
"""Of one cut; a menu may have a hundred."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A cut, with what stands around it on the page."""

    source_uri: str
    before: str
    """The last line above it that is not blank and was not cut; empty where there is none."""
    cut: tuple[str, ...]
    """Lines that went, the first few."""
    more: int
    """Lines that went and are not shown."""
    after: str
    """The first line below it that stayed; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """The characters of a run's pages."""

    pages: int
    empty_pages: int
    """Pages without an article."""
    characters: Mapping[str, int]
    """By label, in the order of ``LABELS``; white space between lines is ``blank``."""
    samples: Mapping[str, tuple[Sample, ...]]
    """By rule."""


@dataclass
class _Tally:
    pages: int = 0
    empty: int = 0
    characters: Counter[str] = field(default_factory=Counter)
    chosen: dict[str, list[tuple[ds.Fragment, int, int, int]]] = field(default_factory=dict)
    """By rule: a fragment, a row of it, and where in the page's text the cut begins and ends."""


def measure_cuts(lake: Lake, run: ToldRun, rules: Sequence[str]) -> Cuts:
    """Count the characters of a run's pages by label, and pick cuts of some rules.

    Pages are read a file at a time, without their text; then the text of the few that are shown.
    """
    tally = _Tally(chosen={rule: [] for rule in rules})
    for fragment in rows_since(lake, "pages", run.started_at).get_fragments():
        _count(fragment, run, tally)
    labels = {str(one): tally.characters[one] for one in LABELS if tally.characters[one]}
    return Cuts(tally.pages, tally.empty, labels, _show(tally))


def _count(fragment: ds.Fragment, run: ToldRun, tally: _Tally) -> None:
    columns = ["articles", "spans", "run_id", "received_at"]
    rows = fragment.to_table(columns=columns)
    is_of_run = run.where("received_at")
    numbered = rows.append_column("row", pa.array(range(rows.num_rows), pa.int64()))
    rows = numbered.filter(is_of_run).combine_chunks()
    if not rows.num_rows:
        return
    tally.pages += rows.num_rows
    tally.empty += pc.sum(pc.equal(rows["articles"], 0)).as_py()
    lists = rows["spans"].chunk(0)
    spans = pa.Table.from_struct_array(pc.list_flatten(lists))
    page = pc.list_parent_indices(lists)
    spans = spans.append_column("row", rows["row"].chunk(0).take(page))
    length = pc.cast(pc.subtract(spans["end"], spans["start"]), pa.int64())
    sums = pa.table({"label": spans["label"], "length": length}).group_by("label")
    for one in sums.aggregate([("length", "sum")]).to_pylist():
        tally.characters[one["label"]] += one["length_sum"]
    _choose(fragment, spans, tally)


def _choose(fragment: ds.Fragment, spans: pa.Table, tally: _Tally) -> None:
    """Note cuts of rules that have too few yet, each from a page of its own."""
    for rule, chosen in tally.chosen.items():
        if len(chosen) >= SAMPLES:
            continue
        seen: set[int] = set()
        for one in spans.filter(pc.equal(spans["rule"], rule)).slice(0, 50).to_pylist():
            if one["row"] not in seen and len(chosen) < SAMPLES:
                seen.add(one["row"])
                chosen.append((fragment, one["row"], one["start"], one["end"]))


def _show(tally: _Tally) -> dict[str, tuple[Sample, ...]]:
    """The cuts that were chosen, by rule; of each file all are read at once."""
    wanted: dict[ds.Fragment, set[int]] = {}
    for chosen in tally.chosen.values():
        for fragment, row, _, _ in chosen:
            wanted.setdefault(fragment, set()).add(row)
    pages: dict[tuple[ds.Fragment, int], Mapping[str, Any]] = {}
    for fragment, numbers in wanted.items():
        rows = pa.array(sorted(numbers), pa.int64())
        found = fragment.take(rows, columns=["source_uri", "text", "spans"]).to_pylist()
        pages |= {(fragment, row): page for row, page in zip(sorted(numbers), found, strict=True)}
    return {
        rule: tuple(_sample(pages[fragment, row], start, end) for fragment, row, start, end in cuts)
        for rule, cuts in tally.chosen.items()
    }


def _sample(page: Mapping[str, Any], start: int, end: int) -> Sample:
    text, spans = page["text"], page["spans"]
    stayed = [one for one in spans if one["label"] not in ("boilerplate", "blank")]
    above = [one for one in stayed if one["end"] <= start][-1:]
    below = [one for one in stayed if one["start"] >= end][:1]
    lines = [line for line in text[start:end].splitlines() if line.strip()]
    return Sample(
        source_uri=page["source_uri"],
        before=_last_line(text[above[0]["start"] : above[0]["end"]]) if above else "",
        cut=tuple(map(_short, lines[:MOST_LINES])),
        more=max(len(lines) - MOST_LINES, 0),
        after=_first_line(text[below[0]["start"] : below[0]["end"]]) if below else "",
    )


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= AROUND else f"{line[:AROUND].rpartition(' ')[0] or line[:AROUND]} …"


def _last_line(text: str) -> str:
    line = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
    return (
        line if len(line) <= AROUND else f"… {line[-AROUND:].partition(' ')[2] or line[-AROUND:]}"
    )


def _short(line: str) -> str:
    line = line.strip()
    return line if len(line) <= SHORT else f"{line[:SHORT].rstrip()} …"
