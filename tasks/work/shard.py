"""The work of one shard: its pages read, cut, scored, fingerprinted, and staged as Parquet."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from tasks.dedupe.fingerprint import fingerprint
from tasks.lake.layout import Lake
from tasks.lake.learned import ActiveTemplates
from tasks.lake.retries import Retries
from tasks.lake.seen import Seen, seen_pages
from tasks.lake.staging import PlannedShard, StagedShard, read_parts, stage_shard
from tasks.read.pages import Limits, PartReader
from tasks.read.refs import Page, Part, Reject
from tasks.rules.load import Rules, load_rules
from tasks.text.cut import cut
from tasks.text.language import detect_language
from tasks.text.page import Article, Cut
from tasks.text.quality import Facts, flag_quality
from tasks.text.readability import count_text, score_readability
from tasks.text.repair import repair_article
from tasks.text.templates import seen_lines
from tasks.versions import reading_version
from tasks.work.deadline import PageTimeout, page_deadline
from tasks.work.rows import (
    Rows,
    article_id,
    article_row,
    fingerprint_row,
    line_rows,
    page_row,
    reject_row,
)


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker must know beside the shard."""

    lake: Lake
    folder: Path
    """The run's staging folder."""
    run_id: str
    started_at: datetime
    """UTC; ``ingested_at`` and ``received_at`` of all rows."""
    limits: Limits
    page_seconds: float
    """How long one page may take before it is rejected as ``timeout``."""
    rule_packs: tuple[Path, ...]
    digest: str
    """Of rules, reader, settings and what is learned: what makes staged shards interchangeable."""
    versions: dict[str, str]
    """Written into the files' metadata."""
    skip: frozenset[str] = frozenset()
    """``source_uri`` of pages on which a worker hung or died: rejected untried."""
    replay: frozenset[str] = frozenset()
    """reject_ids that are tried again, because a person asked for it."""

    @property
    def retries(self) -> Retries:
        """Rejects that are not left alone this time."""
        return Retries(reading_version(self.versions), self.replay)


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
        self.rules: Rules = _rules(job.rule_packs)
        self.rows = {
            table: Rows(table)
            for table in ("pages", "articles", "fingerprints", "rejects", "inputs", "lines")
        }
        self.learned = _learned(job.folder)
        self.counts: Counter[str] = Counter()
        self.cuts: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.failed: list[str] = []
        self.diary = _Diary(job.folder / f"{name}.page")

    def work_part(self, part: Part) -> None:
        """Work one part; an input that fails on access is noted, and left out whole later."""
        seen = Seen()
        if part.input.known:
            seen = seen_pages(self.job.lake, [part.input.uri], self.job.retries)
        reader = PartReader(part, self.job.limits)
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
                self._work_page(item, part)
        if part.last and part.input.uri not in self.failed:
            self._note_input(part, reader)

    def stage(self, parts: Sequence[Part]) -> StagedShard:
        """Write the rows; from here on the shard is finished."""
        self.diary.close()
        started = time.perf_counter()
        folder = self.job.folder / self.name
        rows = {table: gathered.table() for table, gathered in self.rows.items()}
        self.seconds["write"] += time.perf_counter() - started
        staged = StagedShard(
            name=self.name,
            run_id=self.job.run_id,
            folder=str(folder),
            digest=self.job.digest,
            counts=dict(self.counts),
            rules=dict(self.cuts),
            seconds=dict(self.seconds),
            failed_inputs=tuple(self.failed),
        )
        stage_shard(self.job.lake, staged, parts, rows, self.job.versions)
        return staged

    def _timed(self, reader: PartReader) -> Iterator[Page | Reject]:
        items = iter(reader)
        while True:
            with self._clock("read"):
                item = next(items, None)
            if item is None:
                return
            yield item

    def _work_page(self, page: Page, part: Part) -> None:
        if page.source_uri in self.job.skip:
            self._reject(
                _gave_up(page, "a worker hung or died on this page and was replaced"), part
            )
            return
        self.diary.note(page.source_uri)
        try:
            with page_deadline(self.job.page_seconds):
                page_cut, articles = self._cut(page)
        except PageTimeout:
            detail = f"took longer than {self.job.page_seconds:g} s"
            self._reject(_gave_up(page, detail), part)
            return
        finally:
            self.diary.note("")
        with self._clock("learn"):
            for row in line_rows(len(self.rows["pages"]), seen_lines(page.text, page_cut.spans)):
                self.rows["lines"].add(row)
        self.rows["pages"].add(
            page_row(page, page_cut, self.rules.digest, self.job.run_id, self.job.started_at)
        )
        self.counts["pages_new"] += 1
        for span in page_cut.spans:
            if span.rule is not None:
                lines = page.text[span.start : span.end].strip().count("\n") + 1
                self.cuts[span.rule] += lines
        for article, prints in articles:
            self.rows["articles"].add(article)
            self.rows["fingerprints"].add(prints)
            self.counts["articles_cut"] += 1

    def _cut(self, page: Page) -> tuple[Cut, list[tuple[dict[str, object], dict[str, object]]]]:
        with self._clock("cut"):
            page_cut = cut(page.text, self.rules, page.given, self.learned.of(page.source))
        share = boilerplate_share(page.text, page_cut)
        return page_cut, [
            self._score(page, page_cut, article, share) for article in page_cut.articles
        ]

    def _score(
        self, page: Page, page_cut: Cut, article: Article, share: float
    ) -> tuple[dict[str, object], dict[str, object]]:
        with self._clock("repair"):
            article, changes = repair_article(article)
        with self._clock("language"):
            language = detect_language(article.text)
        with self._clock("readability"):
            counts = count_text(article.text, language.code)
            scores = score_readability(article.text, language.code)
        with self._clock("quality"):
            flags = flag_quality(
                Facts(article.text, counts, language, article.title, share, bool(changes))
            )
        with self._clock("fingerprint"):
            prints = fingerprint(article.text)
        job = self.job
        identity = article_id(page.source_uri, page.page_id, article.position)
        return (
            article_row(
                page,
                page_cut,
                article,
                language,
                counts,
                scores,
                flags,
                share,
                job.run_id,
                job.started_at,
            ),
            fingerprint_row(identity, page.source_uri, prints, job.run_id),
        )

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

    @contextmanager
    def _clock(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - started


class _Diary:
    """A file that names the page being worked, for who must find out what a worker hung on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb", buffering=0)

    def note(self, source_uri: str) -> None:
        content = source_uri.encode()
        self._file.seek(0)
        self._file.write(content)
        self._file.truncate(len(content))

    def close(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


def boilerplate_share(text: str, page_cut: Cut) -> float:
    """Characters cut as boilerplate over all of the page's that are not white space, 0..1."""
    cut_away = kept = 0
    for span in page_cut.spans:
        size = len("".join(text[span.start : span.end].split()))
        if span.label == "boilerplate":
            cut_away += size
        else:
            kept += size
    return cut_away / (cut_away + kept) if cut_away else 0.0


def _gave_up(page: Page, detail: str) -> Reject:
    return Reject(page.source_uri, "timeout", detail, page_id=page.page_id)


@cache
def _learned(folder: Path) -> ActiveTemplates:
    return ActiveTemplates(folder)


@cache
def _rules(packs: tuple[Path, ...]) -> Rules:
    return load_rules(packs)
