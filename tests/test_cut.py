"""The layouts that the cutter knows, in other pages' words: what each page comes out as."""

from datetime import UTC, datetime

import pytest

from tasks.rules import load_rules
from tasks.text.cut import cut
from tasks.text.page import Given

RULES = load_rules()
FIELDS = [
    "Farmers in the northern valley have started to flood their fields two weeks early, hoping to "
    "save the seedlings from the heat that the weather office expects.",
    "The water board said on Monday that it would open the sluices for six hours a day, and that "
    "no village would be left without drinking water.",
    "“We have never done this in April,” said one of the growers, who asked not to be named.",
]
CRANES = [
    "The harbour's new cranes arrived on a barge from the north, and half the town stood on the "
    "mole to watch.",
    "Officials said unloading times would fall by a third once crews were trained.",
    "A second delivery is due in March, if the weather holds and the money does.",
]
STRIKE = [
    "Teachers in three districts walked out on Tuesday after talks over class sizes failed for "
    "the fourth time this year.",
    "The ministry called the strike unlawful. Unions said they had given notice in good time.",
]


def page(*lines: str, gap: str = "\n\n") -> str:
    """A page of these lines."""
    return gap.join(lines)


def labels(text: str) -> dict[str, tuple[str, int | None]]:
    """Label and article of each line of a page, by what the line says."""
    return {
        line.strip(): (span.label, span.article)
        for span in cut(text, RULES).spans
        for line in text[span.start : span.end].splitlines()
        if line.strip()
    }


def theme(section: str = "World", end: str = "Continue Reading") -> list[str]:
    """Two stories of a theme that spreads Published, on and By over lines."""
    return [
        *("Connect with us", section, "Valley floods its fields early", "Published", "2 hours ago"),
        *("on", "April 3, 2025", "By", "Marta Lindqvist", *FIELDS, end),
        *(section, "Cranes for the old harbour", "Published", "on", "By", *CRANES, end, "Trending"),
    ]


@pytest.mark.parametrize("gap", ["\n\n", "\n", "\r\n", "\r\n\r\n", "\n\n\n"])
@pytest.mark.parametrize("section", ["World", "wirtschaft", "Política", "Pakistan News"])
def test_published_on_by_with_any_section_and_gap(section, gap):
    """The theme's roll is cut into its stories, whatever the section's name and the line breaks."""
    first, second = cut(page(*theme(section), gap=gap), RULES).articles
    assert (first.title, second.title) == (
        "Valley floods its fields early",
        "Cranes for the old harbour",
    )
    assert first.section == second.section == section
    assert first.text == "\n\n".join(FIELDS)
    assert second.text == "\n\n".join(CRANES)
    assert first.published_at == datetime(2025, 4, 3, tzinfo=UTC)
    assert first.published_text == "April 3, 2025"
    assert (second.published_at, second.published_text) == (None, None)
    assert (first.authors, second.authors) == (("Marta Lindqvist",), ())


def test_published_on_by_without_trending_or_end():
    """Neither the last end mark nor the heading of the list of other stories is needed."""
    text = page(*[line for line in theme() if line not in ("Trending", "Continue Reading")])
    assert [article.text for article in cut(text, RULES).articles] == [
        "\n\n".join(FIELDS),
        "\n\n".join(CRANES),
    ]


def test_what_stands_around_stories_is_boilerplate():
    """Marks of the page and of its blocks are cut, each by its rule."""
    found = labels(page(*theme()))
    for line in ("Connect with us", "Published", "on", "By", "Continue Reading", "Trending"):
        assert found[line][0] == "boilerplate"


def test_widgets_between_head_and_text_are_cut():
    """Share buttons, players and advertisements are no part of a story."""
    widgets = ("Share", "Tweet", "Listen to this article")
    head = ("Sport", "Cranes for the old harbour", "Published", "on", "By", "Jo Park")
    text = page(*head, *widgets, CRANES[0], "Advertisement", *CRANES[1:], "Continue Reading")
    (article,) = cut(text, RULES).articles
    assert article.text == "\n\n".join(CRANES)
    assert article.authors == ("Jo Park",)


