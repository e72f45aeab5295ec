"""How facts are written for people, on a terminal and in HTML alike."""

from collections.abc import Iterator, Sequence

from tasks.text.page import Article
from tasks.text.repair import Change

_CONTROLS = {code: 0x2400 + code for code in range(0x20) if code != 0x09}
_CONTROLS |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def visible(text: str) -> str:
    """The text with control characters as pictures: a page must not speak to the terminal."""
    return text.translate(_CONTROLS)


def percent(share: float) -> str:
    """A share or probability in whole percent; what is not all is not called 100%."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def many(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def facts_of(article: Article, changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """What is known of an article beside its title: name and value, the unknown left out."""
    published = article.published_at.isoformat(" ") if article.published_at else None
    facts = {
        "authors": ", ".join(article.authors),
        "section": article.section,
        "dateline": article.dateline,
        "published": published or article.published_text,
        "summary": " / ".join(article.summary),
        "text": f"{len(article.text.split()):,} words",
    }
    yield from ((name, value) for name, value in facts.items() if value)
    for change in changes:
        steps = ", ".join(change.steps)
        yield "repaired", f"{_short(change.before)} → {_short(change.after)} ({steps})"


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
