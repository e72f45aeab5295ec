"""Who a line of a head names as author, with and without a word for *by*."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.rules import load_rules
from tasks.text.cut import cut
from tasks.text.given_names import is_given_name
from tasks.text.names import PREFIX, clean_name, is_person, read_authors, read_byline, read_names
from tasks.text.uncased import is_uncased_name

RULES = load_rules()
BODY = """
The harbour town will have a second ferry from next spring, the council decided on Tuesday night.
Ten of the fourteen members voted for the boat, which will cross the bay every half an hour.

“We have waited for this ferry for twenty years,” said the mayor, who had promised it to voters.
The boat costs four million and will carry sixty cars, half as many as the one that sails today.
"""
HEADLINE = "Harbour town votes for a second ferry across the bay"


@pytest.mark.parametrize(
    "line",
    [
        "Marta Lindqvist", "By Marta Lindqvist", "Marta Lindqvist Marta Lindqvist Marta Lindqvist",
        "Dec 17, 2025 Marta Lindqvist", "12 Comments | Marta Lindqvist | Last Updated: May 3, 2024",
        "0 · by Marta Lindqvist · Updated on 3 May 2024", "3 May 2024 • Local • Marta Lindqvist",
        "Marta Lindqvist (Content Manager)", "Marta Lindqvist   THE HERALD",
        "Marta Lindqvist | The Bay Newsroom", "Picture of Marta Lindqvist Marta Lindqvist",
        "Marta Lindqvist's avatar", "By Marta LindqvistTwitter", "Marta Lindqvist Redakteurin",
        "This post was written by Marta Lindqvist, Head of Communications",
        "By Marta Lindqvist Executive Editor and Master Gardener", "byMarta Lindqvist",
        "by Marta Lindqvist ● May 3, 2024 ● 6 min read", "May 1, 2024May 3, 2024Marta Lindqvist",
        "by Marta Lindqvist May 3, 2024May 8, 2024", "Marta Lindqvist            in",
        "May 3, 2024 · Marta Lindqvist on behalf of the ferry group",
        "Local , Sea | Published: 5 hours ago | Written by Marta Lindqvist",
    ],
)  # fmt: skip
def test_one_author(line):
    """The person alone, without dates, offices, sites and repetitions around."""
    assert read_authors(line) == ("Marta Lindqvist",)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("بقلم: ليلى بن صالح", ("ليلى بن صالح",)),
        ("作者：林小雨", ("林小雨",)),
        ("记者 林小雨、王大山", ("林小雨", "王大山")),
        ("한가람 기자", ("한가람",)),
    ],
)
def test_names_without_capitals(line, names):
    """Scripts without capitals name persons beside a word for by, or for a reporter."""
    assert read_authors(line) == names


def test_a_word_that_begins_like_by():
    """A first name that begins with By keeps its first letters."""
    assert read_authors("Byron Lindqvist") == ("Byron Lindqvist",)


def test_a_name_that_is_a_month_elsewhere():
    """A surname may be a month in another language; a line that begins with one is a date."""
    assert read_authors("By Alma Maio on January 21, 2023") == ("Alma Maio",)
    assert not is_person("January Sales")


@pytest.mark.parametrize(
    "line",
    ["", "read more", "All rights reserved", "May 3, 2024", "Read More | Shop Now", "12 Comments"],
)
def test_no_author(line):
    """Menus, dates and counts name nobody."""
    assert read_authors(line) == ()


@pytest.mark.parametrize(
    ("head", "tail", "authors"),
    [
        ("By Jo Park\nMay 3, 2024", "", ("Jo Park",)),
        ("Jo Park\nSenior Reporter\nMay 3, 2024", "", ("Jo Park",)),
        ("Von\nJo Park\nund\nLena Ortner\n3. Mai 2024", "", ("Jo Park", "Lena Ortner")),
        ("May 3, 2024", "About the author\nJo Park\nJo Park is a reporter.", ("Jo Park",)),
        ("May 3, 2024", "Written by\nJo Park", ("Jo Park",)),
        ("Reviewed by Jo Park\nMay 3, 2024", "", ()),
        ("By\nJo Park\nReporter\nLena Ortner\nReporter", "", ("Jo Park", "Lena Ortner")),
        ("بقلم\nليلى بن صالح", "", ("ليلى بن صالح",)),
        ("Photo: Jo Park\nMay 3, 2024", "", ()),
        ("May 3, 2024", "Privacy Notice\nSite Map", ()),
        ("Ondřej Zeman\nMay 3, 2024 9:51", "", ("Ondřej Zeman",)),
        ("Reviewed by Ann Moor, written by Lars Holm | May 3, 2024", "", ("Lars Holm",)),
    ],
)
def test_authors_of_a_page(head, tail, authors):
    """Names under a title or after the text, where something says that they wrote it."""
    text = f"Home\nSport\nCulture\n\n{HEADLINE}\n\n{head}\n{BODY}\n{tail}\n"
    assert cut(text, RULES).articles[0].authors == authors


@pytest.mark.parametrize("listed", ["FRACTALS", "PhD", "II", "Jr."])
def test_a_list_in_capitals_is_read_once(listed):
    """What may be credentials is not tried in each way that it can be parted: 2^n of them."""
    credentials = f", {listed}" * 40
    assert clean_name(f"Jo Park{credentials}") == "Jo Park"
    assert clean_name(f"Jo Park{credentials} as it is").endswith("as it is")


@pytest.mark.parametrize("name", ["Ondřej", "maria", "Akemi", "Fatma", "晃"])
def test_given_names_of_many_countries_are_known(name):
    """Whatever the case and the script."""
    assert is_given_name(name)


@pytest.mark.parametrize("word", ["Storefront", "Quick", "A", ""])
def test_other_words_are_no_given_names(word):
    """A capital makes no name."""
    assert not is_given_name(word)


@given(st.text(max_size=300))
def test_any_line_is_read(text):
    """No text makes the reading of authors fail, and each is a person."""
    assert all(is_person(name) or is_uncased_name(name) for name in read_authors(text))


BEGINNINGS = """
By|Posted by|reposted by|Published By|Updated by|Medically reviewed by|Reviewed by|Edited by
Article by|Story by|Words by|Text:|Report by|Analysis by|Opinion by|Guide by|Recipe by|Post by
Eine Analyse von|Ein Artikel von|Kommentar von|Kolumne von|Interview von|Gastbeitrag von|Bericht von
Written by|Contributed by|Von|Par|Por|Di|Door|Av|Af|Przez|Author:|Authors:|Autor:|Autorin:|Auteur:
Autore:|Words|Reporter:|Escrito por|Geschrieben von|Writer:|STORY BY|\u017ftory by
"""


@pytest.mark.parametrize("mark", ["", "* ", "“", "\xa0", "[ ", "· "])
@pytest.mark.parametrize("beginning", BEGINNINGS.replace("\n", "|").strip("|").split("|"))
def test_every_word_for_by_is_known(beginning, mark):
    """A line that begins with any word for *by*, marks before it or not, names its author."""
    assert read_byline(f"{mark}{beginning} Jo Park") == ("Jo Park",)


@given(st.text(alphabet="by BYvonpawrite*“ı:|", max_size=12))
def test_no_byline_is_passed_over(beginning):
    """A line is a byline wherever the pattern of all words for *by* matches it."""
    line = f"{beginning} Jo Park".strip()
    found = PREFIX.match(line)
    if found and line[0] not in "*“":  # a bullet is dropped first
        assert set(read_names(line[found.end() :])) <= set(read_byline(line))