def test_a_byline_block_names_persons_among_offices_and_places():
    """Organisation and place beside the writer are byline, but no authors."""
    block = ("Office of the Mayor, Porto (PT)", "Ana Sousa", "Lisbon (Portugal)")
    text = page("Local", "Teachers walk out", "Published", "on", "By", *block, *STRIKE, *CRANES)
    (article,) = cut(text, RULES).articles
    assert article.authors == ("Ana Sousa",)
    assert article.text.startswith(STRIKE[0])
    assert all(labels(text)[line] == ("byline", 0) for line in block)


def test_inline_bylines_stay_in_the_text():
    """``CITY (NAME) :-`` and ``Mr. NAME analysis :`` give dateline and authors, and stay."""
    opening = (
        "Lahore (Tariq R. MEHMOOD) :- Former head of the board Mr. Hassan Qureshi analysis : "
        + STRIKE[0]
    )
    text = page("Local", "Teachers walk out", "Published", "on", opening, *STRIKE[1:], *CRANES)
    (article,) = cut(text, RULES).articles
    assert article.dateline == "Lahore"
    assert set(article.authors) == {"Tariq R. MEHMOOD", "Hassan Qureshi"}
    assert article.text.startswith(opening)


def follow(bullet: str = "  • ", *, gap: str = "\n") -> str:
    """Two stories of a theme with the title above and below ``Updated … / Follow``."""
    return gap.join(
        [
            *("Valley floods its fields early", ""),
            *("A grower stands in a field near Nordhaus on April 2, 2025. (EPA)", "Short Url"),
            *("Updated 3 April 2025", "Follow", "", "Valley floods its fields early", ""),
            f"{bullet}Water board opens the sluices for six hours a day",
            f"{bullet}Growers hope to save their seedlings from the heat",
            *("", f"NORDHAUS: {FIELDS[0]}", *FIELDS[1:], "", ""),
            *("Cranes for the old harbour", "", "Updated 6 sec ago", "Follow", ""),
            *("Cranes for the old harbour", ""),
            f"{bullet}Unloading times to fall by a third by the autumn",
            *("", f"PORT ELIAS/NORDHAUS: {CRANES[0]}", "", CRANES[1], "", CRANES[2]),
        ]
    )


@pytest.mark.parametrize("gap", ["\n", "\r\n"])
@pytest.mark.parametrize("bullet", ["  • ", "- ", "* ", "– "])
def test_updated_follow_with_any_bullet(bullet, gap):
    """Stories, summaries, datelines and dates come out, whatever the bullets."""
    first, second = cut(follow(bullet, gap=gap), RULES).articles
    assert first.title == "Valley floods its fields early"
    assert first.summary == (
        "Water board opens the sluices for six hours a day",
        "Growers hope to save their seedlings from the heat",
    )
    assert (first.dateline, second.dateline) == ("NORDHAUS", "PORT ELIAS/NORDHAUS")
    assert first.published_at == datetime(2025, 4, 3, tzinfo=UTC)
    assert first.text == "\n\n".join([f"NORDHAUS: {FIELDS[0]}", *FIELDS[1:]])
    assert second.text.endswith(CRANES[2])


def test_a_relative_time_is_kept_as_text_and_never_dated():
    """``Updated 6 sec ago`` was true when the page was fetched: no date is made of it."""
    second = cut(follow(), RULES).articles[1]
    assert (second.published_at, second.published_text) == (None, "Updated 6 sec ago")


def test_lines_of_the_updated_block_are_labelled():
    """Both titles, caption, date, summary and buttons of the block have their labels."""
    found = labels(follow())
    assert found["Valley floods its fields early"] == ("title", 0)
    caption = "A grower stands in a field near Nordhaus on April 2, 2025. (EPA)"
    assert found[caption] == ("caption", 0)
    assert found["Updated 6 sec ago"] == ("date", 1)
    assert found["Follow"][0] == found["Short Url"][0] == "boilerplate"


def test_updated_block_without_repeated_title_or_blank_lines():
    """Where the title stands once and no line is blank, *Updated* and *Follow* are enough."""
    head = ("Updated 3 April 2025", "Follow")
    second = ("Cranes for the old harbour", "Updated just now", "Follow", *CRANES)
    text = page("Valley floods its fields early", *head, *FIELDS, *second, gap="\n")
    assert [(article.title, article.text) for article in cut(text, RULES).articles] == [
        ("Valley floods its fields early", "\n\n".join(FIELDS)),
        ("Cranes for the old harbour", "\n\n".join(CRANES)),
    ]


