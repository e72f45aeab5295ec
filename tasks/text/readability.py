"""How much text there is, and how hard it is to read: textstat's counts and scores.

textstat 0.7.8 is the measure; nothing is computed here. An instance of it holds one language, so
there is one instance a language: the module's own, ``textstat.textstat``, is neither used nor
changed, and threads do not disturb each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from textstat.textstat import textstatistics

from tasks.schemas import READABILITY_SCORES

ENGLISH_SCORES: tuple[str, ...] = (
    "flesch_reading_ease",
    "flesch_kincaid_grade",
    "smog_index",
    "automated_readability_index",
    "coleman_liau_index",
    "gunning_fog",
    "dale_chall_readability_score",
    "linsear_write_formula",
    "spache_readability",
)

SCORES_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ENGLISH_SCORES,
        "de": ("flesch_reading_ease", "wiener_sachtextformel"),
        "es": (
            "flesch_reading_ease",
            "fernandez_huerta",
            "szigriszt_pazos",
            "gutierrez_polini",
            "crawford",
        ),
        "it": ("flesch_reading_ease", "gulpease_index"),
        "ar": ("osman",),
        "fr": ("flesch_reading_ease",),
        "hu": ("flesch_reading_ease",),
        "nl": ("flesch_reading_ease",),
        "ru": ("flesch_reading_ease",),
    }
)
"""The scores made or fitted for one language, beside ``lix`` and ``rix``, which are for many.

``flesch_reading_ease`` is where textstat has the language's own constants (``LANG_CONFIGS``).
The rest of the English scores have English constants or need an English word list: textstat would
compute them for any language, some with a warning, and the number would mean nothing.
"""

NO_LIX: frozenset[str] = frozenset({"und", "zh", "ja", "th", "vi", "bn", "hi", "ne", "pa", "ur"})
"""Languages for which ``lix`` and ``rix`` are null.

Both count words of seven letters and more between full stops (Björnsson 1968; Anderson 1983), so
they want words parted by spaces (not zh, ja, th; vi parts syllables) and sentences that end in
one of ``. ! ?``, all that textstat knows (not bn, hi, ne, pa, ur). An unknown language may be any.
"""

WIENER_VARIANT = 1
"""Of the Wiener Sachtextformel's four: the one with all four measures (Bamberger, Vanecek 1984)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much text there is, as textstat counts."""

    characters: int
    """Without white space."""
    words: int
    """Stretches between white space that are more than punctuation."""
    sentences: int
    """At least 1 in any text that is not empty, even one without words."""
    reading_seconds: float
    """At 14.69 ms a character (Demberg, Keller 2008)."""


def count_text(text: str, language: str) -> Counts:
    """Count characters, words and sentences, and the seconds to read them; zeros for no text."""
    measure = _measure(language)
    return Counts(
        characters=measure.char_count(text),
        words=measure.lexicon_count(text),
        sentences=measure.sentence_count(text),
        reading_seconds=measure.reading_time(text),
    )


def score_readability(text: str, language: str) -> dict[str, float | str | None]:
    """Score ``text`` with the formulas that are for its language: ISO 639-1, or ``und``.

    The keys are always those of ``schemas.READABILITY_SCORES`` and ``text_standard``. None where a
    formula is not for the language, and everywhere if there is no word: textstat gives 0 there.
    """
    scores: dict[str, float | str | None] = dict.fromkeys((*READABILITY_SCORES, "text_standard"))
    measure = _measure(language)
    if measure.lexicon_count(text) == 0:
        return scores
    for name in SCORES_OF.get(language, ()):
        if name == "wiener_sachtextformel":
            scores[name] = measure.wiener_sachtextformel(text, WIENER_VARIANT)
        else:
            scores[name] = getattr(measure, name)(text)
    if language not in NO_LIX:
        scores["lix"] = measure.lix(text)
        scores["rix"] = measure.rix(text)
    if language == "en":
        scores["text_standard"] = measure.text_standard(text)
    return scores


@cache
def _measure(language: str) -> textstatistics:
    """Return textstat set to ``language``; ``en`` is its default, ``en_US``."""
    measure = textstatistics()
    if language != "en":
        measure.set_lang(language)
    return measure
