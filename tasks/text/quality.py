"""What is odd about an article: quality rules of three published corpora by name, and our own.

Flags inform, they drop nothing. The published thresholds were set on web pages in English; they
are kept as they are, and a rule that cannot mean anything in a language is left out there.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from tasks.text.language import Language
from tasks.text.repetition import Runs, share, shares_of_duplicates
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
    folded: str
    """The text, case-folded."""
    is_spaced: bool
    """Whether the language parts words by spaces."""
    runs: Runs
    """Of words between white space; none where the language has none."""
    lines: list[str]
    """Stripped, without blank ones."""
    repeated_lines: tuple[float, float]
    """Share of lines that stood before, and of their characters."""
    repeated_paragraphs: tuple[float, float]
    """The same of paragraphs, which blank lines part."""
    ended_lines: float
    """Share of lines that end in a terminal or closing mark."""
    ellipses: int
    """How many there are in the text."""


_BLANK = re.compile(r"\n\s*\n")
_TERMINALS = ".!?…。！？｡।॥۔؟։።"
_QUOTES = "\"'“”’»«」』"
_ENDS = frozenset(_TERMINALS + _QUOTES)
# look-behind and possessive marks keep it linear in a row of a million dots
_SENTENCE_END = re.compile(
    rf"(?<![.!?…])[.!?…]++[{_QUOTES})\]]*+(?=\s|$)|[。！？｡।॥۔؟։።]++",
)
_GLANCE = 1_000
"""So many characters are looked at first."""
_BULLETS = ("•", "‣", "◦", "▪", "●", "- ", "* ", "– ")
_ELLIPSES = ("…", "...")
_STOP_WORDS = frozenset(("the", "be", "to", "of", "and", "that", "have", "with"))
_POLICIES = ("terms of use", "privacy policy")
_COOKIES = ("cookie policy", "uses cookies", "use of cookies", "use cookies")


def _is_ended(line: str) -> bool:
    return line.rstrip(")]")[-1:] in _ENDS


def _words_rule(meets: Callable[[_Measures], bool]) -> Callable[[_Measures], bool]:
    """Leave a rule out where words are not parted by spaces."""
    return lambda m: m.is_spaced and meets(m)


def _mean_word_length(m: _Measures) -> float:
    return share(m.facts.counts.alphanumerics, m.facts.counts.words)


def _symbols(m: _Measures) -> float:
    return share(max(m.facts.text.count("#"), m.ellipses), m.facts.counts.words)


def _alpha_words(m: _Measures) -> float:
    return share(m.facts.counts.lettered_words, m.facts.counts.pieces)


def _has_stop_words(m: _Measures) -> bool:
    """Whether there are two; most texts have them among the first words."""
    found = filter(_STOP_WORDS.__contains__, m.folded[:200].split()[:-1])
    if len(list(islice(found, 2))) == 2:
        return True
    found = filter(_STOP_WORDS.__contains__, m.folded.split())
    return len(list(islice(found, 2))) == 2


def _starting(m: _Measures, marks: tuple[str, ...]) -> float:
    return share(sum([line.startswith(marks) for line in m.lines]), len(m.lines))


def _ending(m: _Measures, marks: tuple[str, ...]) -> float:
    return share(sum([line.endswith(marks) for line in m.lines]), len(m.lines))


def _few_sentences(m: _Measures) -> bool:
    text = m.facts.text
    if text.count(". ", 0, _GLANCE) + text.count(".\n", 0, _GLANCE) >= 3:  # each ends one
        return False
    return len(list(islice(_SENTENCE_END.finditer(text), 3))) < 3


def _has_any(m: _Measures, phrases: tuple[str, ...]) -> bool:
    return any(phrase in m.folded for phrase in phrases)


def _short_lines(m: _Measures) -> float:
    return share(sum([len(line) < 30 for line in m.lines]), len(m.lines))


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
        lambda m: _starting(m, _BULLETS) > 0.9,
    ),
    Rule(
        "gopher-ellipsis-lines",
        GOPHER,
        "more than 30% of lines end with an ellipsis",
        lambda m: m.ellipses > 0 and _ending(m, _ELLIPSES) > 0.3,
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
        lambda m: m.facts.language.code == "en" and not _has_stop_words(m),
    ),
    Rule(
        "gopher-dup-lines",
        GOPHER,
        "more than 30% of lines stood before",
        lambda m: m.repeated_lines[0] > 0.3,
    ),
    Rule(
        "gopher-dup-paragraphs",
        GOPHER,
        "more than 30% of paragraphs stood before",
        lambda m: m.repeated_paragraphs[0] > 0.3,
    ),
    Rule(
        "gopher-dup-line-characters",
        GOPHER,
        "more than 20% of characters are in lines that stood before",
        lambda m: m.repeated_lines[1] > 0.2,
    ),
    Rule(
        "gopher-dup-paragraph-characters",
        GOPHER,
        "more than 20% of characters are in paragraphs that stood before",
        lambda m: m.repeated_paragraphs[1] > 0.2,
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
        lambda m: m.ended_lines == 0,
    ),
    Rule("c4-few-sentences", C4, "fewer than 3 sentences", _few_sentences),
    Rule("c4-lorem-ipsum", C4, "the phrase lorem ipsum", lambda m: "lorem ipsum" in m.folded),
    Rule("c4-curly-brace", C4, "a curly brace", lambda m: "{" in m.folded or "}" in m.folded),
    Rule("c4-javascript", C4, "the word javascript", lambda m: "javascript" in m.folded),
    Rule(
        "c4-policy",
        C4,
        "a phrase of policy notices: " + ", ".join(_POLICIES + _COOKIES),
        lambda m: _has_any(m, _POLICIES) or ("cookie" in m.folded and _has_any(m, _COOKIES)),
    ),
    Rule(
        "fineweb-line-punctuation",
        FINEWEB,
        "at most 12% of lines end in a terminal mark",
        lambda m: m.ended_lines <= 0.12,
    ),
    Rule(
        "fineweb-short-lines",
        FINEWEB,
        "at least 67% of lines are shorter than 30 characters",
        _words_rule(lambda m: _short_lines(m) >= 0.67),
    ),
    Rule(
        "fineweb-char-duplicates",
        FINEWEB,
        "at least 10% of characters are in lines that stood before",
        lambda m: m.repeated_lines[1] >= 0.1,
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
    text = facts.text
    is_spaced = facts.language.code not in UNSPACED
    lines = [line for raw in text.splitlines() if (line := raw.strip())]
    return _Measures(
        facts,
        text.casefold(),
        is_spaced,
        Runs(text if is_spaced else ""),
        lines,
        shares_of_duplicates(lines),
        shares_of_duplicates([part for raw in _BLANK.split(text) if (part := raw.strip())]),
        share(sum(map(_is_ended, lines)), len(lines)),
        sum(map(text.count, _ELLIPSES)),
    )