def test_a_date_beside_letter_size_buttons():
    """The line of buttons gives the date; the rest is text."""
    text = page(" date 2024-11-02 + ↺ − 14 px", *FIELDS)
    (article,) = cut(text, RULES).articles
    assert article.published_at == datetime(2024, 11, 2, tzinfo=UTC)
    assert article.published_text == "date 2024-11-02 + ↺ − 14 px"
    assert (article.text, article.title) == ("\n\n".join(FIELDS), None)


def test_plain_text_is_all_kept():
    """A page of sentences and headings is one article, its headings among the text."""
    text = page(FIELDS[0], "Pressure from the north", *FIELDS[1:], gap="\n")
    (article,) = cut(text, RULES).articles
    assert article.text == page(FIELDS[0], "Pressure from the north", *FIELDS[1:])
    assert labels(text)["Pressure from the north"] == ("heading", 0)


@pytest.mark.parametrize(
    ("start", "place"),
    [
        ("Nordhaus: ", "Nordhaus"),
        ("NORDHAUS: ", "NORDHAUS"),
        ("LONDON (Reuters) - ", "LONDON"),
        ("NEW YORK, Jan. 5 (AP) — ", "NEW YORK"),
        ("Berlin (dpa) - ", "Berlin"),
        ("Nordhaus — ", "Nordhaus"),
        ("Note: ", None),
        ("Update: ", None),
        ("Our view — ", None),
        ("", None),
    ],
)
def test_datelines(start, place):
    """A place before a colon or dash is a dateline; a word of the editor's is none."""
    (article,) = cut(page(start + FIELDS[0], *FIELDS[1:]), RULES).articles
    assert article.dateline == place
    assert article.text.startswith(start + FIELDS[0])


def test_blog_posts_signed_with_name_and_time():
    """Posts that are signed under their text are parted there; the date stands above the title."""
    text = page(
        *("Skip to main content", "3 APRIL 2025", "Valley floods its fields early", *FIELDS),
        *("Posted by Marta Lindqvist at 10:28 PM", "16 comments:", "Labels: water, fields"),
        *("4 APRIL 2025", "Cranes for the old harbour", *CRANES),
        *("Posted by admin at 9:05 AM", "2 comments:", "Labels: harbour"),
    )
    first, second = cut(text, RULES).articles
    assert (first.title, first.authors) == ("Valley floods its fields early", ("Marta Lindqvist",))
    assert (second.title, second.authors) == ("Cranes for the old harbour", ())
    assert (first.published_at, second.published_at) == (
        datetime(2025, 4, 3, tzinfo=UTC),
        datetime(2025, 4, 4, tzinfo=UTC),
    )
    assert second.text == "\n\n".join(CRANES)


def test_stories_ended_by_read_more():
    """Stories with a link's label at their end are parted there; buttons between are cut."""
    share = ("Read more", "Share this:", "Facebook", "Twitter")
    text = page(
        *("Home", "News", "Contact", "Search"),
        *("Valley floods its fields early", "By Marta Lindqvist | April 3, 2025", *FIELDS, *share),
        *("Cranes for the old harbour", "April 4, 2025", *CRANES, *share),
        *("About us", "Privacy policy", "© 2024 All rights reserved"),
    )
    first, second = cut(text, RULES).articles
    assert (first.title, first.authors) == ("Valley floods its fields early", ("Marta Lindqvist",))
    assert first.published_at == datetime(2025, 4, 3, tzinfo=UTC)
    assert (second.title, second.text) == ("Cranes for the old harbour", "\n\n".join(CRANES))


def test_stories_with_nothing_but_blank_lines_between():
    """Titles after a gap of blank lines begin stories; a name alone under them is the author."""
    long = [*FIELDS, *STRIKE]
    text = "\n\n\n\n".join(
        [
            page("Valley floods its fields early", "Marta Lindqvist", *long),
            page("Cranes for the old harbour", *CRANES, *STRIKE),
        ]
    )
    first, second = cut(text, RULES).articles
    assert (first.title, first.authors) == ("Valley floods its fields early", ("Marta Lindqvist",))
    assert (second.title, second.authors) == ("Cranes for the old harbour", ())


