"""HTML parsed within bounds of time and memory, and what to do where they do not hold."""

import re
from collections.abc import Iterator
from typing import Any

from tasks.text.entities import decode_entities

Element = Any
"""An element of lxml, which brings no types."""

MOST_TAGS = 150_000
"""A page with more is not parsed: each takes ~200 bytes. Long pages have some 5,000."""
_MOST_ATTRIBUTES = 1000
_LONG_TAG = 4000
_SMALL_PAGE = 64_000
"""What is shorter has no tag with so many attributes that comparing each with each takes 1 s."""
# A quoted value counts only behind an equals sign. Nothing is tried twice, so time is linear.
_TAG = re.compile(r"""<[a-zA-Z](?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+""")
_QUOTED = re.compile(r'"[^"]*+"|' + r"'[^']*+'")

_BLOCKS = """
address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset
figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu
nav noframes ol optgroup option p pre search section summary table tbody td tfoot th thead tr ul
"""
BLOCKS = frozenset(_BLOCKS.split())
"""Elements that begin a line."""
_RAW = "iframe noembed noscript script style svg template textarea title"
_HIDDEN = f"{_RAW} applet audio canvas datalist embed head meta object select video"
RAW = frozenset(_RAW.split())
"""Those of ``HIDDEN`` whose content may look like markup and be none."""
HIDDEN = frozenset(_HIDDEN.split())
"""Elements whose content a reader does not see as text of the page."""


def parse_html(text: str) -> Element | None:
    """The root element of a page, or None where it is empty or parsing it would cost too much.

    None for what would be nested deeper than libxml2 allows (256), has over ``MOST_TAGS`` tags, a
    tag with over 1000 attributes, or a single text or attribute of over 10 MB.
    """
    if text.count("<") > MOST_TAGS or (len(text) > _SMALL_PAGE and _has_monster(text)):
        return None
    import lxml.html  # type: ignore[import-untyped]  # 20 ms, and most inputs are no HTML
    from lxml import etree

    parser = lxml.html.HTMLParser(
        encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.replace("\0", "\ufffd").encode(), parser)
    except etree.LxmlError:
        return None
    if parser.error_log.filter_from_fatals():
        return None
    return root


def strip_tags(text: str) -> str:
    """The text of a page that cannot be parsed: its tags out, a line for each block element."""
    lines = "".join(_outside_tags(text)).split("\n")
    return "\n".join(filter(None, (" ".join(decode_entities(line).split()) for line in lines)))


def _has_monster(text: str) -> bool:
    """Whether a tag has so many attributes that the parser would take minutes on it."""
    return any(
        found.end() - found.start() > _LONG_TAG
        and len(_QUOTED.sub("", found[0]).split()) > _MOST_ATTRIBUTES
        for found in _TAG.finditer(text)
    )


_MARK = re.compile(r"<(?=[a-zA-Z/!?])")
_NAME = re.compile(r"</?([a-zA-Z][\w-]{0,40})")
_SPACES = re.compile(r"\s+")


def _outside_tags(text: str) -> Iterator[str]:
    """What is not markup, with a line feed before each block. Goes over the text once."""
    at = 0
    while (mark := _MARK.search(text, at)) is not None:
        start = mark.start()
        if start > at:
            yield _SPACES.sub(" ", text[at:start])
        if text.startswith("<!--", start):
            at = _after(text, "-->", start + 4)
            continue
        found = _NAME.match(text, start)
        at = _after(text, ">", start)
        name = found[1].lower() if found else ""
        if name in BLOCKS:
            yield "\n"
        elif name in RAW and text[start + 1] != "/":
            close = re.compile(f"</{name}", re.IGNORECASE).search(text, at)
            at = close.start() if close else len(text)
    yield _SPACES.sub(" ", text[at:])


def _after(text: str, mark: str, start: int) -> int:
    """Where ``mark`` ends behind ``start``; the text's end if there is none."""
    found = text.find(mark, start)
    return found + len(mark) if found >= 0 else len(text)
