"""Stored pages cut again with today's rules: what would change is staged, with the difference."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.lake.files import read_json, write_json, write_rows
from tasks.lake.staging import PlannedShard
from tasks.lake.tables import dataset, read
from tasks.read.refs import Page
from tasks.read.stored import restore_page
from tasks.schemas import STAGED
from tasks.text.redact import REDACTED_RULE
from tasks.work.cutter import SCORING, Cutter
from tasks.work.deadline import PageTimeout, Watch
from tasks.work.diary import Diary
from tasks.work.difference import COMPARED, as_stored, differ
from tasks.work.job import Job
from tasks.work.rows import Rows, article_id, article_row, fingerprint_row, page_row
from tasks.work.worked import WorkedPage

DIFFS_PER_SHARD = 50
"""Differences that are written down whole; all are counted."""
TABLES = ("pages", "articles", "fingerprints")


@dataclass(frozen=True, slots=True)
class Recut:
    """A shard of stored pages, cut again: paths and counts."""

    name: str
    folder: str
    counts: dict[str, int]
    """``pages_examined pages_changed pages_timeout articles_changed articles_added
    articles_removed``."""
    rules: dict[str, int]
    """Lines that each rule cuts in the pages that change."""
    seconds: dict[str, float]

    def file(self, table: str) -> Path:
        """The staged rows of a table; absent where none changes."""
        return Path(self.folder) / f"{table}.staged"

    def rows(self, table: str) -> pa.Table:
        """The staged rows of a table."""
        if not self.file(table).exists():
            return STAGED[table].schema.empty_table()
        with pq.ParquetFile(self.file(table)) as file:
            return file.read()

    @property
    def bases(self) -> dict[tuple[str, str], str]:
        """By page: the run that wrote the row that the new one was made from."""
        found = read_json(Path(self.folder) / "bases.json") or []
        return {(uri, page_id): run_id for uri, page_id, run_id in found}

    @property
    def diffs(self) -> list[dict[str, Any]]:
        """What changes, article by article, as far as it was written down."""
        return read_json(Path(self.folder) / "diffs.json") or []


def recut_shard(planned: PlannedShard, job: Job) -> Recut:
    """Cut a shard's pages again and stage those that change.

    Raises:
        FileNotFoundError: where somebody rewrote the table since it was planned.
    """
    with Watch() as watch:
        return _Desk(planned, job, watch).work()


class _Desk:
    """Gathers the rows, counts and differences of one shard."""

    def __init__(self, planned: PlannedShard, job: Job, watch: Watch) -> None:
        self.planned = planned
        self.job = job
        self.cutter = Cutter(job)
        self.rows = {table: Rows(table) for table in TABLES}
        self.counts: Counter[str] = Counter()
        self.cuts: Counter[str] = Counter()
        self.bases: list[tuple[str, str, str]] = []
        self.diffs: list[dict[str, Any]] = []
        self.diary = Diary(job.folder / f"{planned.name}.page")
        self.watch = watch

    def work(self) -> Recut:
        for rows in self._read():
            before = self._articles_of(rows)
            for row in rows:
                self._work_page(row, before.get((row["source_uri"], row["page_id"]), {}))
        self.diary.close()
        return self._stage()

    def _read(self) -> Iterator[list[dict[str, Any]]]:
        """Rows of ``pages``, a row group at a time."""
        where = self.job.selection.where(self.cutter.rules.digest)
        fragments = {one.path: one for one in dataset(self.job.lake, "pages").get_fragments()}
        for path, group in read_json(Path(self.planned.file)):
            if path not in fragments:
                message = f"{path}: rewritten since the run began; run it again."
                raise FileNotFoundError(message)
            rows = fragments[path].subset(row_group_ids=[group]).to_table(filter=where)
            yield rows.to_pylist()

    def _articles_of(
        self, pages: list[dict[str, Any]]
    ) -> Mapping[tuple[str, str], dict[int, dict[str, Any]]]:
        """The articles that these pages were cut into, published or withheld, by page and place."""
        uris = pc.field("source_uri").isin(pa.array([row["source_uri"] for row in pages]))
        columns = ["source_uri", "page_id", "position", *COMPARED]
        found: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        for table in ("articles", "duplicates"):
            for row in read(self.job.lake, table, columns, uris).to_pylist():
                found.setdefault((row["source_uri"], row["page_id"]), {})[row["position"]] = row
        return found

    def _work_page(self, row: dict[str, Any], before: dict[int, dict[str, Any]]) -> None:
        if any(span["rule"] == REDACTED_RULE for span in row["spans"]):
            return  # what was forgotten of it stays so
        self.counts["pages_examined"] += 1
        page = restore_page(row)
        worked = WorkedPage(page, self.job.page_seconds, self.job.page_seconds)
        if page.source_uri in self.job.skip:
            self.counts["pages_timeout"] += 1
            return
        self.diary.note(page.source_uri)
        try:
            self.watch.begin(worked.seconds_left)
            if not self._find_change(worked, row, before):
                return
        except PageTimeout:
            self.counts["pages_timeout"] += 1
            return
        finally:
            self.watch.end()
            self.diary.note("")
        self._add(row, worked, before)

    def _find_change(
        self, worked: WorkedPage, row: dict[str, Any], before: dict[int, dict[str, Any]]
    ) -> bool:
        """Cut a page; score its articles, where that brings something else than before."""
        self.cutter.run(self.cutter.cutting, worked)
        if not self._is_changed(row, worked, before):
            return False
        self.cutter.run(SCORING, worked)
        return True

    def _is_changed(
        self, row: dict[str, Any], worked: WorkedPage, before: dict[int, dict[str, Any]]
    ) -> bool:
        spans = [
            (span["start"], span["end"], span["label"], span["article"], span["rule"])
            for span in row["spans"]
        ]
        fresh = [(one.start, one.end, one.label, one.article, one.rule) for one in worked.cut.spans]
        if spans != fresh or len(before) != len(worked.articles):
            return True
        for found in worked.articles:
            old = before.get(found.article.position)
            if old is None or any(
                as_stored(getattr(found.article, name)) != old[name] for name in COMPARED
            ):
                return True
        return False

    def _add(
        self, row: dict[str, Any], worked: WorkedPage, before: dict[int, dict[str, Any]]
    ) -> None:
        """Add the rows of a page that changes."""
        page, run_id, received = worked.page, self.job.run_id, row["received_at"]
        digest = self.cutter.rules_of(page).digest
        self.rows["pages"].add(page_row(page, worked.cut, digest, run_id, received))
        self.bases.append((page.source_uri, page.page_id, row["run_id"]))
        self.counts["pages_changed"] += 1
        for rule, lines in worked.cut_lines():
            self.cuts[rule] += lines
        after = {}
        for one in worked.articles:
            # It was published, or withheld, when its page was received.
            article = article_row(worked, one, run_id, received)
            after[article["position"]] = article
            self.rows["articles"].add(article)
            identity = article["article_id"]
            prints = fingerprint_row(identity, page.source_uri, one.prints, run_id)
            self.rows["fingerprints"].add(prints)
        for position in sorted(before.keys() | after.keys()):
            self._compare(page, position, before.get(position), after.get(position))

    def _compare(
        self, page: Page, position: int, old: dict[str, Any] | None, new: dict[str, Any] | None
    ) -> None:
        if old is None:
            self.counts["articles_added"] += 1
        elif new is None:
            self.counts["articles_removed"] += 1
        elif any(old[name] != new[name] for name in COMPARED):
            self.counts["articles_changed"] += 1
        else:
            return
        if len(self.diffs) < DIFFS_PER_SHARD:
            identity = article_id(page.source_uri, page.page_id, position)
            self.diffs.append(
                {
                    "article_id": identity,
                    "source_uri": page.source_uri,
                    "title": (new or old or {}).get("title"),
                    "lines": differ(old, new),
                }
            )

    def _stage(self) -> Recut:
        folder = self.job.folder / self.planned.name
        for table, gathered in self.rows.items():
            if len(gathered):
                content = gathered.table()
                write_rows(content, folder / f"{table}.staged", STAGED[table], self.job.versions)
        write_json(folder / "bases.json", self.bases)
        write_json(folder / "diffs.json", self.diffs)
        return Recut(
            self.planned.name,
            str(folder),
            dict(self.counts),
            dict(self.cuts),
            dict(self.cutter.seconds),
        )
