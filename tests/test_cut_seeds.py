"""The five real documents: every line and every fact right, where they are at hand."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tasks.rules import load_rules
from tasks.text.cut import cut

SHARED = Path(os.environ.get("COPYDESK_SHARED", Path(__file__).parents[1] / "../shared"))
RULES = load_rules()


@pytest.fixture(scope="module")
def documents():
    """Each document's text, its gold, and how it was cut."""
    gold = SHARED / "seeds/gold.json"
    if not gold.exists():
        pytest.skip("needs the real documents in shared/seeds, which are no part of the project")
    found = []
    for document in json.loads(gold.read_text(encoding="utf-8")):
        text = (SHARED / "seeds" / document["document"]).read_text(encoding="utf-8")
        found.append((text, document, cut(text, RULES)))
    return found


def test_every_line_has_its_label(documents):
    """Each line is what a person says it is, and of the same story."""
    wrong = []
    for text, document, result in documents:
        lines = text.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        for gold in document["lines"]:
            at = starts[gold["line"] - 1]
            share = Counter()
            for span in result.spans:
                low, high = max(span.start, at), min(span.end, at + len(lines[gold["line"] - 1]))
                if low < high:
                    share[span.label, span.article] += high - low
            (label, article), _ = share.most_common(1)[0] if share else (("blank", None), 0)
            wanted = {"chrome": "boilerplate"}.get(gold["label"], gold["label"])
            place = None if gold["article"] is None else gold["article"] - 1
            if label != wanted or (label not in ("boilerplate", "blank") and article != place):
                wrong.append((document["document"], gold["line"], label, article, wanted))
    assert wrong == []


@pytest.mark.parametrize(
    "fact", ["title", "section", "dateline", "authors", "summary", "published"]
)
def test_every_article_has_its_facts(documents, fact):
    """Each fact of each article is as a person reads it."""
    for _, document, result in documents:
        assert len(result.articles) == len(document["articles"])
        for article, gold in zip(result.articles, document["articles"], strict=True):
            day = article.published_at and article.published_at.date().isoformat()
            got = {"published": day}.get(fact, getattr(article, fact, None))
            if isinstance(got, tuple):
                assert sorted(got) == sorted(gold[fact])
            else:
                assert got == gold[fact]
