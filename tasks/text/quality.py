"""What is odd about an article: quality rules of three published corpora by name, and our own.

Flags inform, they drop nothing. The published thresholds were set on web pages in English; they
are kept as they are, and a rule that cannot mean anything in a language is left out there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tasks.text.language import Language
from tasks.text.measures import (
    POLICIES,
    LineShares,
    ends_sentences,
    find_phrases,
    has_stop_words,
    measure_lines,
)
from tasks.text.repetition import Runs, find_runs, share
from tasks.text.tally import Counts

GOPHER = "Gopher: Rae et al. 2021, arXiv:2112.11446, appendix A.1.1"
C4 = "C4: Raffel et al. 2020, JMLR 21(140), section 2.2"
FINEWEB = "FineWeb: Penedo et al. 2024, arXiv:2406.17557, section 3.6"
COPYDESK = "Copydesk"

UNSPACED: frozenset[str] = frozenset({"zh", "ja", "th"})
"""The languages of langdetect that do not part words by spaces: word rules are left out there."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at."""

    text: str
    """The article's headings and body, paragraphs parted by blank lines."""
    counts: Counts
    language: Language
    title: str | None
    boilerplate_share: float
    """Characters cut as boilerplate over the page's, 0..1."""
    is_repaired: bool = False
    """Whether letters that were decoded with the wrong encoding were put right in it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A quality rule: the flag, and when an article gets it."""

    flag: str
    source: str
    """Who published it, and where."""
    says: str
    """What is odd, with the threshold."""
    meets: Callable[["_Measures"], bool]


def flag_quality(facts: Facts) -> tuple[str, ...]:
    """Name the rules of ``RULES`` that the article meets badly, in their order; often none.

    Spared: word rules where words are not parted by spaces, the stop-word rule where the text is
    not English. Takes time linear in the text.
    """
    measures = _measure(facts)
    return tuple(rule.flag for rule in RULES if rule.meets(measures))


@dataclass(frozen=True, slots=True)
class _Measures:
    """What several rules need, computed once. Shares are 0..1; 0 where there is nothing."""

    facts: Facts
    is_spaced: bool
    """Whether the language parts words by spaces."""
    runs: Runs
    """Of words between white space; none where the language has none."""
    lines: LineShares
    phrases: frozenset[str]
    """Those of ``PHRASES`` that the text has."""
    ellipses: int
    """How many there are in the text."""


_ELLIPSES = ("…", "...")


def _words_rule(meets: Callable[[_Measures], bool]) -> Callable[[_Measures], bool]:
    """Leave a rule out where words are not parted by spaces."""
    return lambda m: m.is_spaced and meets(m)


def _mean_word_length(m: _Measures) -> float:
    return share(m.facts.counts.alphanumerics, m.facts.counts.words)


def _symbols(m: _Measures) -> float:
    return share(max(m.facts.text.count("#"), m.ellipses), m.facts.counts.words)


def _alpha_words(m: _Measures) -> float:
    return share(m.facts.counts.lettered_words, m.facts.counts.pieces)


def _top_run_rule(size: int, limit: float) -> Rule:
    return Rule(
        f"gopher-top-{size}-gram",
        GOPHER,
        f"the commonest run of {size} words that recurs holds more than {limit:.0%} of characters",
        lambda m: m.runs.hold_in_top(size, limit),
    )


