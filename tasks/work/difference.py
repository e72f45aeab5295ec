"""What another cut makes of an article: the fields that differ, and the lines."""

import difflib
from typing import Any

COMPARED = (
    "title",
    "authors",
    "section",
    "dateline",
    "published_at",
    "published_text",
    "summary",
    "text",
)
"""Columns of ``articles`` that the cut decides; the others follow from them."""
_CONTEXT_LINES = 1


def as_stored(value: Any) -> Any:
    """A field of an article as Arrow gives it back."""
    return list(value) if isinstance(value, tuple) else value


def differ(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[str]:
    """A unified diff of two articles, the fields that differ before the text."""
    before, after = _lines(old, new), _lines(new, old)
    found = difflib.unified_diff(before, after, lineterm="", n=_CONTEXT_LINES)
    return [line for line in found if not line.startswith(("---", "+++", "@@"))]


def _lines(article: dict[str, Any] | None, other: dict[str, Any] | None) -> list[str]:
    if article is None:
        return []
    fields = [
        f"{name}: {article[name]}"
        for name in COMPARED
        if name != "text" and (other is None or article[name] != other[name])
    ]
    return [*fields, *(line for line in article["text"].splitlines() if line.strip())]
