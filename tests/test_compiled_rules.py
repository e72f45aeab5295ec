"""What tells lines that no rule can match: that it never tells one that a rule does."""

from collections.abc import Callable
from types import ModuleType

import pytest
import re2
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tasks.rules.load import LONGEST_ASKED, LONGEST_LINE, Rule, Rules, load_rules
from tasks.text.lines import make_bare

AROUND = (" ", "  ", "\t", "\xa0", "\u200b", "\u2003", "(X)", "( )", "[ ]", "(BUTTON)", "___", "__")
SIGNS = (*AROUND, "#", "##", "* ", "- ", "o ", "• ", "•\u200b ", "(", ")", "[", "_", ".", "’", "“")
LETTERS = (*"abkAKsS19é-ñÑß中مЖж", "ſ", "\u212a", "İ", "ı", "→", "ab", "x", "share", "Read More")
PIECES = LETTERS + SIGNS
LINES = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=10).map("".join)

ATOMS = (
    *("a", "b", "k", "S", "é", "ß", "中", "م", "ж", " ", "ab", "share", "x", "'", '"', "ſ", "→"),
    *(".", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\pL", r"\p{L}", r"\p{Greek}", r"\PL"),
    *(r"\.", r"\(", r"\x27", r"\x{4e2d}", r"\b", r"\B", "^", "$", r"\A", r"\z", r"\t", r"\Qa.b\E"),
    *("[ab]", "[^ab]", "[a-k]", "[^ .]", "[]a]", "[^]a]", r"[\d.]", r"[^\d]", r"[^\pL]", "[a-]"),
    *("[一-鿿]", "[^→]", "[→K]", "[[:alpha:]]", "[^K]", r"[\x{41}-\x{5a}]", r"[^\S]", "[A-Z]"),
)
COUNTS = ("", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}", "{2,}", "{1}?")


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    opening = st.sampled_from(("(", "(?:", "(?i:", "(?P<n>", "(?s-i:"))
    grouped = st.tuples(opening, inner).map(lambda parts: f"{parts[0]}{parts[1]})")
    counted = st.tuples(grouped | st.sampled_from(ATOMS), st.sampled_from(COUNTS)).map("".join)
    rows = st.lists(counted, min_size=1, max_size=4).map("".join)
    return st.lists(rows, min_size=1, max_size=3).map("|".join)


PATTERNS = st.tuples(
    st.sampled_from(("", "(?i)")), st.recursive(st.sampled_from(ATOMS), _grow, max_leaves=8)
).map("".join)


@pytest.fixture(scope="module")
def twin(twin_of: Callable[[str], ModuleType]) -> ModuleType:
    """What is compiled."""
    return twin_of("tasks.rules.load")


@pytest.fixture(scope="module")
def rules() -> Rules:
    """Those of this package."""
    return load_rules()


def able(twin: ModuleType, rules: Rules, lines: list[str]) -> list[int]:
    """The lines of which rules are asked."""
    sieve = twin.Sieve([rule.match for rule in rules.rules], LONGEST_LINE, LONGEST_ASKED)
    found: list[int] = sieve.able(lines)
    return found


def invented(match: str) -> Rules:
    """A rule of one pattern."""
    try:
        re2.compile(match)
    except re2.error:
        assume(False)
    return Rules((Rule("a.b", "why", "line", match, (), ()),), "")


@given(PATTERNS, st.lists(LINES, min_size=1, max_size=8))
@example("share", ["Share", "share (X)", "share \u200b", "* share", "#share", "share\u2003 ", "s"])
@example(r"a\Sa", ["a\ba", "a a"])
@example("(?i)k(?:ab|[^.]*© ?x)?", ["\u212aab", "k. © x", "K- ©x", "K"])
def test_lines_that_a_pattern_matches_pass(twin: ModuleType, match: str, lines: list[str]) -> None:
    """Whatever RE2 takes for a pattern."""
    rules = invented(match)
    passed = able(twin, rules, lines)
    for index, line in enumerate(lines):
        try:
            is_matched = 0 < len(line) <= LONGEST_ASKED and rules.find(make_bare(line))
        except UnicodeEncodeError:  # a lone surrogate, which no page that is read has
            continue
        assert index in passed or not is_matched


@given(st.data())
def test_examples_pass_however_they_are_written(
    twin: ModuleType, rules: Rules, data: st.DataObject
) -> None:
    """With bullets, debris, other spaces and quotes."""
    rule = data.draw(st.sampled_from(rules.rules))
    line = data.draw(st.sampled_from(rule.removes))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.sampled_from((0, len(line))) | st.integers(0, len(line)))
        line = line[:at] + data.draw(st.sampled_from(SIGNS)) + line[at:]
    line = data.draw(st.sampled_from((str, str.upper, str.lower, str.title)))(line)
    line = line.replace("'", data.draw(st.sampled_from(("'", "’"))))
    assert able(twin, rules, [line]) or not rules.find(make_bare(line))


def test_characters_that_stand_for_each_other_have_one_symbol(twin: ModuleType) -> None:
    """As RE2 ignores case: else a rule's line could be refused."""
    characters: dict[int, list[str]] = {}
    for code in (code for code in range(0x110000) if not 0xD800 <= code < 0xE000):
        number = twin.symbol(chr(code))
        if number is not None:
            characters.setdefault(number, []).append(chr(code))
    for number, alike in characters.items():
        others = "".join(char for n, chars in characters.items() if n != number for char in chars)
        written = "".join(f"\\x{{{ord(char):x}}}" for char in alike)
        assert re2.search(f"(?i)[{written}]", others) is None


def test_a_pattern_that_is_not_understood_matches_anything(twin: ModuleType) -> None:
    """Then RE2 is asked of every line, and its word counts."""
    lines = ["share", "A line of a story.", "x" * 2000, ""]
    assert able(twin, invented(r"\Qshare\E"), lines) == [0, 1]


def test_few_lines_of_stories_pass(twin: ModuleType, rules: Rules) -> None:
    """They begin as no rule does, or lack what it asks for."""
    lines = [
        "The council approved the bridge across the estuary, officials said on Tuesday.",
        "“It’s a day that nobody here will forget,” said Jo Park, who runs the ferry.",
        "Der Stadtrat hat am Dienstag den Bau der Brücke beschlossen.",
        "المجلس يوافق على بناء الجسر الجديد فوق النهر",
    ]
    assert able(twin, rules, lines) == []


def test_memory_is_bounded(twin: ModuleType, rules: Rules) -> None:
    """States beyond the limit are not made, and rules still match."""
    sieve = twin.Sieve([".*a" + "." * 14], LONGEST_LINE, LONGEST_ASKED)
    lines = [f"{number:018b}".replace("0", "a").replace("1", "b") for number in range(60_000)]
    matched = {index for index, line in enumerate(lines) if line[-15] == "a"}
    assert matched <= set(sieve.able(lines))
    assert matched <= set(sieve.able(lines))
    assert sieve.states <= 8192


def test_a_page_has_the_same_rules(
    twin: ModuleType, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is compiled and without it."""
    lines = [example for rule in rules.rules for example in rule.removes + rule.keeps]
    patterns = [rule.match for rule in rules.rules]
    sieve = twin.Sieve(patterns, LONGEST_LINE, LONGEST_ASKED)
    monkeypatch.setitem(rules.__dict__, "_sieve", None)
    expected = rules.find_all(lines)
    monkeypatch.setitem(rules.__dict__, "_sieve", sieve)
    assert rules.find_all(lines) == expected