def _repeated_runs_rule(size: int, limit: float) -> Rule:
    return Rule(
        f"gopher-dup-{size}-gram",
        GOPHER,
        f"runs of {size} words that stood before hold more than {limit:.0%} of characters",
        lambda m: m.runs.repeated_at_most > limit and m.runs.hold_in_repeated(size, limit),
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "gopher-word-count",
        GOPHER,
        "fewer than 50 or more than 100,000 words",
        _words_rule(lambda m: not 50 <= m.facts.counts.words <= 100_000),
    ),
    Rule(
        "gopher-mean-word-length",
        GOPHER,
        "a mean word length below 3 or above 10 letters and digits",
        _words_rule(lambda m: not 3 <= _mean_word_length(m) <= 10),
    ),
    Rule(
        "gopher-symbol-to-word",
        GOPHER,
        "more than 0.1 hash signs, or ellipses, a word",
        _words_rule(lambda m: _symbols(m) > 0.1),
    ),
    Rule(
        "gopher-bullet-lines",
        GOPHER,
        "more than 90% of lines start with a bullet",
        lambda m: m.lines.bulleted > 0.9,
    ),
    Rule(
        "gopher-ellipsis-lines",
        GOPHER,
        "more than 30% of lines end with an ellipsis",
        lambda m: m.lines.trailing > 0.3,
    ),
    Rule(
        "gopher-alpha-words",
        GOPHER,
        "fewer than 80% of words hold a letter",
        _words_rule(lambda m: _alpha_words(m) < 0.8),
    ),
    Rule(
        "gopher-stop-words",
        GOPHER,
        "fewer than two of the, be, to, of, and, that, have, with; English only",
        lambda m: m.facts.language.code == "en" and not has_stop_words(m.facts.text),
    ),
    Rule(
        "gopher-dup-lines",
        GOPHER,
        "more than 30% of lines stood before",
        lambda m: m.lines.repeated > 0.3,
    ),
    Rule(
        "gopher-dup-paragraphs",
        GOPHER,
        "more than 30% of paragraphs stood before",
        lambda m: m.lines.repeated_paragraphs > 0.3,
    ),
    Rule(
        "gopher-dup-line-characters",
        GOPHER,
        "more than 20% of characters are in lines that stood before",
        lambda m: m.lines.held_in_repeated > 0.2,
    ),
    Rule(
        "gopher-dup-paragraph-characters",
        GOPHER,
        "more than 20% of characters are in paragraphs that stood before",
        lambda m: m.lines.held_in_repeated_paragraphs > 0.2,
    ),
    *(_top_run_rule(size, limit) for size, limit in ((2, 0.20), (3, 0.18), (4, 0.16))),
    *(
        _repeated_runs_rule(size, limit)
        for size, limit in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.10))
    ),
    Rule(
        "c4-no-terminal-punctuation",
        C4,
        "no line ends in a period, exclamation mark, question mark or end quotation mark",
        lambda m: m.lines.ended == 0,
    ),
    Rule(
        "c4-few-sentences",
        C4,
        "fewer than 3 sentences",
        lambda m: not ends_sentences(m.facts.text, 3),
    ),
    Rule("c4-lorem-ipsum", C4, "the phrase lorem ipsum", lambda m: "lorem ipsum" in m.phrases),
    Rule("c4-curly-brace", C4, "a curly brace", lambda m: "{" in m.phrases or "}" in m.phrases),
    Rule("c4-javascript", C4, "the word javascript", lambda m: "javascript" in m.phrases),
    Rule(
        "c4-policy",
        C4,
        "a phrase of policy notices: " + ", ".join(POLICIES),
        lambda m: not m.phrases.isdisjoint(POLICIES),
    ),
    Rule(
        "fineweb-line-punctuation",
        FINEWEB,
        "at most 12% of lines end in a terminal mark",
        lambda m: m.lines.ended <= 0.12,
    ),
    Rule(
        "fineweb-short-lines",
        FINEWEB,
        "at least 67% of lines are shorter than 30 characters",
        _words_rule(lambda m: m.lines.short >= 0.67),
    ),
    Rule(
        "fineweb-char-duplicates",
        FINEWEB,
        "at least 10% of characters are in lines that stood before",
        lambda m: m.lines.held_in_repeated >= 0.1,
    ),
    Rule(
        "short",
        COPYDESK,
        "fewer than 150 characters without white space: a teaser or a caption, not a story",
        lambda m: m.facts.counts.characters < 150,
    ),
    Rule("no-title", COPYDESK, "no title was found", lambda m: m.facts.title is None),
    Rule(
        "mostly-boilerplate",
        COPYDESK,
        # one real page in twenty has so much about one article
        "more than 80% of the page was cut as boilerplate",
        lambda m: m.facts.boilerplate_share > 0.8,
    ),
    Rule(
        "low-language-confidence",
        COPYDESK,
        # one of langdetect's seven trials named another language: it is right in 7 of 10 such
        # sentences, and in 98 of 100 others
        "a language told with a confidence below 0.9, or not told",
        lambda m: (m.facts.language.confidence or 0.0) < 0.9,
    ),
    Rule(
        "mojibake-repaired",
        COPYDESK,
        "letters that were decoded with the wrong encoding, and were put right; `pages` has them "
        "as received",
        lambda m: m.facts.is_repaired,
    ),
)
"""Every flag there is, in the order in which an article's are named."""


def _measure(facts: Facts) -> _Measures:
    is_spaced = facts.language.code not in UNSPACED
    return _Measures(
        facts,
        is_spaced,
        find_runs(facts.text if is_spaced else ""),
        measure_lines(facts.text),
        find_phrases(facts.text),
        sum(map(facts.text.count, _ELLIPSES)),
    )
