"""`copydesk rules`: list, approve and revoke what was learned; weigh the packs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app, main
from tasks.lake.layout import Lake
from tasks.lake.learn import MIN_ACTIVE, MIN_PROPOSED
from tasks.lake.lock import lake_lock
from tasks.lake.tables import read
from tasks.rules import load_rules
from tasks.rules.check import find_shadowed, measure_effects
from tasks.text.page import Given
from tasks.text.templates import learned_rule

HOUSE_LINE = "The Orsten Lamp is written, printed and delivered by people who live in the valley."
RARE_LINE = "Letters to the Orsten Lamp are read by everybody at the long table in the press room."
SOURCE = "orsten-lamp"
HOUSE_RULE = learned_rule(SOURCE, HOUSE_LINE)
RARE_RULE = learned_rule(SOURCE, RARE_LINE)

PACK = """
[[rule]]
id      = "orsten.table"
why     = "Where letters to the paper are read; its pages end with it."
scope   = "line"
match   = 'Letters to the Orsten Lamp are read .*'
removes = ["Letters to the Orsten Lamp are read by everybody at the long table in the press room."]
keeps   = ["Letters to the Orsten Lamp were found in a barn."]

[[rule]]
id      = "orsten.press-room"
why     = "The same line, written by somebody who did not see the rule above."
scope   = "line"
match   = 'Letters to the Orsten Lamp are read by .* press room\\.'
removes = ["Letters to the Orsten Lamp are read by all of us in the press room."]
keeps   = ["Letters to the Orsten Lamp are read in the press room."]

