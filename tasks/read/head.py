"""What an HTML page says of itself beside its text: JSON-LD, Open Graph and other metadata."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tasks.read.markup import Element
from tasks.text.entities import decode_entities

_JSON_CHARACTERS = 1_000_000
"""Of all JSON-LD of a page; more is no metadata."""
_ARTICLE = re.compile(r"Article$|^BlogPosting$|^LiveBlogPosting$|^Report$")
_TITLES = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_DATES = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "publish-date",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
)
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_SECTIONS = ("article:section", "parsely-section")
_SITES = ("og:site_name", "application-name")
_BETWEEN_NAMES = re.compile(r"\s*(?:[;,|&]|\band\b|\bund\b|\bet\b|\by\b)\s+")
_BY = re.compile(r"(?i)^(?:by|von|par|por)\s+")
_BEFORE_SITE = re.compile(r"\s+[|–—·»:-]+\s+")
_WORD = re.compile(r"\w+")
_FEW_WORDS = 3
"""A heading of fewer may be the site's name, which stands in the title too."""
_LONGEST = 400
"""Characters of a value; a longer one is no title, name or date."""


@dataclass(frozen=True, slots=True)
class Head:
    """A page's metadata. All may be None or empty: unknown."""

    title: str | None
    """As its heading has it, where one of the page's says the same."""
    authors: tuple[str, ...]
    """Persons; organisations that the markup calls so are left out."""
    published: str | None
    site: str | None
    section: str | None
    language: str | None
    url: str | None
    """The address the page gives as its own; absolute, http or https."""


def read_head(root: Element) -> Head:
    """The metadata of a page, from what is most exact: JSON-LD, then ``meta``, then headings."""
    said = _article_of(root)
    meta = _read_meta(root)
    publisher = said.get("publisher")
    site = _text(publisher.get("name") if isinstance(publisher, dict) else publisher)
    site = site or _first(meta, _SITES)
    section = said.get("articleSection")
    return Head(
        title=_title(root, _text(said.get("headline")) or _first(meta, _TITLES), site),
        authors=_authors(said.get("author"), meta, site),
        published=_text(said.get("datePublished")) or _first(meta, _DATES) or _time(root),
        site=site,
        section=_text(section[0] if isinstance(section, list) and section else section)
        or _first(meta, _SECTIONS),
        language=_text(root.get("lang")) or _text(said.get("inLanguage")),
        url=_url(root, meta),
    )


def _article_of(root: Element) -> dict[str, Any]:
    """The JSON-LD object of the page's article; empty where there is none, or several."""
    found, size = list[dict[str, Any]](), 0
    for script in root.iter("script"):
        text = script.text or ""
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        size += len(text)
        if size > _JSON_CHARACTERS:
            break
        try:
            found += [one for one in _objects(json.loads(text, strict=False)) if _is_article(one)]
        except (ValueError, RecursionError):
            continue
    headlines = {_text(one.get("headline")) for one in found}
    return found[0] if len(headlines) == 1 else {}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Objects that JSON-LD gives at its top, or in a list or graph there."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one
            graph = one.get("@graph")
            yield from (
                (item for item in graph if isinstance(item, dict))
                if isinstance(graph, list)
                else ()
            )


def _is_article(value: dict[str, Any]) -> bool:
    kinds = value.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLE.search(kind) is not None
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _read_meta(root: Element) -> dict[str, list[str]]:
    """The contents of ``meta`` elements by name, in small letters."""
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        content = _text(element.get("content"))
        for attribute in ("property", "name", "itemprop"):
            name = element.get(attribute)
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _first(meta: dict[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((meta[name][0] for name in names if name in meta), None)


def _text(value: object) -> str | None:
    """A value as a line of text; None where it is blank, too long or no string."""
    if not isinstance(value, str):
        return None
    line = " ".join(decode_entities(value[: 2 * _LONGEST]).split())
    if not line or len(line) > _LONGEST or "\ufffd" in line:
        return None
    return line.encode("utf-8", "ignore").decode() or None  # JSON can hold half of a pair


def _title(root: Element, title: str | None, site: str | None) -> str | None:
    headings = [" ".join(h1.itertext()) for h1 in list(root.iter("h1"))[:20]]
    shown = [line for line in map(_text, headings) if line]
    if title is None:
        element = next(root.iter("title"), None)
        title = _text(element.text) if element is not None else None
    if title is None:
        return shown[0] if len(shown) == 1 else None
    for heading in shown:
        if _says_the_same(heading, title):
            return heading
    parts = _BEFORE_SITE.split(title)
    if len(parts) > 1 and site and _letters(parts[-1]) == _letters(site):
        return title[: title.rindex(parts[-1])].rstrip(" |–—·»:-") or title
    return title


def _says_the_same(heading: str, title: str) -> bool:
    """Whether a heading is the title, or has all its words and more, or is most of it."""
    words, wanted = set(_WORD.findall(heading.casefold())), set(_WORD.findall(title.casefold()))
    common = len(words & wanted)
    return common == len(wanted) or (common >= _FEW_WORDS and 4 * common >= 3 * len(words))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _authors(value: Any, meta: dict[str, list[str]], site: str | None) -> tuple[str, ...]:
    names = list[str | None]()
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            names += _split_names(one)
        elif isinstance(one, dict) and one.get("@type") in {None, "Person"}:
            name = one.get("name")
            names += map(_text, name) if isinstance(name, list) else _split_names(name)
    if not any(names) and value is None:
        for key in _AUTHORS:
            names += [name for content in meta.get(key, ()) for name in _split_names(content)]
            if any(names):
                break
    unique = dict.fromkeys(name for name in names if name and "/" not in name and "@" not in name)
    return tuple(name for name in unique if not site or _letters(name) != _letters(site))[:20]


def _split_names(value: object) -> list[str | None]:
    line = _text(value)
    return [_text(name) for name in _BETWEEN_NAMES.split(_BY.sub("", line))] if line else []


def _time(root: Element) -> str | None:
    """The time of an element that is marked as the page's date of publication."""
    for element in root.iter("time", "span", "abbr", "p", "div"):
        if element.get("itemprop") == "datePublished" or element.get("pubdate") is not None:
            return _text(element.get("datetime") or element.get("content") or element.text)
    return None


def _url(root: Element, meta: dict[str, list[str]]) -> str | None:
    links = (
        link.get("href")
        for link in root.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    )
    for url in (*links, *meta.get("og:url", ())):
        line = _text(url)
        if line and line.startswith(("http://", "https://")) and " " not in line:
            return line
    return None
