"""Langdetect's answer, at a fraction of its time: its profiles and algorithm, over arrays.

langdetect 1.0.9 draws n-grams of one to three letters from a text and multiplies the chances that
each language's profile gives them, until one language is all but certain; seven times over. The
numbers that it draws with are those of ``random.Random(0)``, as its seed is 0 here; so the answer
is its own, but for the last digits of sums.
"""

import json
import random
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from math import cos, log, pi, sin, sqrt
from operator import add
from pathlib import Path

import langdetect
import numpy as np
import numpy.typing as npt
from langdetect.detector import Detector
from langdetect.utils.ngram import NGram

from tasks.compiled import twin

_compiled = twin(__name__)
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

TRIALS = 7
WIDTH = Detector.ALPHA_WIDTH / Detector.BASE_FREQ
CENTRE = Detector.ALPHA_DEFAULT / Detector.BASE_FREQ
_LIMITS = (TRIALS, CENTRE, WIDTH, Detector.ITERATION_LIMIT, Detector.CONV_THRESHOLD)


def probabilities(text: str, without: Collection[str] = ()) -> dict[str, float]:
    """Langdetect's languages for ``text`` and how probable each is, above 0.1; none if it has none.

    Equal to ``Detector.get_probabilities`` to 1e-9, with seed 0 and profiles in order of name.

    Args:
        text: At most 10,000 characters, where langdetect stops to read.
        without: Langdetect's names of languages that it is not.
    """
    known = _profiles()
    grams = _known_grams(_prepared(text), known.places)
    if not len(grams):
        return {}
    prior = np.array([name not in without for name in known.languages], np.float64)
    prior /= prior.sum()
    mean = (
        _try_all(grams, known, prior)
        if _compiled is None
        else _compiled.try_all(
            grams, known.starts, known.language, known.chance, prior, _stream(), _LIMITS
        )
    )
    return {
        name: chance
        for name, chance in zip(known.languages, mean, strict=True)
        if chance > Detector.PROB_THRESHOLD
    }


@dataclass(frozen=True, slots=True)
class _Profiles:
    """How often each language has each n-gram; what it has not is left out."""

    languages: Sequence[str]
    places: Mapping[str, int]
    """Of each n-gram in ``starts``."""
    starts: Places
    """Where an n-gram's languages start in the two below, and behind the last."""
    language: npt.NDArray[np.uint8]
    chance: Floats

    def chances(self, grams: Places) -> Floats:
        """The chance of each n-gram in each language: shape (n-grams, languages)."""
        sizes = self.starts[grams + 1] - self.starts[grams]
        ends = sizes.cumsum()
        rows = np.arange(len(grams)).repeat(sizes)
        flat = np.arange(ends[-1]) + (self.starts[grams] - ends + sizes).repeat(sizes)
        table = np.zeros((len(grams), len(self.languages)))
        table[rows, self.language[flat]] = self.chance[flat]
        return table


@cache
def _profiles() -> _Profiles:
    """Langdetect's profiles, in order of name: 0.1 s, 15 MB, where its own take 0.3 s and 53 MB."""
    folder = Path(langdetect.__file__).parent / "profiles"
    profiles = [json.loads(path.read_bytes()) for path in sorted(folder.iterdir())]
    places: dict[str, int] = {}
    numbers, chances = [], []
    for profile in profiles:
        counts: dict[str, int] = profile["freq"]
        numbers.append([places.setdefault(gram, len(places)) for gram in counts])
        of_size = np.array(profile["n_words"])[[len(gram) - 1 for gram in counts]]
        chances.append(np.fromiter(counts.values(), np.float64, len(counts)) / of_size)
    sizes = list(map(len, numbers))
    gram = np.concatenate(numbers)
    order = gram.argsort(kind="stable")
    starts = np.concatenate([[0], np.bincount(gram).cumsum()])
    language = np.arange(len(profiles), dtype=np.uint8).repeat(sizes)
    names = [profile["name"] for profile in profiles]
    return _Profiles(names, places, starts, language[order], np.concatenate(chances)[order])


_SPACES = re.compile(" {2,}")
_LATIN = re.compile("[A-z]")
_FAR = re.compile("[\u0300-\u1dff\u1f00-\U0010ffff]")


def _prepared(text: str) -> str:
    """The letters that langdetect looks at, and a space for all else between two of them."""
    text = Detector.MAIL_RE.sub(" ", Detector.URL_RE.sub(" ", text))
    if not text.isascii():
        text = NGram.normalize_vi(text)
        # Latin words in a text of other letters are left out
        if len(_LATIN.findall(text)) * 2 < len(_FAR.findall(text)):
            text = _LATIN.sub("", _SPACES.sub(" ", text))
    return _SPACES.sub(" ", f" {text.translate(_NORMAL)}")


