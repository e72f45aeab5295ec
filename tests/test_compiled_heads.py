"""The compiled twins of titles, signs and names give what Python gives."""

from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.rules import Rules
from tasks.rules.load import load_rules
from tasks.text import (
    boilerplate,
    dates,
    heads,
    names,
    signatures,
    signs,
    single,
    stretches,
    titles,
)
from tasks.text.given_names import given_names
from tasks.text.marks import Page, read_page
from tasks.text.prose import Prose
from tasks.text.story import Story

Twin = Callable[[str], ModuleType]

RULES: Rules = load_rules(())
WORDS = (
    *("Harbour", "harbour", "HARBOUR", "ferry", "Ferry", "Home", "News", "Menu", "the", "The"),
    *("By", "by", "von", "Written by", "Edited by", "Jane", "Alder", "A.", "de", "Van", "Dr."),
    *("Getty Images", "photo", "Photo:", "(AFP)", "cookie", "(BUTTON)", "https://a.example"),
    *("May 3, 2024", "3/4/2024", "2024-05-03", "1999", "12.", "7:30", "3. Mai 2024", "Updated"),
    *("©", "(C)", "Copyright", "›", "|", ">", "»", "{x}", "[more]", "…", "...", "•", "o", "*"),
    *("ß", "İ", "ſ", "Straße", "Zoë", "“Zoë”", "K", "Σίσυφος", "ﬁne", "ª", "²", "٣", "𐐀", "日本語"),
    *(
        "بقلم",
        "محمد علي",
        "記者",
        "홍길동 기자",
        "\u00a0",
        "\u200b",
        "_",
        "___",
        "#",
        "(X)",
        "\x1c",
    ),
)
MARKS = (".", ",", ";", ":", "?", "!", "-", "/", "'", "’", "(", ")", "[", "]")
TEXTS = st.lists(st.sampled_from(WORDS + MARKS) | st.text(max_size=3), max_size=12).flatmap(
    lambda parts: st.sampled_from(("", " ", "  ")).map(lambda gap: gap.join(parts))
)
SENTENCES = (
    "The harbour of the old town will have a new ferry from the spring, the council said.",
    "Jane Alder is a reporter who writes of harbours and of what the sea does to the old town.",
    "Straße und Hafen werden im Mai von der Stadt neu gebaut, sagte “Zoë” am Montag im Rat.",
)
LINES = TEXTS | st.sampled_from((*SENTENCES, "", "Harbour Gets A New Ferry", "Jane Alder", "By"))
PAGES = st.lists(LINES, min_size=1, max_size=40).map("\n".join)


@pytest.fixture(scope="module")
def module(twin_of: Twin) -> Twin:
    """Gives the compiled twin of a module of texts."""
    return lambda name: twin_of(f"tasks.text.{name}")


@pytest.fixture(scope="module", autouse=True)
def python_alone() -> Iterator[None]:
    """Have the reference do the work; given names are read before, as that takes a while."""
    given_names()
    with pytest.MonkeyPatch.context() as patch:
        for one in (boilerplate, heads, names, signatures, signs, single, stretches, titles):
            patch.setattr(one, "_compiled", None)
        yield


@given(TEXTS)
@example("* By Jane Alder")
@example("• By Jane Alder")
@example("o By Jane Alder")
@example("a(X)uthor: Jane Alder")
@example("po\u017fted by Jane Alder")
def test_only_lines_that_cannot_be_bylines_are_not_asked(module: Twin, text: str) -> None:
    """What the twin passes on says the same as Python alone."""
    is_asked = module("names").begins_byline(text)
    assert (is_asked and names._is_byline(text)) == names.is_byline(text)


@given(TEXTS)
def test_the_same_lines_may_name(module: Twin, text: str) -> None:
    """A capitalised word is looked up late, or never, and nothing changes."""
    assert module("names").find_name(text) == names.may_name(text)


@given(st.lists(st.sampled_from((*WORDS, *MARKS)), max_size=6).map(" ".join) | TEXTS)
@example("Jane .de")
@example("Jane D'Alder-Fenn.")
def test_the_same_persons_are_told(module: Twin, text: str) -> None:
    """By the shape of their names."""
    assert module("names").is_person(text) == names._is_person(text)


@given(st.text("0129./-٣年 JanMay,4") | TEXTS)
def test_lines_with_dates_are_asked(module: Twin, text: str) -> None:
    """A line of which it is not asked gives none, though every expression is tried."""
    with pytest.MonkeyPatch.context() as patch:
        every = dates.HAS_YEAR | dates.HAS_NUMBERS | dates.HAS_YEAR_FIRST
        patch.setattr(dates, "_clues", lambda _: every)
        found = dates.find_date(text)
    clues = module("dates").clues(text)
    assert clues & (dates.HAS_YEAR | dates.HAS_NUMBERS) or found is None


def each_start(page: Page) -> Iterator[tuple[int, list[int]]]:
    """Places at which a text might begin, each with the lines of such a text."""
    for start in range(0, len(page.said), 3):
        yield start, [index for index in page.said[start:] if page.words[index] > 4]


