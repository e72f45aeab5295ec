"""Rule packs: every example behaves, and a pack that cannot be used says what to do."""

import pickle
import time

import pytest

from tasks.errors import RulePackError
from tasks.rules import CUTTER_VERSION, load_rules

RULES = load_rules()
GOOD = """
[[rule]]
id      = "test.rule"
why     = "A line for this test."
scope   = "line"
match   = '(?i)plumbing notices?'
removes = ["Plumbing notice"]
keeps   = ["Plumbing notices were sent."]
"""


def write(tmp_path, content):
    """A pack of this content."""
    pack = tmp_path / "own.toml"
    pack.write_text(content, encoding="utf-8")
    return pack


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_examples_behave(rule):
    """A rule removes all lines that it says it removes, and keeps those that it keeps."""
    assert all(rule in RULES.find(line) for line in rule.removes)
    assert not any(rule in RULES.find(line) for line in rule.keeps)


def test_ids_are_unique():
    """A span names its rule by id alone."""
    ids = [rule.id for rule in RULES.rules]
    assert len(ids) == len(set(ids))


def test_rules_go_to_a_worker():
    """Rules survive pickling and match as before."""
    there = pickle.loads(pickle.dumps(RULES))
    assert there == RULES
    assert [rule.id for rule in there.find("Advertisement")] == ["ad.en"]


def test_loading_is_cheap():
    """A worker or the command can load the packs at its start."""
    started = time.perf_counter()
    load_rules()
    assert time.perf_counter() - started < 0.5


def test_extra_packs_are_used(tmp_path):
    """A pack from outside adds its rules and changes the digest."""
    rules = load_rules([write(tmp_path, GOOD)])
    assert [rule.id for rule in rules.find("PLUMBING NOTICE")] == ["test.rule"]
    assert rules.digest != RULES.digest


def test_digest_tells_the_cutter_too(monkeypatch):
    """Another version of the cutter is another digest: its pages are cut again."""
    monkeypatch.setattr("tasks.rules.load.CUTTER_VERSION", CUTTER_VERSION + ".next")
    assert load_rules().digest != RULES.digest


def test_digest_is_the_same_for_the_same_packs():
    """The digest is a function of content, not of time or place."""
    assert load_rules().digest == RULES.digest


def test_no_rule_is_asked_about_a_long_line():
    """A paragraph is never boilerplate by a rule."""
    assert RULES.find("Advertisement " * 40) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[[rule]]", "[[rule"), "is not TOML"),
        (("why  ", "wy  "), "unknown key 'wy'"),
        (("[[rule]]", "[[rules]]"), "unknown key 'rules'"),
        (('scope   = "line"', ""), "has no `scope`"),
        (('"line"', '"page"'), "has no known `scope` ('page')"),
        (("plumbing notices?", "plumbing (notices?"), "has a pattern that RE2 refuses"),
        (("plumbing notices?", "(?=plumbing).*"), "has a pattern that RE2 refuses"),
        (('keeps   = ["Plumbing notices were sent."]', ""), "has no `keeps` example"),
        (('removes = ["Plumbing notice"]', "removes = []"), "has no `removes` example"),
        (('["Plumbing notice"]', "[3]"), "has a `removes` example that is no string"),
        (('["Plumbing notice"]', '["Plumber"]'), "does not match its `removes` 'Plumber'"),
        (("notices were sent.", "notices"), "matches its `keeps` 'Plumbing notices'"),
        (('"test.rule"', '"ad.en"'), "has an id that is taken"),
        (('"line"', '"line"\nrole = "by"'), "has a `role` but is no mark"),
        (('"line"', '"mark"'), "has no known `role`"),
        (('"line"', '"mark"\nrole = "door"'), "has no known `role` ('door')"),
    ],
)
def test_a_bad_pack_says_where_and_what(tmp_path, change, said):
    """A pack that cannot be used stops at once, with file, rule, and what to do."""
    pack = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(RulePackError) as raised:
        load_rules([pack])
    what, _, hint = str(raised.value).partition("\n")
    assert said in what
    assert str(pack) in what
    assert hint


def test_a_missing_pack_says_so(tmp_path):
    """A pack that is not there is named."""
    with pytest.raises(RulePackError, match=r"none\.toml: cannot be read"):
        load_rules([tmp_path / "none.toml"])