def test_a_page_with_menus_around_one_story():
    """Menus, buttons and lists of other stories are cut; title, name and date are read."""
    menu = ("Startseite", "Politik", "Wirtschaft", "Sport", "Kultur", "Anmelden")
    story = (
        "Die neuen Kräne kamen auf einem Schleppkahn aus dem Norden, und die Stadt sah zu.",
        "Die Behörden sagten, das Entladen werde schneller gehen, sobald alle geschult sind.",
        "Eine zweite Lieferung soll im März kommen, wenn das Wetter hält und das Geld reicht.",
    )
    text = page(
        *menu,
        *("Neue Kräne für den alten Hafen", "Von Lena Ortner", "3. Mai 2024, 10:15 Uhr", *story),
        *("Das könnte Sie auch interessieren", "Streik an drei Schulen", "Impressum"),
        gap="\n",
    )
    result = cut(text, RULES, Given(zone="Europe/Berlin"))
    (article,) = result.articles
    assert (article.title, article.authors) == ("Neue Kräne für den alten Hafen", ("Lena Ortner",))
    assert article.published_at == datetime(2024, 5, 3, 8, 15, tzinfo=UTC)
    assert article.text == "\n\n".join(story)
    assert result.family == "single"


@pytest.mark.parametrize(
    "text", ["", "\n \n", "\x00", "Home\nAbout us\nLogin\n© 2024 Example", "404"]
)
def test_a_page_without_article(text):
    """A page of menus, or of nothing, has no article and is of family none."""
    result = cut(text, RULES)
    assert (result.articles, result.family, result.family_confidence) == ((), "none", 0.0)


def test_the_record_fills_what_the_text_does_not_say():
    """Title and date of a page's record stand in where the text has none."""
    given = Given(title="Valley floods its fields", published="2025-04-03T10:00:00+02:00")
    (article,) = cut(page(*FIELDS), RULES, given).articles
    assert article.title == "Valley floods its fields"
    assert article.published_at == datetime(2025, 4, 3, 8, tzinfo=UTC)


def test_the_record_names_writers_and_section():
    """A record's writers and section stand in too; its site is no writer."""
    given = Given(authors=("Example News", "Ana Sousa"), site="Example News", section="Local")
    (article,) = cut(page(*FIELDS), RULES, given).articles
    assert (article.authors, article.section) == (("Ana Sousa",), "Local")


def test_what_the_text_says_wins_over_the_record():
    """A title and date in the text are taken as the page has them."""
    given = Given(title="Fields", published="2020-01-01")
    text = page("Valley floods its fields early", "April 3, 2025", *FIELDS)
    (article,) = cut(text, RULES, given).articles
    assert article.title == "Valley floods its fields early"
    assert article.published_at == datetime(2025, 4, 3, tzinfo=UTC)


def test_the_layout_says_why():
    """Family, confidence and evidence come with every page that has an article."""
    result = cut(page(*theme()), RULES)
    assert result.family == "published-on-by"
    assert 0 < result.family_confidence <= 1
    assert result.evidence


def test_a_headline_that_ends_like_a_sentence():
    """Right above a whole block, a line with a full stop is the headline too."""
    text = page("World", "The valley floods its fields.", "Published", "on", "By", *FIELDS)
    (article,) = cut(text, RULES).articles
    assert article.title == "The valley floods its fields."


def test_agency_and_first_date_between_updated_and_follow():
    """Short lines between the date and its button are byline and date; published wins."""
    head = ("Updated 15 May 2024 13:05", "Example Wire", "May 14, 2024 10:01", "Follow")
    title = "Valley floods its fields early"
    (article,) = cut(page(title, *head, title, *FIELDS), RULES).articles
    assert article.text == "\n\n".join(FIELDS)
    assert article.published_at == datetime(2024, 5, 14, 10, 1, tzinfo=UTC)
    assert article.authors == ()


def test_a_tail_before_the_end_mark_is_cut():
    """Tags and other stories' titles between a story and its end mark are no text."""
    tail = ("Related Topics:", "Farming", "Up Next", "Cranes are here", "Continue Reading")
    text = page("World", "Valley floods its fields", "Published", "on", "By", *FIELDS, *tail)
    (article,) = cut(text, RULES).articles
    assert article.text == "\n\n".join(FIELDS)
