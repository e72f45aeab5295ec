"""Read a page that holds one story, or none: find its text by score, then its title and names."""

import re
from collections.abc import Callable, Collection, Sequence

from tasks.compiled import twin
from tasks.text.boilerplate import Scorer, best_stretch, binds_words
from tasks.text.heads import read_head
from tasks.text.lines import has_digit, strip
from tasks.text.marks import Page, is_date_line, same_line
from tasks.text.markup import WEIGHT, find_main
from tasks.text.model import score_by_model
from tasks.text.names import is_byline
from tasks.text.page import Given
from tasks.text.prose import Prose
from tasks.text.signatures import read_around
from tasks.text.story import Layout, Story
from tasks.text.titles import HEAD_LINES, find_same, find_title

_compiled = twin(__name__)
LEAST_WORDS = 10
"""Words of text without which a page has no article."""
HEAD_JUNK = 9
"""First lines of a page, of which a third may be short where there is no menu."""
LEAST_SHARE = 0.5
"""Share of a page's words that the score must keep, where nothing but the score sees chrome."""
MOST_HEAD = 30
"""Lines above the first sentence of a page without chrome, among which its title may be."""
_AMID = ",.;:!?)]}[({"
"""No title begins so, nor does what stands under one."""
_CREDIT = re.compile(r"(?i)\b(?:photo|credit|picture|image)s?:|/getty images\b|\bgetty images\)")
HEAD_OF_TEXT = 3
"""First lines of a text without chrome, among which a day or a name may stand alone."""
_CLEAN_SHARE = 0.85
"""Share of a page's words in sentences from which it is taken for text without chrome."""


def read_single(page: Page, given: Given, score: Scorer = score_by_model) -> Layout:
    """The page as one story; a layout of family ``none`` where it has no text."""
    nothing = Layout("none", 0.0, (), [])
    if not page.said:
        return nothing
    main = find_main(page, given)
    if main is None and _is_clean(page):
        layout = _read_plain(page, given)
    else:
        layout = _read_scored(page, given, weigh_lines(page, main, score), main)
    return layout or nothing


def weigh_lines(
    page: Page, main: Collection[int] | None, score: Scorer = score_by_model
) -> list[float]:
    """Log-odds of each line in ``page.said`` to be of the article.

    They decide a page that has no known layout.

    Args:
        page: The page.
        main: What ``find_main`` says.
        score: What the text alone says.
    """
    scores = score(page)
    if main is None:
        return scores
    return [
        value + (WEIGHT if index in main else -WEIGHT)
        for value, index in zip(scores, page.said, strict=True)
    ]


