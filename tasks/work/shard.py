"""The work of one shard: its pages read, cut, scored, fingerprinted, and staged as Parquet."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tasks.lake.seen import Seen, seen_pages
from tasks.lake.staging import PlannedShard, StagedShard, read_parts, stage_shard
from tasks.read.origins import Origin
from tasks.read.pages import PartReader
from tasks.read.refs import Page, Part, Reject
from tasks.versions import reading_version
from tasks.work.batch import Batch
from tasks.work.cutter import Cutter
from tasks.work.deadline import Watch
from tasks.work.diary import Diary
from tasks.work.job import Job
from tasks.work.rows import (
    Rows,
    article_row,
    fingerprint_row,
    line_columns,
    page_row,
    reject_row,
)
from tasks.work.worked import WorkedPage


def cut_shard(planned: PlannedShard, job: Job) -> StagedShard:
    """Take a shard's pages their whole way and stage the rows.

    Raises:
        OSError: a transient one of reading, unless ``job.limits.last_try``; the shard can be
            worked again from its start.
    """
    with Watch() as watch:
        desk = _Desk(planned.name, job, watch)
        parts = read_parts(planned.file)
        for part in parts:
            desk.read_part(part)
        desk.work_batch()
    return desk.stage(parts)


class _Desk:
    """Gathers the rows, counts and seconds of one shard."""

    def __init__(self, name: str, job: Job, watch: Watch) -> None:
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
        self.batch = Batch(self.cutter, self.diary, watch)

    def read_part(self, part: Part) -> None:
        """Read one part, and work its pages, but for the last batch's.

        An input that fails on access is noted, and left out whole later.
        """
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
                    self._reject(item)
                    if item.is_access:
                        self.failed.append(part.input.uri)
            elif seen.has_page(item):
                self.counts["pages_seen"] += 1
            else:
                self._take(origin.dress(item), origin)
        if part.last and part.input.uri not in self.failed:
            self._note_input(part, reader)

    def work_batch(self) -> None:
        """Work the pages that were read and not yet worked."""
        worked = []
        for one in self.batch.work():
            if one.seconds_left:
                worked.append(one)
            else:
                self._reject(_gave_up(one.page, f"took longer than {one.seconds:g} s"))
        with self.cutter.clock("write"):
            self._add(worked)

    def stage(self, parts: Sequence[Part]) -> StagedShard:
        """Write the rows; from here on the shard is finished."""
        self.diary.close()
        folder = self.job.folder / self.name
        with self.cutter.clock("write"):
            rows = {table: gathered.table() for table, gathered in self.rows.items()}
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

    def _take(self, page: Page, origin: Origin) -> None:
        if page.source_uri in self.job.skip:
            self._reject(_gave_up(page, "a worker hung or died on this page and was replaced"))
            return
        self.batch.add(page, origin.page_seconds or self.job.page_seconds)
        if self.batch.is_full:
            self.work_batch()

    def _add(self, pages: Sequence[WorkedPage]) -> None:
        """Add the rows of pages that went through all stages."""
        run_id, at = self.job.run_id, self.job.started_at
        first = len(self.rows["pages"])
        for number, worked in enumerate(pages, first):
            self.rows["lines"].extend(line_columns(number, worked.lines))
            for rule, lines in worked.cut_lines():
                self.cuts[rule] += lines
        self.rows["pages"].add(
            *[
                page_row(one.page, one.cut, self.cutter.rules_of(one.page).digest, run_id, at)
                for one in pages
            ]
        )
        articles = [
            (article_row(worked, one, run_id, at), one.prints)
            for worked in pages
            for one in worked.articles
        ]
        self.rows["articles"].add(*[row for row, _ in articles])
        self.rows["fingerprints"].add(
            *[
                fingerprint_row(row["article_id"], row["source_uri"], prints, run_id)
                for row, prints in articles
            ]
        )
        self.counts += Counter(pages_new=len(pages), articles_cut=len(articles))

    def _reject(self, reject: Reject) -> None:
        tried_with = reading_version(self.job.versions)
        self.rows["rejects"].add(reject_row(reject, self.job.run_id, tried_with))
        self.counts["pages_rejected"] += 1

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
