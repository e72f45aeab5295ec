"""Cut a page: from plain text to spans that cover it and the articles in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tasks.compiled import twin
from tasks.rules import Rules
from tasks.text.boilerplate import SCORE_RULE, choose_body
from tasks.text.layout import read_layout
from tasks.text.marks import Page, read_page
from tasks.text.markup import label_captions
from tasks.text.metadata import make_article
from tasks.text.page import Article, Cut, Given, Label, Span
from tasks.text.relative import date_article
from tasks.text.single import read_single
from tasks.text.story import Layout
from tasks.text.templates import drop_learned, find_learned

WHOLE_SHARE = 0.85
"""Share of a page's characters that its stories hold, where their layout is weak evidence; else it
is read as one story with its menus. Rolls have .97 and more, pages of one story below .83."""
FEW_LINES = 60
"""Lines that are not blank: a menu and lists of other stories alone have so many."""
OUTSIDE = "layout.outside"
"""Rule id of a line that stands in no story of a page whose layout is known."""

_compiled = twin(__name__)
_Labelled = tuple[Label, int | None, str | None]
_NOTHING_GIVEN = Given()
_NOTHING_LEARNED: Mapping[str, str] = MappingProxyType({})


def cut(
    text: str,
    rules: Rules,
    given: Given = _NOTHING_GIVEN,
    learned: Mapping[str, str] = _NOTHING_LEARNED,
) -> Cut:
    """The page's spans, in order and without gap, and its articles.

    Never fails on any text; takes time that grows with its length and no faster. A page without
    article is all boilerplate and blank lines, of family ``none``.

    Args:
        text: The page.
        rules: The rule packs.
        given: What the page's record says of it.
        learned: What the source's other pages taught: its active line templates, each with the
            id of its rule. No metadata is cut by them.
    """
    page = read_page(text, rules)
    taught = find_learned(page, learned)
    layout = read_layout(page)
    stories = None if layout is None else _cut_stories(page, layout, given, taught)
    if layout is None or stories is None or (layout.is_weak and not _is_whole(page, stories)):
        layout = read_single(page, given)
        stories = _cut_stories(page, layout, given, taught)
    spans = _spans(page, stories.labelled)
    if not stories.articles:
        return Cut(spans, ())
    articles = tuple(stories.articles)
    return Cut(spans, articles, layout.family, layout.confidence, layout.evidence)


@dataclass(frozen=True, slots=True)
class _Stories:
    """A page cut by one layout."""

    labelled: list[_Labelled]
    """Label, article and rule of each line."""
    articles: list[Article]


def _cut_stories(page: Page, layout: Layout, given: Given, taught: Mapping[int, str]) -> _Stories:
    outside = SCORE_RULE if layout.family in ("single", "none") else OUTSIDE
    labelled: list[_Labelled] = [("boilerplate", None, outside)] * len(page.lines)
    for index, learned_id in taught.items():
        labelled[index] = ("boilerplate", None, learned_id)
    for index in page.known:
        rule = page.mark(index) or page.cut_by(index) or page.tail(index)
        if rule is not None:
            labelled[index] = ("boilerplate", None, rule.id)
    articles: list[Article] = []
    for story in layout.stories:
        label_captions(page, story, given)
        body, removed = choose_body(page, story)
        drop_learned(page, taught, body, removed)
        if not body:
            continue
        position = len(articles)
        for index, (label, rule_id) in story.labels.items():
            labelled[index] = (label, position, rule_id)
        indexes = sorted(body)
        is_only = len(layout.stories) == 1
        article = make_article(page, story, indexes, position, given, is_only=is_only)
        articles.append(date_article(article, page, story, given, is_only=is_only))
        made: dict[Label, _Labelled] = {}
        for index, label in body.items():
            labelled[index] = made.get(label) or made.setdefault(label, (label, position, None))
        for index, rule_id in removed.items():
            labelled[index] = ("boilerplate", position, rule_id)
    return _Stories(labelled, articles)


def _is_whole(page: Page, stories: _Stories) -> bool:
    """Whether a page is its stories, with little around them; a page of few lines has no menus.

    One story on a page of many lines is better read line by line.
    """
    if len(page.said) <= FEW_LINES:
        return True
    if len(stories.articles) == 1:
        return False
    kept = sum(len(article.text) for article in stories.articles)
    return kept >= WHOLE_SHARE * sum(len(page.text(index)) for index in page.said)


def _spans(page: Page, labelled: Sequence[_Labelled]) -> tuple[Span, ...]:
    """One span a run of lines that are labelled alike; blank lines are ``blank``."""
    if _compiled is not None:
        spans: tuple[Span, ...] = _compiled.find_spans(page, labelled, Span)
        return spans
    return _find_spans(page, labelled)


def _find_spans(page: Page, labelled: Sequence[_Labelled]) -> tuple[Span, ...]:
    spans: list[Span] = []
    start, last = 0, None
    for at, text, label in zip(page.lines.starts, page.texts, labelled, strict=True):
        this: _Labelled = label if text else ("blank", None, None)
        if last is not None and this != last:
            spans.append(Span(start, at, *last))
            start = at
        last = this
    if last is not None:
        spans.append(Span(start, page.lines.ends[-1], *last))
    return tuple(spans)
