"""A pattern proposed from lines to remove and lines to keep."""

import tomllib
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.errors import RulePackError
from tasks.rules.load import LONGEST_LINE, load_rules
from tasks.rules.propose import propose, prove
from tasks.rules.write import append_rule, render_rule
from tasks.text.lines import bare, strip

KEEP = ["Nothing like it was ever seen at the quay."]


def matches(pattern: str, line: str) -> bool:
    """Whether a rule with the pattern cuts the line."""
    return re2.fullmatch(pattern, bare(line)) is not None


@pytest.mark.parametrize(
    ("removes", "others"),
    [
        (["Listen to our podcast"], ["LISTEN TO OUR PODCAST »", "Listen to our podcast:"]),
        (["Listen to our podcast", "Listen to the podcast"], ["listen to THE podcast"]),
        (["Listen to podcast", "Listen to our podcast"], ["Listen to our podcast →"]),
        (["Read 12 more stories"], ["Read 1,204 more stories"]),
        (["Updated 4 March 2025, 09:40"], ["Updated 17 Oct. 2026, 23:05"]),
        (["Updated Monday, March 4, 2025"], ["Updated Friday, December 31, 2027"]),
        (["Stand: 3. Mai 2025"], ["Stand: 11. Dezember 2026"]),
        (["Photo: Ida Brandt / Lamp", "Photo: Per Holm / Lamp"], ["Photo: Ana M. Vale / Lamp"]),
        (["Mail the desk at desk@lamp.example"], ["Mail the desk at night@lamp.example"]),
        (["More on https://lamp.example/a"], ["More on www.lamp.example/b?c=1"]),
        (["★ Subscribe ★"], ["Subscribe", "» SUBSCRIBE «"]),
    ],
)
def test_what_varies_from_page_to_page_is_left_open(removes: list[str], others: list[str]) -> None:
    """Case, signs around, numbers, dates, addresses, and names where the lines differ."""
    pattern = propose(removes, KEEP).match
    for line in [*removes, *others]:
        assert matches(pattern, line), (pattern, line)


@pytest.mark.parametrize(
    ("removes", "keeps", "others"),
    [
        (["Ring twice for the desk."], ["Ring twice for the desk"], ["Ring twice for the night"]),
        (["Read more"], ["read more"], ["READ MORE", "Read more of it"]),
        (["Route 66 news"], ["Route 67 news"], ["Route 68 news"]),
        (["March 4, 2025"], KEEP, ["April 5, 2026"]),
        (["12"], KEEP, ["13"]),
        (["Photo: Ida Brandt"], KEEP, ["Photo: Per Holm", "Photo: nobody"]),
        (["Photo: Ida Brandt", "Photo: Per Holm"], KEEP, ["Photo: by nobody at all"]),
    ],
)
def test_what_the_lines_do_not_tell_is_not_guessed(
    removes: list[str], keeps: list[str], others: list[str]
) -> None:
    """What is to be kept narrows it; a bare date or number stands for itself only."""
    pattern = propose(removes, keeps).match
    for line in [*keeps, *others]:
        assert not matches(pattern, line), (pattern, line)


def test_lines_without_a_word_in_common_are_alternatives() -> None:
    """And no pattern between them."""
    pattern = propose(["Sign in", "Follow the Lamp", "Follow the Orsten Lamp"], KEEP).match
    assert pattern == r"(?i)(?:Sign in|Follow the (?:Orsten )?Lamp)[\pP\pS\s]*"


def test_a_line_to_remove_and_to_keep_is_refused() -> None:
    """Naming it, whatever bullet or quotes it has."""
    with pytest.raises(RulePackError, match=r"'It\'s the Lamp' is both to be removed and"):
        propose(["• It’s the Lamp"], ["It's the Lamp"])


def test_a_line_of_prose_is_refused() -> None:
    """No rule is asked about lines of such length."""
    with pytest.raises(RulePackError, match=f"up to {LONGEST_LINE}"):
        propose(["word " * 60], KEEP)


def test_a_pattern_that_removes_a_line_to_keep_is_refused() -> None:
    """Naming the line."""
    with pytest.raises(RulePackError, match="matches the line to keep 'Read more of it'"):
        prove("Read more.*", ["Read more"], ["Read more of it"])


def test_a_pattern_that_misses_a_line_to_remove_is_refused() -> None:
    """A rule is asked about the whole line."""
    with pytest.raises(RulePackError, match="does not match the line to remove 'Read more'"):
        prove("Read", ["Read more"], KEEP)


def test_a_pattern_that_takes_more_than_linear_time_is_refused() -> None:
    """RE2 knows no look-around."""
    with pytest.raises(RulePackError, match="RE2 refuses"):
        prove("(?!x)Read more", ["Read more"], KEEP)


lines = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40).filter(strip)


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, min_size=1, max_size=4), st.lists(lines, min_size=1, max_size=3))
def test_any_lines_give_a_pattern_that_holds_or_a_reason(
    removes: list[str], keeps: list[str]
) -> None:
    """It matches all that is to be removed and nothing that is to be kept."""
    try:
        proposal = propose(removes, keeps)
    except RulePackError:
        gone, kept = (set(map(bare, map(strip, some))) for some in (removes, keeps))
        assert gone & kept or "" in gone | kept
        return
    assert all(matches(proposal.match, strip(line)) for line in removes)
    assert not any(matches(proposal.match, strip(line)) for line in keeps)


@settings(max_examples=100, deadline=None)
@given(removes=st.lists(lines, min_size=1, max_size=3), why=lines)
def test_any_proposal_can_be_written_and_loaded(
    tmp_path_factory: pytest.TempPathFactory, removes: list[str], why: str
) -> None:
    """As a block of TOML that gives back what went in."""
    try:
        proposal = propose(removes, ["Nothing like it was ever seen at the quay."])
    except RulePackError:
        return
    pack = tmp_path_factory.mktemp("pack") / "mine.toml"
    append_rule(pack, render_rule("mine.line", why, proposal))
    rule = next(one for one in load_rules([pack]).rules if one.id == "mine.line")
    assert (rule.match, rule.removes, rule.why) == (proposal.match, proposal.removes, why)


def test_a_rule_is_appended(tmp_path: Path) -> None:
    """What was in the pack stays as it was, comments and all."""
    pack = tmp_path / "mine.toml"
    first, second = (
        render_rule(name, "Of the site.", propose([line], KEEP))
        for name, line in (("mine.first", "Sign in"), ("mine.second", "Read more"))
    )
    before = f"# The desk's own.\n\n{first}".rstrip()
    pack.write_text(before, encoding="utf-8")
    append_rule(pack, second)
    after = pack.read_text(encoding="utf-8")
    assert after == f"{before}\n\n{second}"
    assert [rule["id"] for rule in tomllib.loads(after)["rule"]] == ["mine.first", "mine.second"]
