"""Which family a page is read as, and what must not be taken for a roll of stories."""

import pytest

from tasks.rules import load_rules
from tasks.text.cut import cut

RULES = load_rules()
BODY = [
    "The council met on Monday to talk about the new bridge over the river, and nobody agreed.",
    "Engineers had warned for years that the old one would not last another winter of ice.",
    "A vote is planned for the autumn, when the new budget is known and the floods are over.",
    "Until then lorries must take the long way round, which costs them an hour each way.",
]


def family(*lines: str, gap: str = "\n\n") -> tuple[str, int]:
    """Family and number of articles of a page of these lines."""
    result = cut(gap.join(lines), RULES)
    return result.family, len(result.articles)


def test_teasers_with_read_more_are_no_stories():
    """Links with a line of text each, under one long story, leave the page one article."""
    teasers = [
        line
        for number in range(5)
        for line in (f"Another story {number}", "A short line of it.", "Read more")
    ]
    menu = ("Home", "News", "Sport", "Contact", "Login")
    assert family(*menu, "A bridge too few", *BODY, *teasers, "© 2024 Example")[1] == 1


def test_a_section_break_is_no_new_story():
    """Blank lines between paragraphs without a title keep a page one article."""
    assert family(BODY[0] + "\n\n", BODY[1] + "\n\n", *BODY[2:]) == ("plain", 1)


def test_one_signed_post_is_one_article():
    """A single post's signature parts nothing."""
    assert family("A bridge too few", *BODY, "Posted by Jo Park at 10:28 PM")[1] == 1


def test_published_as_a_heading_is_no_block():
    """The word alone, without *on* or *by* after it, begins no story."""
    assert family("Published", *BODY)[0] == "plain"


def test_updated_in_a_sentence_is_no_block():
    """A date of update under an article's title, without *Follow*, leaves one article."""
    assert family("A bridge too few", "Updated 3 May 2024", *BODY)[1] == 1


@pytest.mark.parametrize("stories", [2, 3, 7])
def test_as_many_stories_as_blocks(stories):
    """Every block is a story."""
    lines = [
        line
        for number in range(stories)
        for line in ("Local", f"Bridge number {number}", "Published", "on", "By", *BODY)
    ]
    assert family(*lines) == ("published-on-by", stories)


def test_a_block_after_menus():
    """Menus before the first block and a foot after the last belong to no story."""
    lines = ("Home", "News", "Local", "A bridge too few", "Published", "on", "By", *BODY)
    foot = ("Continue Reading", "Trending", "Privacy Policy", "© 2024 Example")
    result = cut("\n\n".join([*lines, *foot]), RULES)
    assert [article.text for article in result.articles] == ["\n\n".join(BODY)]
    assert result.articles[0].section == "Local"


def test_stories_of_a_feed_without_marks():
    """A title with a name and a date under it begins a story, if nearly all else is text."""
    lines = [
        line
        for number in range(3)
        for line in (f"Bridge number {number}", "By Jo Park", f"April {number + 3}, 2025", *BODY)
    ]
    assert family(*lines) == ("headed-stories", 3)


@pytest.mark.parametrize("sign", ["* * *", "-----", "***", "===", "________"])
def test_stories_parted_by_signs(sign):
    """A line of stars or dashes above a title parts stories."""
    assert family("A bridge too few", *BODY, sign, "A ferry too old", *BODY) == ("ruled-stories", 2)


def test_signs_within_a_story_part_nothing():
    """Stars between paragraphs, with no title under them, are a pause in one story."""
    assert family("A bridge too few", *BODY[:2], "* * *", *BODY[2:])[1] == 1
