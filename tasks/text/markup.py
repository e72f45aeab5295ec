"""What a page's markup tells of its lines: which are the article's, and which are captions."""

from bisect import bisect_left

from tasks.text.marks import Page
from tasks.text.page import Given
from tasks.text.story import Story

WEIGHT = 6.0
"""Log-odds for a line that the extractor kept, and against one it left. On news pages such
extractors are wrong on one line in fourteen, which is 2.6; twice that, since the model, which sees
no markup, is often sure of a teaser that is a full sentence."""
LEAST_SHARE = 0.3
"""Share of the words in a page's sentences below which the extractor found something else than
the article: a notice, or one teaser."""
_LEAST_WORDS = 10
_FEW_WORDS = 5
"""A shorter line may stand in a menu too: it counts between longer ones only."""


def find_main(page: Page, given: Given) -> frozenset[int] | None:
    """The lines that an extractor which saw the markup took for the article, by index.

    None where there is no such evidence, or it is not plausible.
    """
    if not given.main_lines:
        return None
    found = [
        place
        for place, index in enumerate(page.said)
        if page.text(index) in given.main_lines and not _is_caption(page, index, given)
    ]
    long = [place for place in found if page.words[page.said[place]] >= _FEW_WORDS]
    if not long:
        return None
    main = [page.said[place] for place in found if long[0] <= place <= long[-1]]
    words = sum(page.words[index] for index in main)
    prose = sum(page.words[index] for index in main if page.is_prose(index))
    if words < _LEAST_WORDS or prose < LEAST_SHARE * page.prose[-1]:
        return None
    return frozenset(main)


def label_captions(page: Page, story: Story, given: Given) -> None:
    """Label a story's lines that the markup says stand under a picture, from its head to its end.

    Spared: a story of which they are more than half of the words in sentences, as in a gallery.
    """
    if not given.caption_lines:
        return
    first = min([story.body[0], *story.labels])
    inside = page.said[bisect_left(page.said, first) : bisect_left(page.said, story.body[1])]
    captions = [
        index for index in inside if index not in story.labels and _is_caption(page, index, given)
    ]
    prose = sum(page.words[index] for index in inside if page.is_prose(index))
    if 2 * sum(page.words[index] for index in captions if page.is_prose(index)) <= prose:
        for index in captions:
            story.set(index, "caption")


def _is_caption(page: Page, index: int, given: Given) -> bool:
    return page.text(index) in given.caption_lines
