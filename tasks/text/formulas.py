"""The readability formulas, each from a text's counts, by textstat's names.

Each takes ``Counts`` of a text that has a word, and gives what textstat 0.7.8 gives: higher is
harder, but for the reading-ease family (Flesch and its heirs in Spanish, OSMAN, Gulpease). No unit.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from math import ceil, floor, sqrt
from types import MappingProxyType

from tasks.compiled import twin
from tasks.text.tally import Counts

_compiled = twin(__name__)

Formula = Callable[[Counts], float]

FLESCH: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "en": (206.835, 1.015, 84.6),
        "de": (180, 1, 58.5),
        "es": (206.84, 1.02, 60.0),
        "fr": (207, 1.015, 73.6),
        "hu": (206.835, 1.015, 58.5),
        "it": (217, 1.3, 60.0),
        "nl": (206.835, 0.93, 77),
        "ru": (206.835, 1.3, 60.1),
    }
)
"""By language, the constants of Flesch's reading ease: base, of words a sentence, of syllables."""


def flesch_reading_ease(constants: tuple[float, float, float], counts: Counts) -> float:
    """Flesch's reading ease with a language's constants, 100 easy, 0 hard; may leave 0..100.

    0 where no word has a syllable. Source: Flesch 1948, J. Applied Psychology 32(3); Amstad 1978
    for German.
    """
    if not counts.syllables:
        return 0.0
    base, of_length, of_syllables = constants
    return base - of_length * _sentence_length(counts) - of_syllables * _word_syllables(counts)


def flesch_kincaid_grade(counts: Counts) -> float:
    """US school grade; 0 where no word has a syllable. Source: Kincaid et al. 1975."""
    if not counts.syllables:
        return 0.0
    return 0.39 * _sentence_length(counts) + 11.8 * _word_syllables(counts) - 15.59


def smog_index(counts: Counts) -> float:
    """US school grade. Source: McLaughlin 1969, J. of Reading 12(8); here of any length of text."""
    return 1.043 * sqrt(30 * (counts.polysyllables / counts.sentences)) + 3.1291


def automated_readability_index(counts: Counts) -> float:
    """US school grade. Source: Smith, Senter 1967. Pieces without a letter are words to it."""
    return 4.71 * _piece_length(counts) + 0.5 * _sentence_length(counts) - 21.43


def coleman_liau_index(counts: Counts) -> float:
    """US school grade. Source: Coleman, Liau 1975, J. Applied Psychology 60(2)."""
    letters = counts.letters / counts.words * 100
    sentences = counts.sentences / counts.words * 100
    return 0.058 * letters - 0.296 * sentences - 15.8


def gunning_fog(counts: Counts) -> float:
    """Years of schooling. Source: Gunning 1952. A listed word is not hard, however long."""
    return 0.4 * (_sentence_length(counts) + 100 * counts.fog_words / counts.words)


def dale_chall_readability_score(counts: Counts) -> float:
    """4.9 and less is for US grade 4, 9 and more for college. Source: Dale, Chall 1948."""
    hard = 100 * counts.unlisted_words / counts.words
    score = 0.1579 * hard + 0.0496 * _sentence_length(counts)
    return score + 3.6365 if hard > 5 else score


def linsear_write_formula(counts: Counts) -> float:
    """US school grade, of the first 100 words. Source: O'Hayre 1966, as textstat has it."""
    number = float(counts.linsear_weight / counts.linsear_sentences)
    return (number - 2 if number <= 20 else number) / 2


def spache_readability(counts: Counts) -> float:
    """US school grade, for young readers; with the Dale-Chall list. Source: Spache 1953."""
    hard = 100 * counts.hard_words / counts.words
    return 0.141 * _sentence_length(counts) + 0.086 * hard + 0.839


def lix(counts: Counts) -> float:
    """20 very easy, 60 very hard. Source: Björnsson 1968."""
    return _sentence_length(counts) + 100 * counts.long_words / counts.words


def rix(counts: Counts) -> float:
    """Long words a sentence. Source: Anderson 1983, J. of Reading 26(6)."""
    return counts.long_words / counts.sentences


def wiener_sachtextformel(counts: Counts) -> float:
    """School grade, 4 to 15, German; the first of four. Source: Bamberger, Vanecek 1984."""
    polysyllables = 100 * counts.polysyllables / counts.words
    long_words = 100 * counts.long_words / counts.words
    monosyllables = 100 * counts.monosyllables / counts.words
    return (
        0.1935 * polysyllables
        + 0.1672 * _sentence_length(counts)
        + 0.1297 * long_words
        - 0.0327 * monosyllables
        - 0.875
    )


