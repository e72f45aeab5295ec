"""What is known of a page while it is read: its stories, and which line is what."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.text.marks import Page
from tasks.text.page import Label

LEAST_STORY_WORDS = 40
"""Words of sentences in a stretch that is to be a story of a roll."""


@dataclass(slots=True)
class Story:
    """One story of a page while it is read: which line is what."""

    labels: dict[int, tuple[Label, str | None]] = field(default_factory=dict)
    """Label and rule of each line read so far, by index."""
    body: tuple[int, int] = (0, 0)
    """First line after the head, and one past the last line before the next story or the end."""
    is_clean: bool = False
    """Whether the layout says where the story ends: nothing in it needs to be doubted."""

    kept: frozenset[int] | None = None
    """The lines that are its text, where that is decided already; None where it is not."""
    dated: int | None = None
    """The line that its date is read from, where that is decided already."""

    day_first: bool | None = None
    """Whether the page's dates in numbers put the day first; None where nothing tells."""
    names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The persons that a byline names, where they are read already, by index."""
    _counts: Counter[Label] = field(default_factory=Counter, init=False, repr=False)
    """Lines with each label. A page of dates asks at each whether there is one."""

    def set(self, index: int, label: Label, rule: str | None = None) -> None:
        """Note what a line is."""
        self._uncount(index)
        self.labels[index] = (label, rule)
        self._counts[label] += 1

    def unset(self, index: int) -> None:
        """Forget what a line is."""
        self._uncount(index)
        del self.labels[index]

    def has(self, label: Label) -> bool:
        """Whether a line has the label."""
        return self._counts[label] > 0

    def first(self, *wanted: Label) -> int | None:
        """Index of the first line with one of the labels."""
        return next((i for i in sorted(self.labels) if self.labels[i][0] in wanted), None)

    def by_label(self) -> dict[Label, list[int]]:
        """Indexes of the lines with each label, in order."""
        found: dict[Label, list[int]] = {}
        for index in sorted(self.labels):
            found.setdefault(self.labels[index][0], []).append(index)
        return found

    def all(self, wanted: Label) -> Iterator[int]:
        """Indexes of the lines with a label, in order."""
        return (i for i in sorted(self.labels) if self.labels[i][0] == wanted)

    def _uncount(self, index: int) -> None:
        if index in self.labels:
            self._counts[self.labels[index][0]] -= 1


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page was read: its family, and its stories with their heads."""

    family: str
    confidence: float
    """0..1, no unit."""
    evidence: tuple[str, ...]
    stories: list[Story]

    @property
    def is_weak(self) -> bool:
        """Whether a page of one story with teasers and menus around it may look so too."""
        return len(self.stories) == 1 or self.family == "ended-stories"


def set_bodies(page: Page, stories: list[Story], starts: list[int], heads: list[int]) -> None:
    """Give each story the lines from its head to the next story, or to its end mark."""
    for number, story in enumerate(stories):
        stop = starts[number + 1] if number + 1 < len(starts) else len(page.said)
        stop = max(stop, heads[number])
        for place in range(heads[number], stop):
            mark = page.mark(page.said[place], "story-end", "page-foot")
            if mark is not None and (mark.role == "story-end" or _is_foot(page, place, stop)):
                if mark.role == "story-end" and page.prose_words(place, stop) > LEAST_STORY_WORDS:
                    continue
                story.is_clean, stop = True, place
                break
        else:
            story.is_clean = number + 1 < len(starts)
        first = page.said[heads[number]] if heads[number] < len(page.said) else len(page.lines)
        last = page.said[stop] if stop < len(page.said) else len(page.lines)
        story.body = (min(first, last), last)


def place_of(page: Page, index: int) -> int:
    """Where a line stands in ``page.said``."""
    low, high = 0, len(page.said)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if page.said[middle] < index else (low, middle)
    return low


def _is_foot(page: Page, place: int, stop: int) -> bool:
    """Whether hardly anything is said after a line, up to the end of its story."""
    return page.prose_words(place, stop) < LEAST_STORY_WORDS
