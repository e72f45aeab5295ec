"""What the markup tells: used where it is plausible, and bounded where it is not."""

import pytest

from tasks.rules.load import load_rules
from tasks.text.cut import cut
from tasks.text.page import Given, rebuild

MENU = ["Home", "Weather", "Sport", "Log in"]
TITLE = "Old crane of the east quay is to turn again"
TEXT = [
    "The crane at the east quay, which has stood still for eleven years, will be repaired by June.",
    "A society of retired dockers has raised the money and wants to show visitors how it was used.",
]
CAPTION = "The crane in a photograph that a docker took in the year it was built."
LONE = "Visits are free."
TEASERS = [
    "A storm took the roof of the fish hall last night and threw it into the basin, they say.",
    "Harbour pilots want a new boat because the present one rolls too much in a westerly swell.",
]
PAGE = "\n\n".join([*MENU, TITLE, CAPTION, *TEXT, LONE, "Read next", *TEASERS, "Imprint"]) + "\n"


@pytest.fixture(scope="module")
def rules():
    """The packs."""
    return load_rules()


def labels(result):
    """The label of each line of the page that is not blank."""
    return {
        line: span.label
        for span in result.spans
        for line in filter(None, map(str.strip, PAGE[span.start : span.end].splitlines()))
    }


def test_lines_of_the_markup_s_article_are_the_body(rules):
    """Sentences that it left out are not."""
    found = labels(cut(PAGE, rules, Given(main_lines=frozenset([TITLE, *TEXT, LONE]))))
    assert {found[line] for line in TEXT} == {"body"}
    assert {found[line] for line in TEASERS} == {"boilerplate"}


def test_the_evidence_is_on_record(rules):
    """Whoever asks why is told that an extractor said so."""
    result = cut(PAGE, rules, Given(main_lines=frozenset(TEXT)))
    assert any("extractor" in sentence for sentence in result.evidence)


@pytest.mark.parametrize("lines", [MENU, ["Imprint"], ["No line of the page, though it is long."]])
def test_evidence_that_is_not_plausible_is_not_used(rules, lines):
    """Then the text alone decides, as without any."""
    assert cut(PAGE, rules, Given(main_lines=frozenset(lines))) == cut(PAGE, rules)


def test_a_caption_of_the_markup_is_labelled(rules):
    """And is no part of the text."""
    facts = Given(main_lines=frozenset([CAPTION, *TEXT]), caption_lines=frozenset([CAPTION]))
    result = cut(PAGE, rules, facts)
    assert labels(result)[CAPTION] == "caption"
    assert CAPTION not in result.articles[0].text


def test_captions_are_not_taken_for_all_of_a_story(rules):
    """A page whose builder set its paragraphs as captions keeps them."""
    result = cut(PAGE, rules, Given(caption_lines=frozenset([*TEXT, *TEASERS, CAPTION])))
    assert TEXT[0] in result.articles[0].text


def test_the_page_is_covered_whatever_is_given(rules):
    """Spans give back the text."""
    facts = Given(main_lines=frozenset(TEASERS), caption_lines=frozenset(TEXT))
    assert rebuild(PAGE, cut(PAGE, rules, facts).spans) == PAGE