def fernandez_huerta(counts: Counts) -> float:
    """Reading ease, Spanish; 0 where no word has a syllable. Source: Fernández Huerta 1959."""
    if not counts.syllables:
        return 0.0
    return 206.84 - 60 * _word_syllables(counts) - 1.02 * _sentence_length(counts)


def szigriszt_pazos(counts: Counts) -> float:
    """Reading ease, Spanish. Source: Szigriszt Pazos 1993; textstat's base is Flesch's, 206.84."""
    return FLESCH["es"][0] - 62.3 * _word_syllables(counts) - _sentence_length(counts)


def gutierrez_polini(counts: Counts) -> float:
    """Reading ease, made for Spanish. Source: Gutiérrez de Polini 1972."""
    return 95.2 - 9.7 * (counts.letters / counts.words) - 0.35 * _sentence_length(counts)


def crawford(counts: Counts) -> float:
    """School years, Spanish; 0 where no word has a syllable. Source: Crawford 1984."""
    sentences = 100 * (counts.sentences / counts.words)
    syllables = 100 * _word_syllables(counts)
    return -0.205 * sentences + 0.049 * syllables - 3.407 if syllables else 0.0


def gulpease_index(counts: Counts) -> float:
    """Reading ease, Italian, 100 easy. Source: Lucisano, Piemontese 1988."""
    return 300 * (counts.sentences / counts.words) - 10 * _piece_length(counts) + 89


def osman(counts: Counts) -> float:
    """Reading ease, Arabic. Source: El-Haj, Rayson 2016, LREC. To textstat no word is complex."""
    syllables = (counts.syllables - 2) / counts.words
    faseeh = counts.faseeh_words / counts.words
    long_words = counts.long_arabic_words / counts.words
    hard = syllables + faseeh + long_words
    return 200.791 - 1.015 * _sentence_length(counts) - 24.181 * hard


def score_english(counts: Counts) -> dict[str, float | str]:
    """All scores for English, by name, and ``text_standard``."""
    if _compiled is None:
        return _score_english(counts)
    scores: dict[str, float | str]
    scores, upper = _compiled.score_english(counts, FLESCH["en"])
    scores["text_standard"] = name_grades(int(upper))
    return scores


def _score_english(counts: Counts) -> dict[str, float | str]:
    scores = {
        "flesch_reading_ease": flesch_reading_ease(FLESCH["en"], counts),
        **{formula.__name__: formula(counts) for formula in _ENGLISH},
    }
    return {**scores, "text_standard": text_standard(scores)}


_ENGLISH = (
    flesch_kincaid_grade,
    smog_index,
    automated_readability_index,
    coleman_liau_index,
    gunning_fog,
    dale_chall_readability_score,
    linsear_write_formula,
    spache_readability,
    lix,
    rix,
)


def text_standard(scores: Mapping[str, float]) -> str:
    """The US school grade that most of eight English formulas agree on: "7th and 8th grade".

    Each votes for the whole numbers around its score, and again for the nearer; the first met
    wins a tie. The reading ease votes for the grades that Flesch gave it.
    """
    votes = list(_votes(scores["flesch_kincaid_grade"]))
    votes += _flesch_grades(scores["flesch_reading_ease"])
    for name in _VOTERS:
        votes += _votes(scores[name])
    return name_grades(Counter(votes).most_common(1)[0][0])


def name_grades(upper: int) -> str:
    """A grade and the one below, as textstat has it: "7th and 8th grade"."""
    return f"{_ordinal(upper - 1)} and {_ordinal(upper)} grade"


_VOTERS = (
    "smog_index",
    "coleman_liau_index",
    "automated_readability_index",
    "dale_chall_readability_score",
    "linsear_write_formula",
    "gunning_fog",
)


def _votes(score: float) -> tuple[int, int, int]:
    return floor(score), ceil(score), round(score)


def _flesch_grades(score: float) -> tuple[int, ...]:
    """The grades of a reading ease, by tens; 13 also for 100 and more."""
    if not 30 <= score < 100:
        return (13,)
    return _GRADES[int(score // 10) - 3]


_GRADES = ((12,), (11,), (10,), (8, 9), (7,), (6,), (5,))


def _ordinal(number: int) -> str:
    """An English ordinal: 1st, 12th, 0th, -1th as textstat has it."""
    last = 0 if number % 100 in (11, 12, 13) else number % 10
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"


def _sentence_length(counts: Counts) -> float:
    return counts.words / counts.sentences


def _word_syllables(counts: Counts) -> float:
    return counts.syllables / counts.words


def _piece_length(counts: Counts) -> float:
    return counts.characters / counts.pieces
