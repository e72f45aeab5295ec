"""The words of a text, whatever its case, quotes, dashes and spacing: what copies share."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from tasks.compiled import twin
from tasks.text.entities import decode_entities

_compiled = twin(__name__)

WORDS_PER_SHINGLE = 3
CHARACTERS_PER_SHINGLE = 5  # three Chinese words are some five characters

UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17d3"  # Khmer
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Kana
    "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Letters of scripts without spaces between words, as a regular expression's class has them."""
# Whatever is no word in ASCII becomes a space: splitting bytes takes a fifth of the time that an
# expression does.
_ASCII_WORDS = bytes(ord(c.lower()) if (c := chr(at)).isalnum() else 32 for at in range(128))
_ASCII_WORDS += b" " * 128
# Nine texts in ten that are not ASCII are but for these.
_TYPOGRAPHIC = "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u2022\u00a0£€©®«»"
# Latin letters, punctuation and symbols: no marks there, and no script without spaces. What has
# nothing else is split in a fifth of the time.
_PLAIN = "\u0000-\u02ff\u2000-\u20cf\u2100-\u2bff"
_NOT_PLAIN = re.compile(f"[^{_PLAIN}]")
_PLAIN_WORDS = re.compile(r"[^\W_]+")
_LINK_NUMBERS = re.compile(r"\[\d{1,4}\]")


def split_words(text: str) -> list[str]:
    """The words of a text, NFKC and case-folded: runs of letters, digits and marks.

    All else parts words and is dropped, so that quotes, dashes, spacing and case do not count; nor
    do an extractor's traces, characters written as ``&#8220;`` and numbers of links as ``[12]``.
    In scripts without spaces between words each character is a word.
    """
    text = _without_traces(text)
    found = None if _FOLDER is None else _FOLDER.fold(text)
    return _split_words(text) if found is None else found[0].decode().split()


def fold_text(text: str) -> tuple[bytes, int]:
    """The words of a text in UTF-8, parted by spaces, and how many of them make a shingle."""
    text = _without_traces(text)
    found = None if _FOLDER is None else _FOLDER.fold(text)
    if found is not None:
        folded, is_unspaced = found
        return folded, CHARACTERS_PER_SHINGLE if is_unspaced else WORDS_PER_SHINGLE
    words = _split_words(text)
    normalised = " ".join(words)
    return normalised.encode(), shingle_size(words, normalised)


def normalise(text: str) -> str:
    """The text's words (see ``split_words``), parted by single spaces: what exact copies share."""
    return " ".join(split_words(text))


_ONE_UNSPACED = re.compile(f"[{UNSPACED}]")
_FOLDER = None if _compiled is None else _compiled.Folder(_ONE_UNSPACED.match)


def shingle_size(words: Sequence[str], normalised: str) -> int:
    """Words of a shingle, or characters where most words are single ones; see ``split_words``.

    ``normalised`` is the words, parted by spaces.
    """
    if normalised.isascii() or _ONE_UNSPACED.search(normalised) is None:
        return WORDS_PER_SHINGLE
    single = sum(1 for word in words if len(word) == 1 and _ONE_UNSPACED.match(word))
    return CHARACTERS_PER_SHINGLE if 2 * single > len(words) else WORDS_PER_SHINGLE


def _without_traces(text: str) -> str:
    if "&" in text:
        text = decode_entities(text)
    return _LINK_NUMBERS.sub(" ", text) if "[" in text else text


def _split_words(text: str) -> list[str]:
    """As ``split_words``, of a text without traces: what the compiled twin leaves to Python."""
    plain = _fold_plain(text)
    if plain is not None:
        return plain.decode().split()
    folded = unicodedata.normalize("NFKC", text).casefold()
    # folding may take letters apart (ᾷ) that are one letter in a text that was folded before
    folded = unicodedata.normalize("NFKC", folded)
    words = _PLAIN_WORDS if _NOT_PLAIN.search(folded) is None else _all_words()
    return words.findall(folded)


@cache
def _all_words() -> re.Pattern[str]:
    """Matches words of any script: 20 ms, and few texts need it."""
    # marks are part of words: without them Hindi would fall into pieces
    every = map(chr, range(0x300, 0x1_E000))
    marks = "".join(char for char in every if unicodedata.category(char)[0] == "M")
    letters = rf"[^\W_{UNSPACED}]"
    return re.compile(rf"[{UNSPACED}]|{letters}+(?:[{marks}]+{letters}*)*")


def _fold_plain(text: str) -> bytes | None:
    """The text's words and spaces, where it is ASCII but for quotes and dashes; else None."""
    if not text.isascii():
        for mark in _TYPOGRAPHIC:
            text = text.replace(mark, " ")
    return text.encode().translate(_ASCII_WORDS) if text.isascii() else None