[[rule]]
id      = "orsten.never"
why     = "A line that no page here has."
scope   = "line"
match   = 'Ring twice for the night desk\\.'
removes = ["Ring twice for the night desk."]
keeps   = ["Ring twice for the night desk, the porter said."]
"""


@pytest.fixture
def pages(tmp_path: Path, story: Callable[[int], str]) -> Callable[[range], list[Path]]:
    """Write pages of the source: all have the house line, one in three the rare one."""

    def write(numbers: range) -> list[Path]:
        folder = tmp_path / SOURCE
        folder.mkdir(exist_ok=True)
        files = []
        for number in numbers:
            lines = [RARE_LINE, HOUSE_LINE] if number % 3 == 0 else [HOUSE_LINE]
            files.append(folder / f"{number:03d}.txt")
            files[-1].write_text("\n".join([story(number), *lines]) + "\n")
        return files

    return write


@pytest.fixture
def lake(desk: Any, tmp_path: Path, pages: Callable[[range], list[Path]]) -> Path:
    """A lake that was taught by 15 pages."""
    ingest(desk, tmp_path / "lake", "first", pages(range(15)))
    return tmp_path / "lake"


def ingest(desk: Any, lake: Path, run_id: str, sources: list[Path]) -> None:
    """A run from beginning to end."""
    with desk(lake, run_id, *sources) as run:
        run.work_through()


def rules(*arguments: str | Path) -> str:
    """What `copydesk rules …` prints, where it ends well."""
    done = CliRunner().invoke(app, ["rules", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout


def exit_code(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """With what `copydesk rules …` ends, as a shell sees it."""
    monkeypatch.setattr("sys.argv", ["copydesk", "rules", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


def listed(output: str) -> dict[str, dict[str, str]]:
    """The rows of a printed table by their id."""
    head, *rows = (line.split("\t") for line in output.splitlines())
    named = [dict(zip(head, row, strict=True)) for row in rows]
    return {row["id"]: row for row in named}


def state(lake: Path, line: str) -> tuple[str, str | None]:
    """State of a template, and who decided it."""
    for row in read(Lake(lake), "learned").to_pylist():
        if row["template"] == line:
            return row["state"], row["decided_by"]
    raise AssertionError(line)


def texts(lake: Path, run_id: str) -> list[str]:
    """Texts of the articles that a run published."""
    rows = read(Lake(lake), "articles").to_pylist()
    return [row["text"] for row in rows if row["run_id"] == run_id]


def test_learned_lists_lines_with_their_figures(lake: Path) -> None:
    """State, pages, share, position, an example and the id that the other commands take."""
    row = listed(rules("learned", "--lake", lake))[HOUSE_RULE]
    assert row == {
        "state": "active",
        "pages": "15",
        "of": "15",
        "share": "100%",
        "position": "1.00",
        "kept": "15",
        "by": "",
        "id": HOUSE_RULE,
        "example": HOUSE_LINE,
    }


def test_learned_selects_by_state_and_source(lake: Path) -> None:
    """Only what was asked for is listed."""
    given = ["learned", "--lake", lake, "--source", SOURCE, "--state"]
    assert list(listed(rules(*given, "proposed"))) == [RARE_RULE]
    assert HOUSE_RULE in listed(rules(*given, "active"))
    assert listed(rules(*given, "revoked")) == {}
    assert {HOUSE_RULE, RARE_RULE} <= set(listed(rules(*given, "all")))


def test_a_revoked_line_comes_back(
    desk: Any, lake: Path, pages: Callable[[range], list[Path]]
) -> None:
    """From the next run on; and it stays revoked, on however many pages it is seen."""
    rules("revoke", HOUSE_RULE, "--lake", lake, "--by", "ida")
    ingest(desk, lake, "second", pages(range(20, 32)))
    assert all(HOUSE_LINE in text for text in texts(lake, "second"))
    assert state(lake, HOUSE_LINE) == ("revoked", "ida")


def test_an_approved_line_is_cut(
    desk: Any, lake: Path, pages: Callable[[range], list[Path]]
) -> None:
    """On whatever share of pages it stands; the page says by which rule."""
    rules("approve", RARE_RULE, "--lake", lake, "--by", "ida")
    ingest(desk, lake, "second", pages(range(21, 22)))
    assert state(lake, RARE_LINE) == ("active", "ida")
    assert not any(RARE_LINE in text for text in texts(lake, "second"))
    spans = next(
        row["spans"] for row in read(Lake(lake), "pages").to_pylist() if row["run_id"] == "second"
    )
    assert RARE_RULE in {span["rule"] for span in spans}


def test_an_approved_line_on_too_few_pages_is_not_cut(
    desk: Any, tmp_path: Path, pages: Callable[[range], list[Path]]
) -> None:
    """Below the least number of pages nothing is cut, whoever approves."""
    lake = tmp_path / "small"
    ingest(desk, lake, "first", pages(range(MIN_PROPOSED - 2)))
    assert f"on {MIN_PROPOSED - 2}." in rules("approve", HOUSE_RULE, "--lake", lake)
    ingest(desk, lake, "second", pages(range(40, 41)))
    assert all(HOUSE_LINE in text for text in texts(lake, "second"))
    ingest(desk, lake, "third", pages(range(42, 44)))
    ingest(desk, lake, "fourth", pages(range(45, 46)))
    assert not any(HOUSE_LINE in text for text in texts(lake, "fourth"))


def test_a_decision_is_a_run(lake: Path) -> None:
    """`runs` says what was decided, and by whom; counts are left alone."""
    before = listed(rules("learned", "--lake", lake))
    rules("revoke", HOUSE_RULE, "--lake", lake, "--by", "ida")
    (run,) = [row for row in read(Lake(lake), "runs").to_pylist() if row["flow"] == "rules"]
    told = {"command": "revoke", "rule": HOUSE_RULE, "by": "ida"}
    assert (json.loads(run["settings"]), run["state"]) == (told, "completed")
    after = listed(rules("learned", "--lake", lake))
    assert after[HOUSE_RULE] == {**before[HOUSE_RULE], "state": "revoked", "by": "ida"}
    assert {key: row for key, row in after.items() if key != HOUSE_RULE} == {
        key: row for key, row in before.items() if key != HOUSE_RULE
    }


def test_a_decision_leaves_nothing_behind(lake: Path) -> None:
    """Neither staging nor an intent."""
    rules("revoke", HOUSE_RULE, "--lake", lake)
    assert list(Lake(lake).staging.iterdir()) == []
    assert not Lake(lake).intent.exists()


def test_an_unknown_line_is_wrong_usage(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and how to find the ids; the lake is as before."""
    before = read(Lake(lake), "runs").num_rows
    assert exit_code(monkeypatch, "revoke", "learned.orsten-lamp.00000000", "--lake", lake) == 2
    assert "rules learned --state all" in capsys.readouterr().err
    assert read(Lake(lake), "runs").num_rows == before
    assert list(Lake(lake).staging.iterdir()) == []


