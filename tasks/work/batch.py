"""Pages that go through the stages together, so that a stage finds its tables in the cache."""

from collections.abc import Iterator, Sequence

from tasks.read.refs import Page
from tasks.work.cutter import Cutter
from tasks.work.deadline import PageTimeout, Watch
from tasks.work.diary import Diary
from tasks.work.worked import WorkedPage

MOST_PAGES = 128
"""Alone a page takes a fifth more: each stage puts the last one's tables out of the cache. With 64
it takes a fiftieth more, with 256 a fiftieth less."""
MOST_CHARACTERS = 500_000
"""Pages that are longer together than this go through alone, or nearly so."""


class Batch:
    """Gathers pages, and takes them through a cutter's stages.

    The diary names the page that a stage is at; a page's time is that of all stages.
    """

    def __init__(self, cutter: Cutter, diary: Diary, watch: Watch) -> None:
        self._cutter = cutter
        self._diary = diary
        self._watch = watch
        self._pages: list[WorkedPage] = []
        self._characters = 0

    def add(self, page: Page, seconds: float) -> None:
        """Take a page on, and how long it may take."""
        self._pages.append(WorkedPage(page, seconds, seconds))
        self._characters += len(page.text)

    @property
    def is_full(self) -> bool:
        """Whether it is time to work."""
        return len(self._pages) >= MOST_PAGES or self._characters >= MOST_CHARACTERS

    def work(self) -> Sequence[WorkedPage]:
        """All pages taken on, in order; one that took too long has no seconds left."""
        pages, self._pages, self._characters = self._pages, [], 0
        try:
            for name, stage in self._cutter.stages:
                with self._cutter.clock(name):
                    for worked in self._noted(pages):
                        self._watch.begin(worked.seconds_left)
                        try:
                            stage(worked)
                            worked.seconds_left = self._watch.end()
                        except PageTimeout:
                            worked.seconds_left = 0.0
        finally:
            self._diary.note("")
        return pages

    def _noted(self, pages: Sequence[WorkedPage]) -> Iterator[WorkedPage]:
        """Pages that are not given up, each in the diary."""
        for worked in pages:
            if worked.seconds_left:
                self._diary.note(worked.page.source_uri)
                yield worked
