"""Which lines of an HTML page trafilatura takes for its article: evidence for the cut."""

import logging
import re
from collections.abc import Iterator

from tasks.read.markup import Element

MOST_CHARACTERS = 1_000_000
"""Of a page's source. Larger ones, and those with more tags, are not tried: some take minutes."""
MOST_TAGS = 20_000
_SHARE = 0.75
"""Of a line's word triples that must be in the article: an extractor may drop a link's text."""
_WORD = re.compile(r"\w+")
_FEW_WORDS = 5
"""A shorter line must be one of the article's: its words may stand anywhere."""


def find_main_lines(root: Element, source: str, text: str) -> frozenset[str] | None:
    """The lines of ``text``, stripped, that are of the article; None where none is found.

    Args:
        root: The page's root element. It is changed: use it no more.
        source: The page as received, decoded; only its size is looked at.
        text: The page rendered.
    """
    if len(source) > MOST_CHARACTERS or source.count("<") > MOST_TAGS:
        return None
    extracted = _extract(root)
    if not extracted or not extracted.strip():
        return None
    short = set[tuple[str, ...]]()
    triples = set[tuple[str, ...]]()
    for line in extracted.splitlines():
        words = _words(line)
        short.add(tuple(words))
        triples.update(_triples(words))
    kept = frozenset(
        line
        for line in map(str.strip, text.splitlines())
        if line and _is_kept(_words(line), short, triples)
    )
    return kept or None


def _extract(root: Element) -> str | None:
    import trafilatura  # 0.5 s, and most inputs are no HTML

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page without text is no news
    try:
        return trafilatura.extract(
            root,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
        )
    except Exception:  # of whatever library it asks: there is no evidence then
        return None


def _is_kept(words: list[str], short: set[tuple[str, ...]], triples: set[tuple[str, ...]]) -> bool:
    if not words:
        return False
    if len(words) < _FEW_WORDS:
        return tuple(words) in short
    here = list(_triples(words))
    return sum(triple in triples for triple in here) >= _SHARE * len(here)


def _words(line: str) -> list[str]:
    return _WORD.findall(line.casefold())


def _triples(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(words, words[1:], words[2:], strict=False)