@pytest.mark.parametrize("given", [("--state", "sad"), ("--source", "nobody")])
def test_learned_refuses_what_it_does_not_know(
    lake: Path, monkeypatch: pytest.MonkeyPatch, given: tuple[str, str]
) -> None:
    """An unknown state or source is wrong usage."""
    assert exit_code(monkeypatch, "learned", "--lake", lake, *given) == 2


def test_no_lake_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and no lake is made."""
    for command in (["learned"], ["approve", HOUSE_RULE]):
        assert exit_code(monkeypatch, *command, "--lake", tmp_path / "none") == 1
    assert not (tmp_path / "none").exists()


def test_a_writer_is_waited_for(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another writes, a decision waits; in the end it fails and changes nothing."""
    with lake_lock(Lake(lake), "ingest of a test", 1):
        given = ["revoke", HOUSE_RULE, "--lake", lake, "--lock-wait", "0.1"]
        assert exit_code(monkeypatch, *given) == 1
    assert state(lake, HOUSE_LINE)[0] == "active"


def test_help_tells_the_numbers_of_pages() -> None:
    """The least numbers of pages that it names are those that hold."""
    told = " ".join(rules("learned", "--help").split())
    assert f"proposed from {MIN_PROPOSED} pages" in told
    assert f"by itself from {MIN_ACTIVE} pages" in told


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack of three rules, of which one is in another's shadow."""
    path = tmp_path / "orsten.toml"
    path.write_text(PACK, encoding="utf-8")
    return path


def test_check_counts_packs_and_examples(pack: Path) -> None:
    """Our own packs and those given, each with its rules and examples."""
    assert "orsten.toml\t3\t3\t3\tok" in rules("check", pack).splitlines()


def test_check_names_shadowed_rules(pack: Path) -> None:
    """An earlier rule that matches all a rule removes makes it idle."""
    assert "orsten.press-room\torsten.table" in rules("check", pack).splitlines()


def test_our_own_rules_shadow_none() -> None:
    """Each of them removes a line that no earlier one does."""
    assert find_shadowed(load_rules()) == {}


def test_check_tells_what_each_rule_changes(
    pack: Path, pages: Callable[[range], list[Path]]
) -> None:
    """Of two rules that match a line neither cuts it alone; one that matches none says so."""
    folder = pages(range(6))[0].parent
    printed = [line.split("\t") for line in rules("check", pack, "--pages", folder).splitlines()]
    rows = {row[0]: row[1:] for row in printed if row[0].startswith("orsten.")}
    assert rows["orsten.table"] == rows["orsten.press-room"] == ["2", "0", "0", "0"]
    assert rows["orsten.never"] == ["0", "0", "0", "0"]


def test_a_rule_that_alone_cuts_a_line_counts_it(
    tmp_path: Path, pages: Callable[[range], list[Path]]
) -> None:
    """Lines and pages that come out otherwise without it."""
    path = tmp_path / "one.toml"
    path.write_text(PACK.split("\n\n")[0], encoding="utf-8")
    texts_ = [(file.read_text(), Given()) for file in pages(range(6))]
    effect = measure_effects(load_rules([path]), texts_)["orsten.table"]
    assert (effect.matched, effect.alone, effect.pages) == (2, 2, 2)


def test_a_failing_example_is_a_failed_check(
    pack: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, with pack, rule and example."""
    pack.write_text(PACK.replace("Ring twice for the night desk\\.'", "Ring thrice'"))
    assert exit_code(monkeypatch, "check", pack) == 1
    told = capsys.readouterr().err
    assert "orsten.never" in told
    assert "Ring twice for the night desk." in told


def test_a_missing_pack_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2."""
    assert exit_code(monkeypatch, "check", tmp_path / "none.toml") == 2
