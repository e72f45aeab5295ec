"""Headlines of single pages: found among menus, decks, teasers and contents, or not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.rules import load_rules
from tasks.text.cut import cut

RULES = load_rules()
HEADLINE = "Harbour town votes for a second ferry across the bay"
BODY = """
The harbour town will have a second ferry from next spring, the council decided on Tuesday night.
Ten of the fourteen members voted for the boat, which will cross the bay every half an hour.

“We have waited for this ferry for twenty years,” said the mayor, who had promised it to voters.
The boat costs four million and will carry sixty cars, half as many as the one that sails today.

Shopkeepers on the far side of the bay hope that the town's visitors will now stay for the evening.
Critics say that the money should have gone to the road along the coast, which floods each winter.
"""
MENU = (
    "Home\nLocal news\nSport\nCulture\nWeather\nOpinion\nBusiness\nTravel\nSign in\nSubscribe\n"
    "Advertise with us\nContact\nSearch\nEvents\nJobs\nNewsletter\n"
)


def title_of(text):
    """The title of a page's one article, with a menu under it."""
    articles = cut(text + MENU, RULES).articles
    assert len(articles) == 1
    return articles[0].title


@pytest.mark.parametrize(
    "head",
    [
        HEADLINE,
        f"{MENU}\n{HEADLINE}\n\nBy Marta Lindqvist\nMay 3, 2024\n",
        f"{MENU}\nHome > Local news > {HEADLINE}\n\n{HEADLINE}\n\nMay 3, 2024\n",
        f"{HEADLINE} - The Bay Herald\n{MENU}\nLocal news\n\n{HEADLINE}\n\nBy Jo Park\n",
        f"{MENU}\n{HEADLINE}\n\nShopkeepers hope for visitors, critics for a road\n\nMay 3, 2024\n",
        f"{MENU}\nLocal news\n\nMay 3, 2024\n\n{HEADLINE}\n\nJo Park\n",
        f"{MENU}\n{HEADLINE}\n\nBy Jo Park\n\nRead more\n\n* Bridge closed for a week\n",
        f"   * Home\n   * Sport\n   * Travel\n   * Search\n\n{HEADLINE}\n\n   By Jo Park, 3 May",
    ],
    ids=["alone", "menu", "path", "document title", "deck", "date above", "teaser", "bullets"],
)
def test_the_headline_is_found(head):
    """Whatever stands around it, the line that says what the text tells is the title."""
    assert title_of(f"{head}\n{BODY}") == HEADLINE


def test_a_site_is_no_title():
    """A page of text alone has its title under the name of the site and its few links."""
    text = f"Jo Park\n\nNotes Photos\n\n{HEADLINE}\n\nMay 3, 2024\n{BODY}{BODY}"
    assert cut(text, RULES).articles[0].title == HEADLINE


@pytest.mark.parametrize("line", ["* Weather", "Sign in", "(BUTTON)", "By Jo Park", "May 3, 2024"])
def test_no_headline_is_made_up(line):
    """A menu, a byline or a date above a text is no title."""
    assert title_of(f"{MENU}\n{line}\n{BODY}") is None


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), max_size=12))
def test_any_lines_above_a_text(lines):
    """Whatever stands above a text, its title is a line of the page, or none."""
    text = "\n".join([*lines, BODY])
    shown = " ".join(text.split())
    for article in cut(text, RULES).articles:
        assert article.title is None or article.title in shown
