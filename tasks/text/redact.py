"""A page without the text of some of its articles: for an article that must be forgotten."""

import re
from collections.abc import Collection, Sequence

from tasks.text.page import Span

REDACTED_RULE = "forgotten"
"""Rule of the spans whose characters were blotted out; such a page can't be given back."""
BLOT = "█"
"""Stands for each character that is not white space, so that offsets stay."""

_SAID = re.compile(r"\S")


def redact(
    text: str, spans: Sequence[Span], articles: Collection[int]
) -> tuple[str, tuple[Span, ...]]:
    """Blot out all that belongs to some articles of a page; its length and spans stay.

    Lines elsewhere that say the same as a line of theirs go too: a title in a list of stories.

    Args:
        text: The page's.
        spans: That cover it.
        articles: Positions of the articles to forget.
    """
    theirs = {
        line.strip()
        for span in spans
        if span.article in articles
        for line in text[span.start : span.end].splitlines()
        if line.strip()
    }
    pieces, redacted = [], []
    for span in spans:
        piece = text[span.start : span.end]
        if span.article in articles:
            blotted = _SAID.sub(BLOT, piece)
        else:
            blotted = "".join(
                _SAID.sub(BLOT, line) if line.strip() in theirs else line
                for line in piece.splitlines(keepends=True)
            )
        pieces.append(blotted)
        redacted.append(span if blotted == piece else span._replace(rule=REDACTED_RULE))
    return "".join(pieces), tuple(redacted)
