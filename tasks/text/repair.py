"""Repair mojibake: text that was decoded with the wrong encoding somewhere on its way.

Only that is repaired. Quotes, case, widths, ligatures, line breaks and normal forms stay as they
are, and so does every text that is merely odd. The page itself is never touched.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from tasks.text.page import Article

if TYPE_CHECKING:
    from ftfy import TextFixerConfig


@dataclass(frozen=True, slots=True)
class Change:
    """A line that was repaired."""

    before: str
    """As received."""
    after: str
    steps: tuple[str, ...]
    """What was done, in order: ``encode latin-1``, ``decode utf-8``; ftfy's names."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text after repair."""

    text: str
    changes: tuple[Change, ...] = ()
    """The lines that were changed, in order; none where the text is as it was."""


def repair(text: str) -> Repaired:
    """The text with its mojibake repaired, line by line; the same object where there is none.

    Spared: a line of which a character was lost (``â€?``) keeps that sequence, since nobody
    knows what it was. Takes time linear in the text.
    """
    if not _is_suspect(text):
        return Repaired(text)
    changes: list[Change] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _is_suspect(line) and (change := _repair_line(line)) is not None:
            changes.append(change)
            lines[number] = change.after
    return Repaired("\n".join(lines), tuple(changes)) if changes else Repaired(text)


def repair_article(article: Article) -> tuple[Article, tuple[Change, ...]]:
    """The article with text, title, authors, section, dateline and summary repaired.

    ``published_text`` stays the line that the date came from.
    """
    stray = (article.title, article.section, article.dateline, *article.authors, *article.summary)
    if not (_is_suspect(article.text) or any(map(_is_suspect, filter(None, stray)))):
        return article, ()
    changes: list[Change] = []

    def fix(text: str) -> str:
        repaired = repair(text)
        changes.extend(repaired.changes)
        return repaired.text

    def fix_if_any(text: str | None) -> str | None:
        return None if text is None else fix(text)

    better = replace(
        article,
        title=fix_if_any(article.title),
        authors=tuple(map(fix, article.authors)),
        section=fix_if_any(article.section),
        dateline=fix_if_any(article.dateline),
        summary=tuple(map(fix, article.summary)),
        text=fix(article.text),
    )
    return (better, tuple(changes)) if changes else (article, ())


def _repair_line(line: str) -> Change | None:
    from ftfy import fix_encoding_and_explain  # 0.1 s, and few pages need it

    after, steps = fix_encoding_and_explain(line, _only_encoding())
    if after == line or len(after.splitlines()) > len(line.splitlines()):
        return None
    return Change(line, after, tuple(f"{step.action} {step.parameter}" for step in steps or ()))


@cache
def _only_encoding() -> "TextFixerConfig":
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        fix_encoding=True,
        restore_byte_a0=True,  # "Ã " is "à" whose second byte, a no-break space, became a space
        decode_inconsistent_utf8=True,  # one text may be put together from several
        fix_c1_controls=True,  # Windows-1252 read as Latin-1: no text holds U+0092
        replace_lossy_sequences=False,  # would invent U+FFFD
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
    )


_NEXT = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", "ignore").replace("\xa0", ""))
# Two bytes of a character in UTF-8, read as Latin-1 or Windows-1252. A no-break space follows
# many a French word in é, so it counts after Ã and Â only.
_LATIN = re.compile(rf"[Â-ô][{_NEXT}\x80-\x9f]")
# The same in Windows-1251, -1250, -1253, -1257 and Mac OS Roman: a character that is rare in
# right text, for which a text is searched in 0.1 µs, and what stands around it in mojibake.
_OTHERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("Ã", "Â", "Ă", "Ĺ", *map(chr, range(0x80, 0xA0))), ("",)),
    **{"Ђ": ("вЂ",), "°": ("Р°",), "µ": ("Рµ",), "ѕ": ("Рѕ",), "ё": ("Рё",)},
    **{"β": ("β€",), "Ξ": ("Ξ±", "Ξ΅"), "ā": ("ā€",), "Ä": ("‚Ä",)},
    "√": ("√©", "√®", "√§", "√∂", "√º", "√±", "√°", "√≥", "√≠"),
}


def _is_suspect(text: str) -> bool:
    """Whether a text may hold mojibake: 20 µs for 5 kB, where ftfy's own answer takes 1 ms."""
    return not text.isascii() and (
        _LATIN.search(text) is not None
        or any(
            rare in text and any(pair in text for pair in pairs) for rare, pairs in _OTHERS.items()
        )
    )
