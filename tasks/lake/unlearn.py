"""What pages taught taken back: their lines no longer count in ``learned``."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from tasks.lake.learn import state_of
from tasks.schemas import LEARNED
from tasks.text.page import Span
from tasks.text.templates import SeenLine, seen_lines


class Unlearned:
    """What the pages to forget had taught, source by source."""

    def __init__(self) -> None:
        self._pages: Counter[str] = Counter()
        self._lines: defaultdict[str, defaultdict[str, list[SeenLine]]] = defaultdict(
            lambda: defaultdict(list)
        )

    def add(self, source: str, text: str, spans: Iterable[Mapping[str, Any]]) -> None:
        """Count a page that taught: one of which an article was published."""
        self._pages[source] += 1
        for line in seen_lines(text, [Span(**span) for span in spans]):
            self._lines[source][line.template].append(line)

    @property
    def sources(self) -> list[str]:
        """Whose rows of ``learned`` change."""
        return sorted(self._pages)

    def take_back(self, rows: pa.Table, run_id: str) -> pa.Table:
        """Rows of ``learned`` without what the pages taught; what no other page has is gone."""
        left = [
            row
            for row in (self._less(row, run_id) for row in rows.to_pylist())
            if row["pages"] > 0 or row["decided_by"] is not None
        ]
        return pa.Table.from_pylist(left, schema=LEARNED.schema)

    def _less(self, row: dict[str, Any], run_id: str) -> dict[str, Any]:
        source, template, pages = row["source"], row["template"], row["pages"]
        row["source_pages"] = max(row["source_pages"] - self._pages[source], 0)
        row["run_id"] = run_id
        if not template:
            row["pages"] = max(pages - self._pages[source], 0)
            return row
        lines = self._lines[source].get(template, [])
        left = max(pages - len(lines), 0)
        if lines and left:
            total = row["position"] * pages - sum(line.position for line in lines)
            row["position"] = round(min(max(total / left, 0.0), 1.0), 6)
        row["kept"] = max(row["kept"] - sum(line.is_kept for line in lines), 0)
        row["within"] = max(row["within"] - sum(line.is_within for line in lines), 0)
        row["pages"] = left
        if row["example"] in {line.text for line in lines}:
            row["example"] = template  # the words were the page's
        row["state"] = state_of(row)
        return row
