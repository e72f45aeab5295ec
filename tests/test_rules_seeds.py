"""The pages in `seeds/`, cut by the packs: their menus, advertisements and comment threads go."""

import json
from pathlib import Path
from typing import Any

import pytest

from tasks.read.encoding import Decoded, decode
from tasks.rules import load_rules
from tasks.text.cut import cut
from tasks.text.page import Cut

HOME = Path(__file__).parents[1]
GOLD: list[dict[str, Any]] = [
    page
    for page in json.loads((HOME / "tests/data/seeds-gold.json").read_text(encoding="utf-8"))
    if page["rejected"] is None
]
RULES = load_rules()
FACTS = ("title", "authors", "published", "section", "dateline")
FURNITURE = {
    "northern-herald/kelvale-night-bus.txt": [
        "Skip to content",
        "Home",
        "Sign in",
        "Advertisement",
        "Sign up for our morning newsletter",
        "Related",
        "Most read",
        "Comments (3)",
        "Reply",
        "Load more comments",
        "We use cookies to improve your experience. Accept all | Manage choices",
        "© 2025 Northern Herald. All rights reserved.",
        "About us | Contact | Privacy policy | Terms of use",
    ],
    "elbtal-anzeiger/faehre.txt": ["Startseite", "Anmelden", "Anzeige", "Impressum", "AGB"],
}


def cut_page(name: str) -> tuple[str, Cut]:
    """A page's text and how it is cut."""
    decoded = decode((HOME / "seeds" / name).read_bytes())
    assert isinstance(decoded, Decoded)
    return decoded.text, cut(decoded.text, RULES)


@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["page"])
def test_a_page_has_its_articles(gold: dict[str, Any]) -> None:
    """As many as a person counts, each with its title, names, time, section and dateline."""
    _, result = cut_page(gold["page"])
    got = [
        {
            "title": article.title,
            "authors": list(article.authors),
            "published": article.published_at and f"{article.published_at:%Y-%m-%dT%H:%M}",
            "section": article.section,
            "dateline": article.dateline,
        }
        for article in result.articles
    ]
    wanted = [{key: article[key] for key in FACTS} for article in gold["articles"]]
    for article in wanted:
        if article["published"] and "T" not in article["published"]:
            article["published"] += "T00:00"
    assert got == wanted


@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["page"])
def test_an_article_has_its_ends(gold: dict[str, Any]) -> None:
    """Its text begins and ends with the words of the story, and has all its paragraphs."""
    _, result = cut_page(gold["page"])
    for article, wanted in zip(result.articles, gold["articles"], strict=True):
        text = " ".join(article.text.split())
        assert text.startswith(wanted["first_words"])
        assert text.endswith(wanted["last_words"])
        assert len(article.text.split("\n\n")) == wanted["paragraphs"]


@pytest.mark.parametrize(
    ("name", "line"), [(name, line) for name, lines in FURNITURE.items() for line in lines]
)
def test_furniture_is_cut_by_a_rule(name: str, line: str) -> None:
    """Wherever it stands alone on a line, within a story too, and a rule says why."""
    text, result = cut_page(name)
    known = {rule.id for rule in RULES.rules}
    at = text.splitlines().index(line)
    start = sum(map(len, text.splitlines(keepends=True)[:at]))
    (span,) = (span for span in result.spans if span.start <= start < span.end)
    assert (span.label, span.rule in known) == ("boilerplate", True)
