"""How hard a text is to read: textstat's scores, by the formulas that are for its language.

textstat 0.7.8 is the measure, and its errors are kept (docs/readability.md lists them), but it
takes 3 to 5 ms an article; one count for all formulas takes a hundredth of that.
"""

from collections.abc import Mapping
from functools import cache, partial
from types import MappingProxyType

from tasks.schemas import READABILITY_SCORES
from tasks.text import formulas
from tasks.text.formulas import FLESCH, Formula
from tasks.text.tally import Counts, count_text

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
        "hu": ("flesch_reading_ease", "gunning_fog"),
        "nl": ("flesch_reading_ease",),
        "pl": ("gunning_fog",),
        "ru": ("flesch_reading_ease",),
    }
)
"""The scores made or fitted for one language, beside ``lix`` and ``rix``, which are for many.

``flesch_reading_ease`` and ``gunning_fog`` are where textstat has the language's own constants
(``LANG_CONFIGS``).
The rest of the English scores have English constants or need an English word list: textstat would
compute them for any language, some with a warning, and the number would mean nothing.
"""

NO_LIX: frozenset[str] = frozenset({"und", "zh", "ja", "th", "vi", "bn", "hi", "ne", "pa", "ur"})
"""Languages for which ``lix`` and ``rix`` are null.

Both count words of seven letters and more between full stops (Björnsson 1968; Anderson 1983), so
they want words parted by spaces (not zh, ja, th; vi parts syllables) and sentences that end in
one of ``. ! ?``, all that textstat knows (not bn, hi, ne, pa, ur). An unknown language may be any.
"""


def score_readability(text: str, language: str) -> dict[str, float | str | None]:
    """Score ``text`` with the formulas that are for its language: as ``score_counts``."""
    return score_counts(count_text(text, language), language)


def score_counts(counts: Counts, language: str) -> dict[str, float | str | None]:
    """Score a text of that language, ISO 639-1 or ``und``, by its counts.

    The keys are always those of ``schemas.READABILITY_SCORES`` and ``text_standard``. None where a
    formula is not for the language, and everywhere if there is no word: textstat gives 0 there.
    """
    scores: dict[str, float | str | None] = dict.fromkeys(_KEYS)
    if counts.words:
        if language == "en":
            scores |= formulas.score_english(counts)
        else:
            scores |= {name: formula(counts) for name, formula in _formulas(language)}
    return scores


_KEYS = (*READABILITY_SCORES, "text_standard")


@cache
def _formulas(language: str) -> tuple[tuple[str, Formula], ...]:
    """The language's formulas by name."""
    names = [*SCORES_OF.get(language, ()), *(() if language in NO_LIX else ("lix", "rix"))]
    return tuple(
        (name, partial(formulas.flesch_reading_ease, FLESCH[language]))
        if name == "flesch_reading_ease"
        else (name, getattr(formulas, name))
        for name in names
    )