def _is_clean(page: Page) -> bool:
    """Whether the page is text and hardly anything else, as a feed or an extractor gives it."""
    if _is_bare_of_chrome(page):
        return True
    top = page.said[:HEAD_JUNK]
    if sum([page.words[i] <= 4 and not page.is_ended[i] for i in top]) > len(top) // 3 + 1:
        return False
    most_junk = max(4, len(page.said) // 5)
    is_text = _is_text if _compiled is None else _compiled.is_text
    found: bool = is_text(page, most_junk, _CLEAN_SHARE)
    return found


def _is_text(page: Page, most_junk: int, share: float) -> bool:
    """Whether so great a share of a page's words is in sentences, with few lines besides them."""
    words, good, junk, junk_words = 0, 0, 0, 0
    for index in page.said:
        size = page.words[index]
        words += size
        if page.hits[index] and not page.mark(index, "date-control"):
            junk += 1
            junk_words += size
        elif size >= 8 or page.is_ended[index]:
            good += size
        elif size <= 4:
            junk += 1
            junk_words += size
    return good >= share * (good + junk_words) and good * 2 >= words and junk <= most_junk


def _is_bare_of_chrome(page: Page, most_known: int = 0) -> bool:
    """Whether rules know hardly a line and few are like a menu's: wrapped text, tables, letters.

    A short line with figures in it is a table's or a note's (*Record March 31*), and no menu's.
    """
    size = len(page.said)
    if len(page.known) > most_known or sum(page.words) < 3 * size:  # a blank line has no words
        return False
    short: int = (_count_short if _compiled is None else _compiled.count_short)(page)
    return short * 3 <= size


def _count_short(page: Page) -> int:
    """How many lines have three words at most, no figure, and no end as a sentence has it."""
    few = [index for index in page.said if page.words[index] <= 3 and not page.is_ended[index]]
    return sum([not has_digit(page.texts[index]) for index in few])


def _read_plain(page: Page, given: Given) -> Layout | None:
    """A page that is a title or nothing, a date line or nothing, and text."""
    if not (has_text(page, page.said) or _is_bare_of_chrome(page, len(page.said) // 8)):
        return None
    if not any(map(has_letter, [page.texts[index] for index in page.said[:100]])):
        return None
    if sum(page.words) < LEAST_WORDS:
        return None
    story = Story()
    prose = Prose(page)
    place = _skip_marks(page, story)
    at = _find_plain_title(page, given, place, prose)
    title = None
    if at is not None:
        title = page.text(page.said[at])
        story.set(page.said[at], "title")
        place = at + 1
    place = read_head(page, story, place, len(page.said), title)
    first = page.said[place] if place < len(page.said) else len(page.lines)
    story.body = (first, len(page.lines))
    if place < len(page.said) and not (story.first("byline") and story.first("date")):
        read_around(page, story, place, len(page.said), place if at is None else at, prose)
        _spare_text(page, story, place)
    evidence = ("nearly all of the page is sentences",)
    return Layout("plain", 0.9, evidence, [story])


def _spare_text(page: Page, story: Story, start: int) -> None:
    """Leave lines in the midst of a text to it: a day there is a post's that it quotes."""
    last = page.said[min(start + HEAD_OF_TEXT, len(page.said) - 1)]
    for index in [index for index in story.labels if index > last]:
        story.unset(index)
        story.names.pop(index, None)
        if story.dated == index:
            story.dated = None


def _find_plain_title(page: Page, given: Given, place: int, prose: Prose) -> int | None:
    """The place of the title of a page without chrome: no sentence stands above it."""
    start = (_first_prose if _compiled is None else _compiled.first_prose)(page)
    if start and start <= place + MOST_HEAD:
        at = find_title(page, start, page.said[start:], given, prose)
        if at is not None and at < start and _stands_for_itself(page, at):
            return at
    if place + 1 < len(page.said):
        index = page.said[place]
        is_given = bool(given.title) and same_line(page.text(index), strip(given.title or ""))
        if is_given or (page.is_titleish(index) and _heads_text(page, place)):
            return place
    return None


def _first_prose(page: Page) -> int | None:
    """The place of the first line that is a sentence of eight words or more."""
    return next((p for p, i in enumerate(page.said) if page.is_prose(i, 8)), None)


def _stands_for_itself(page: Page, place: int) -> bool:
    """Whether a line is whole, and of no picture.

    An extractor breaks sentences at links, and they run on below.
    """
    text, below = page.text(page.said[place]), page.text(page.said[place + 1])
    is_whole = not (text[0] in _AMID or below[0] in _AMID or below[0].islower())
    return is_whole and _CREDIT.search(text) is None


def _skip_marks(page: Page, story: Story) -> int:
    return read_head(page, story, 0, len(page.said), None)


def _heads_text(page: Page, place: int) -> bool:
    """Whether a first line is a title: it is no sentence, and text or a head's line follows."""
    index, after = page.said[place], page.said[place + 1]
    if page.is_ended[index] and page.words[index] > 16:
        return False
    text = page.text(after)
    return page.words[after] > page.words[index] or is_date_line(text) or is_byline(text)


def has_text(page: Page, indexes: Sequence[int]) -> bool:
    """Whether lines have words enough, and one of them is a sentence or a part of one."""
    return (_has_text if _compiled is None else _compiled.has_text)(page, indexes)


def _has_text(page: Page, indexes: Sequence[int]) -> bool:
    counts, hits, is_ended = page.words, page.hits, page.is_ended
    words = sum([counts[i] for i in indexes if not (hits[i] and (page.cut_by(i) or page.mark(i)))])
    if words < LEAST_WORDS:
        return False
    long = [index for index in indexes if counts[index] >= 5 and not hits[index]]
    return any(is_ended[i] and has_letter(page.texts[i]) for i in long) or any(
        has_letter(page.texts[i]) and binds_words(page.texts[i]) for i in long
    )


def _has_letter(text: str) -> bool:
    """Whether one of a line's first characters is a letter."""
    return any(map(str.isalpha, text[:500]))


has_letter: Callable[[str], bool] = _has_letter if _compiled is None else _compiled.has_letter


def _read_scored(
    page: Page, given: Given, scores: Sequence[float], main: Collection[int] | None
) -> Layout | None:
    """A page with menus and teasers around one story."""
    chosen = best_stretch(page, scores)
    kept = [index for index, is_kept in zip(page.said, chosen, strict=True) if is_kept]
    share = sum(page.words[i] for i in kept) / max(sum(page.words[i] for i in page.said), 1)
    is_told = main is not None
    is_text = not is_told and share < LEAST_SHARE and _is_bare_of_chrome(page, len(page.said) // 8)
    if is_text and not kept:
        return _read_plain(page, given)
    if not has_text(page, kept):
        return None
    if main is not None:  # an interruption may have cost more than the last lines bring
        chosen = [
            is_kept or (index in main and value > 0)
            for is_kept, index, value in zip(chosen, page.said, scores, strict=True)
        ]
        kept = [index for index, is_kept in zip(page.said, chosen, strict=True) if is_kept]
    start = chosen.index(True)
    story = Story()
    prose = Prose(page)
    title = find_title(page, start, kept, given, prose)
    if title is not None and page.text(page.said[title])[0] in _AMID:
        title = None
    if title is not None:
        story.set(page.said[title], "title")
        above, stop = max(0, title - HEAD_LINES), min(start + 3, len(page.said))
        for place in find_same(page, above, stop, page.text(page.said[title])):
            story.set(page.said[place], "title")
    stop = len(chosen) - chosen[::-1].index(True)
    read_around(page, story, start, stop, title if title is not None else start, prose)
    if is_text:
        kept = list(page.said[title + 1 if title is not None else 0 :])
    story.kept = frozenset(index for index in kept if index not in story.labels)
    if not story.kept:
        return None
    story.body = (min(story.kept), max(story.kept) + 1)
    evidence = [f"one stretch of sentences with {share:.0%} of the page's words"]
    if main is not None:
        evidence.append(f"an extractor that saw the markup takes {len(main)} lines for the article")
    confidence = (0.8 if is_told else 0.6) + (0.15 if is_told else 0.3) * min(share, 1.0)
    return Layout("single", confidence, tuple(evidence), [story])
