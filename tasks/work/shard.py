"""The work of one shard: its pages read, cut, scored, fingerprinted, and staged as Parquet."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence

from tasks.lake.seen import Seen, seen_pages
from tasks.lake.staging import PlannedShard, StagedShard, read_parts, stage_shard
from tasks.read.origins import Origin
from tasks.read.pages import PartReader
from tasks.read.refs import Page, Part, Reject
from tasks.text.templates import seen_lines
from tasks.versions import reading_version
from tasks.work.cutter import Cutter
from tasks.work.deadline import PageTimeout, page_deadline
from tasks.work.diary import Diary
from tasks.work.job import Job
from tasks.work.rows import (
    Rows,
    line_columns,
    page_row,
    reject_row,
)


def cut_shard(planned: PlannedShard, job: Job) -> StagedShard:
    """Take a shard's pages their whole way and stage the rows.

    Raises:
        OSError: a transient one of reading, unless ``job.limits.last_try``; the shard can be
            worked again from its start.
    """
    desk = _Desk(planned.name, job)
    parts = read_parts(planned.file)
    for part in parts:
        desk.work_part(part)
    return desk.stage(parts)


class _Desk:
    """Gathers the rows, counts and seconds of one shard."""

    def __init__(self, name: str, job: Job) -> None:
        self.name = name
        self.job = job
        self.cutter = Cutter(job)
        self.rows = {
            table: Rows(table)
            for table in ("pages", "articles", "fingerprints", "rejects", "inputs", "lines")
        }
        self.counts: Counter[str] = Counter()
        self.cuts: Counter[str] = Counter()
        self.failed: list[str] = []
        self.diary = Diary(job.folder / f"{name}.page")

    def work_part(self, part: Part) -> None:
        """Work one part; an input that fails on access is noted, and left out whole later."""
        seen = Seen()
        if part.input.known:
            seen = seen_pages(self.job.lake, [part.input.uri], self.job.retries)
        origin = self.job.origin_of(part.input)
        reader = PartReader(part, origin.limits(self.job.limits))
        for item in self._timed(reader):
            self.counts["pages_in"] += 1
            if isinstance(item, Reject):
                if seen.has_reject(item):
                    self.counts["pages_seen"] += 1
                else:
                    self._reject(item, part)
            elif seen.has_page(item):
                self.counts["pages_seen"] += 1
            else:
                self._work_page(origin.dress(item), part, origin)
        if part.last and part.input.uri not in self.failed:
            self._note_input(part, reader)

    def stage(self, parts: Sequence[Part]) -> StagedShard:
        """Write the rows; from here on the shard is finished."""
        self.diary.close()
        started = time.perf_counter()
        folder = self.job.folder / self.name
        rows = {table: gathered.table() for table, gathered in self.rows.items()}
        self.cutter.seconds["write"] += time.perf_counter() - started
        staged = StagedShard(
            name=self.name,
            run_id=self.job.run_id,
            folder=str(folder),
            digest=self.job.digest,
            counts=dict(self.counts),
            rules=dict(self.cuts),
            seconds=dict(self.cutter.seconds),
            failed_inputs=tuple(self.failed),
        )
        stage_shard(self.job.lake, staged, parts, rows, self.job.versions)
        return staged

    def _timed(self, reader: PartReader) -> Iterator[Page | Reject]:
        items = iter(reader)
        while True:
            with self.cutter.clock("read"):
                item = next(items, None)
            if item is None:
                return
            yield item

    def _work_page(self, page: Page, part: Part, origin: Origin) -> None:
        if page.source_uri in self.job.skip:
            self._reject(
                _gave_up(page, "a worker hung or died on this page and was replaced"), part
            )
            return
        self.diary.note(page.source_uri)
        seconds = origin.page_seconds or self.job.page_seconds
        try:
            with page_deadline(seconds):
                page_cut = self.cutter.cut(page)
                articles = self.cutter.score_all(page, page_cut)
        except PageTimeout:
            detail = f"took longer than {seconds:g} s"
            self._reject(_gave_up(page, detail), part)
            return
        finally:
            self.diary.note("")
        with self.cutter.clock("learn"):
            lines = seen_lines(page.text, page_cut.spans)
            self.rows["lines"].extend(line_columns(len(self.rows["pages"]), lines))
        self.rows["pages"].add(
            page_row(
                page,
                page_cut,
                self.cutter.rules_of(page).digest,
                self.job.run_id,
                self.job.started_at,
            )
        )
        self.counts["pages_new"] += 1
        for span in page_cut.spans:
            if span.rule is not None:
                self.cuts[span.rule] += page.text[span.start : span.end].strip().count("\n") + 1
        for article, prints in articles:
            self.rows["articles"].add(article)
            self.rows["fingerprints"].add(prints)
            self.counts["articles_cut"] += 1

    def _reject(self, reject: Reject, part: Part) -> None:
        tried_with = reading_version(self.job.versions)
        self.rows["rejects"].add(reject_row(reject, self.job.run_id, tried_with))
        self.counts["pages_rejected"] += 1
        if reject.is_access:
            self.failed.append(part.input.uri)

    def _note_input(self, part: Part, reader: PartReader) -> None:
        seen = part.input
        self.rows["inputs"].add(
            {
                "input_uri": seen.uri,
                "size": seen.size,
                "modified": seen.modified,
                "etag": seen.etag,
                "sha256": part.sha256 or reader.sha256,
                "records": reader.records if part.records is None else part.records,
                "run_id": self.job.run_id,
            }
        )


def _gave_up(page: Page, detail: str) -> Reject:
    return Reject(page.source_uri, "timeout", detail, page_id=page.page_id)