class _Normal(dict[int, str]):
    """What langdetect takes each character for, by code point."""

    def __missing__(self, code: int) -> str:
        self[code] = normal = str(NGram.normalize(chr(code)))
        return normal


_NORMAL = _Normal()


def _known_grams(text: str, places: Mapping[str, int]) -> Places:
    """The n-grams of some profile, as langdetect lists them: by their end, short ones first.

    None reaches over the space between two words, and none ends in a capital after another.
    """
    size = len(text) - 1
    if size < 1:
        return np.empty(0, np.int64)
    doubles = list(map(add, text, text[1:]))
    grams = np.full((size, 3), -1, np.int64)
    for column, some in enumerate((text[1:], doubles, map(add, doubles, text[2:]))):
        found = np.fromiter(map(places.get, some, repeat(-1)), np.int64)
        grams[size - len(found) :, column] = found
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    is_space = codes == ord(" ")
    grams[is_space[1:], 0] = -1
    grams[is_space[:-1], 2] = -1
    if not text.islower():
        is_upper = np.fromiter(map(str.isupper, text), np.bool_, len(text))
        grams[is_upper[1:] & is_upper[:-1]] = -1
    flat = grams.ravel()
    return flat[flat >= 0]


def _try_all(grams: Places, known: _Profiles, prior: Floats) -> list[float]:
    """The mean of all trials, by language."""
    found, drawn_from = np.unique(grams, return_inverse=True)
    chances = known.chances(found)
    dice = _Dice(len(grams))
    tries = [_try(chances, drawn_from, prior, dice) for _ in range(TRIALS)]
    mean: list[float] = (np.sum(tries, 0) / TRIALS).tolist()
    return mean


def _try(chances: Floats, drawn_from: Places, prior: Floats, dice: "_Dice") -> Floats:
    """The languages' probabilities after one trial of at most 1,001 draws.

    Probabilities are looked at after the first draw and each fifth from there on.
    """
    weight = CENTRE + dice.bell() * WIDTH
    chance, looks = prior, 0
    while True:
        first = looks == 0
        draws = dice.draws(_BLOCKS * 5 + first)
        factors = chances.take(drawn_from.take(draws), 0)
        factors += weight
        blocks = np.multiply.reduceat(factors, _FIRST if first else _NEXT, 0)
        # so that no product of all of them is too small for a number
        blocks /= blocks.max(1, keepdims=True)
        blocks[0] *= chance
        products = np.multiply.accumulate(blocks, 0, out=blocks)
        totals = products.sum(1)
        is_sure = products.max(1) > Detector.CONV_THRESHOLD * totals
        last = int(is_sure.argmax()) if is_sure.any() else len(blocks) - 1
        chance = np.asarray(products[last] / totals[last])
        looks += last + 1
        if is_sure[last] or looks > Detector.ITERATION_LIMIT // 5:
            dice.keep(last * 5 + 1 if first else last * 5 + 5)
            return chance
        dice.keep(len(draws))


_BLOCKS = 20
"""So many looks at a time: fewer cost calls, more are made in vain where a trial ends early."""
_FIRST = np.concatenate([[0], np.arange(_BLOCKS) * 5 + 1])
_NEXT = np.arange(_BLOCKS) * 5


class _Dice:
    """The numbers of ``random.Random(0)``: ``gauss(0, 1)`` and ``choice`` of so many."""

    def __init__(self, sides: int) -> None:
        self._sides = sides
        self._shift = np.uint32(32 - sides.bit_length())
        self._at = 0
        self._ends: Places = np.empty(0, np.int64)
        self._other: float | None = None

    def bell(self) -> float:
        """A number of a bell curve: they are made in pairs."""
        if self._other is not None:
            found, self._other = self._other, None
            return found
        turn, size = 2 * pi * self._fraction(), sqrt(-2 * log(1 - self._fraction()))
        self._other = sin(turn) * size
        return cos(turn) * size

    def draws(self, count: int) -> Places:
        """The next so many draws; they come again until they are kept."""
        # of the numbers of as many bits half and more are no side and are passed over
        some = _stream()[self._at : self._at + 2 * count + 100] >> self._shift
        self._ends = (some < self._sides).nonzero()[0][:count]
        return some[self._ends].astype(np.int64)

    def keep(self, count: int) -> None:
        """Go on behind the first so many of the draws."""
        self._at += int(self._ends[count - 1]) + 1

    def _fraction(self) -> float:
        high, low = _stream()[self._at : self._at + 2].tolist()
        self._at += 2
        return float(((high >> 5) * 67108864 + (low >> 6)) / 9007199254740992)


@cache
def _stream() -> npt.NDArray[np.uint32]:
    """Enough 32-bit numbers for seven trials of 1,001 draws, of which one in two counts."""
    size = 4 << 12
    drawn = random.Random(0).getrandbits(32 * size)
    return np.frombuffer(drawn.to_bytes(4 * size, "little"), "<u4")