@given(PAGES)
def test_the_same_headline_is_found(module: Twin, text: str) -> None:
    """Whatever stands on the page, and wherever its text begins."""
    page, find = read_page(text, RULES), module("titles").find_best
    prose = Prose(page)
    for start, kept in each_start(page):
        for least in (titles.LEAST_TITLE, -99.0):
            given_all = (page, start, kept, prose, titles.WEIGHTS, least)
            assert find(*given_all) == titles._find_best(*given_all)


@given(PAGES, st.integers(2, 90))
def test_the_same_headline_is_found_below_many_lines(module: Twin, text: str, times: int) -> None:
    """More than are looked at, many of them twice and oftener."""
    text = "\n".join([f"{text}\nHarbour"] * times)[:9000]
    page, find = read_page(text, RULES), module("titles").find_best
    start = len(page.said) * 9 // 10
    given_all = (page, start, page.said[start:], Prose(page), titles.WEIGHTS, -99.0)
    assert find(*given_all) == titles._find_best(*given_all)


@given(PAGES, st.sampled_from((None, True, False)))
def test_the_same_dates_and_names_are_found(
    module: Twin, text: str, day_first: bool | None
) -> None:
    """In the same order, for a list of names is in order."""
    page, story = read_page(text, RULES), Story(day_first=day_first)
    if page.said:
        story.set(page.said[len(page.said) // 2], "title")
    numbers = signs._find_numbers(page, signs._NUMBERS)
    assert module("signs").find_numbers(page, signs._NUMBERS) == numbers
    given_all = (page, story, range(len(page.said)), numbers, Prose(page))
    how = (signs._read_line, signs._without_common)
    found = module("signs").find_lines(*given_all, *how)
    wanted = signs._find_lines(*given_all, *how)
    assert [list(one.items()) for one in found] == [list(one.items()) for one in wanted]


@given(PAGES)
def test_the_same_copyrights_are_found(module: Twin, text: str) -> None:
    """At the foot of a page."""
    page = read_page(text, RULES)
    assert module("signs").find_owned(page) == signs._find_owned(page)


@given(PAGES, st.integers(0, 40), st.sampled_from((None, True)))
def test_dates_and_names_weigh_the_same(
    module: Twin, text: str, at: int, day_first: bool | None
) -> None:
    """Wherever title and text stand."""
    page, story = read_page(text, RULES), Story(day_first=day_first)
    if not page.said:
        return
    start = min(at, len(page.said) - 1)
    title, stop = start * 2 // 3, min(start + 9, len(page.said))
    around, twin = signs.look_for(page, story, start, stop, title, Prose(page)), module("describe")
    if around is None:
        return
    weights = signatures.DATE_WEIGHTS
    for place in around.dates:
        wanted = signatures._weigh_date(page, place, around, weights)
        assert twin.weigh_date(page, place, around, weights) == wanted
    weights = signatures.NAME_WEIGHTS
    for place in around.groups:
        wanted = signatures._weigh_name_lines(page, place, around, weights)
        assert twin.weigh_name_lines(page, place, around, weights) == wanted
        wanted = signatures._weigh_persons(place, around, weights)
        assert twin.weigh_persons(place, around, weights) == wanted


@given(PAGES, LINES)
def test_lines_of_heads_are_asked(module: Twin, text: str, title: str) -> None:
    """A line of which Python is not asked is of no head."""
    page = read_page(text, RULES)
    for index in page.said:
        for wanted in (None, title, page.text(index)):
            if not module("heads").may_be_of_head(page, index, wanted):
                assert not heads._read_head_line(page, Story(), index, wanted)


@given(PAGES)
def test_the_same_lines_have_text(module: Twin, text: str) -> None:
    """Lines with words, letters and sentences, and short ones."""
    page, twin = read_page(text, RULES), module("single")
    for indexes in (page.said, page.said[::2]):
        assert twin.has_text(page, indexes) == single._has_text(page, indexes)
    for share in (0.2, 0.85):
        assert twin.is_text(page, 4, share) == single._is_text(page, 4, share)
    assert twin.count_short(page) == single._count_short(page)
    assert twin.first_prose(page) == single._first_prose(page)
    in_python = list(map(boilerplate.binds_words, page.texts))
    assert list(map(twin.binds_words, page.texts)) == in_python
    assert list(map(twin.has_letter, page.texts)) == list(map(single._has_letter, page.texts))


@given(PAGES)
def test_the_same_headings_are_found(module: Twin, text: str) -> None:
    """Within a story."""
    page = read_page(text, RULES)
    kept = list(page.said)
    assert module("boilerplate").find_headings(page, kept) == boilerplate._find_headings(page, kept)


@given(PAGES, LINES)
def test_the_same_lines_say_the_same(module: Twin, text: str, line: str) -> None:
    """But for case, marks that nobody sees, and kinds of quotes."""
    page, find = read_page(text, RULES), module("titles").find_same
    for wanted in (line, *page.texts):
        assert find(page, 0, len(page.said), wanted) == titles._find_same(
            page, 0, len(page.said), wanted
        )


@given(PAGES)
def test_the_same_heads_of_feeds_are_found(module: Twin, text: str) -> None:
    """By the name or the date under each."""
    page = read_page(text, RULES)
    assert module("signs").find_told(page) == stretches._find_told(page)
