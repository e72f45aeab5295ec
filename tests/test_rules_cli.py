"""`copydesk rules`: list, approve and revoke what was learned; write, weigh and try packs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import app, main
from flows.settings import IngestSettings, ReprocessSettings
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


def test_check_tells_what_the_packs_cost(pack: Path) -> None:
    """With and without those given, and which patterns are the largest."""
    told = rules("check", pack)
    assert "ms to compile" in told
    assert "Without the packs given" in told
    assert "orsten.table" in told.partition("largest patterns")[2]


def test_check_runs_the_examples_of_our_own_packs() -> None:
    """Not only of those given: what it calls ok was tried."""
    loaded = load_rules(prove_all=True)
    assert loaded.digest == load_rules().digest


def test_check_without_packs_takes_those_of_the_environment(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COPYDESK_RULES names them."""
    monkeypatch.setenv("COPYDESK_RULES", str(pack))
    assert "orsten.toml\t3\t3\t3\tok" in rules("check").splitlines()


NEW = ["new", "--remove", "Ring for the Lamp: 12", "--keep", "Ring for the Lamp, she said."]


def test_new_appends_a_rule_that_loads(tmp_path: Path) -> None:
    """Shown before it is written; asked for twice it gets another id."""
    pack = tmp_path / "mine.toml"
    for name in ("mine.ring-for-the", "mine.ring-for-the-2"):
        told = rules(*NEW, "--pack", pack, "--yes")
        assert f'id      = "{name}"' in told
        assert "removes  Ring for the Lamp: 12" in told
        assert "keeps    Ring for the Lamp, she said." in told
    loaded = load_rules([pack])
    assert [rule.id for rule in loaded.find("RING FOR THE LAMP: 7 »")] == [
        "mine.ring-for-the",
        "mine.ring-for-the-2",
    ]


def test_new_writes_what_it_is_told(tmp_path: Path) -> None:
    """Id, reason, pattern; a language ends an id that is made up."""
    pack = tmp_path / "mine.toml"
    given = ["--name", "lamp.ring", "--why", "A bell.", "--match", "Ring for the Lamp: .*"]
    rules(*NEW, "--pack", pack, *given, "--yes")
    rules(*NEW, "--pack", pack, "--language", "de", "--yes")
    one, other = load_rules([pack]).find("Ring for the Lamp: 7")
    assert (one.id, one.why, one.match) == ("lamp.ring", "A bell.", "Ring for the Lamp: .*")
    assert other.id == "mine.ring-for-the.de"


def test_new_writes_nothing_unasked(tmp_path: Path) -> None:
    """Without a terminal and without --yes the rule is only shown."""
    pack = tmp_path / "mine.toml"
    assert "--yes writes it" in rules(*NEW, "--pack", pack)
    assert not pack.exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["new", "--keep", "Ring"], "--remove LINE is missing"),
        (["new", "--remove", "Ring"], "--keep LINE is missing"),
        ([*NEW, "--keep", "Ring for the Lamp: 12"], "both to be removed and to be kept"),
        ([*NEW, "--match", "Ring.*"], "matches the line to keep 'Ring for the Lamp, she said.'"),
        ([*NEW, "--match", "(Ring"], "RE2 refuses"),
        ([*NEW, "--name", "legal.copyright"], "has this id already"),
        ([*NEW, "--name", "two words"], "not an id"),
        ([*NEW, "--name", "learned.lamp"], "not rules'"),
        ([*NEW, "--language", "German"], "two letters"),
    ],
)
def test_new_refuses_what_cannot_be_a_rule(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
    told: str,
) -> None:
    """Exit code 2, the reason, and the pack as it was."""
    pack = tmp_path / "mine.toml"
    assert exit_code(monkeypatch, *given, "--pack", pack, "--yes") == 2
    assert told in capsys.readouterr().err
    assert not pack.exists()


def test_new_leaves_a_broken_pack_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no pack is not added to."""
    pack = tmp_path / "mine.toml"
    pack.write_text("[[rule]\n")
    assert exit_code(monkeypatch, *NEW, "--pack", pack, "--yes") == 2
    assert pack.read_text() == "[[rule]\n"


def answer(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Sit at a terminal and give these answers, in their order."""
    given = iter(answers)
    monkeypatch.setattr("builtins.input", lambda _: next(given))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)


def test_new_asks_at_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For lines, pattern, id and reason; a pattern that keeps nothing is asked for again."""
    pack = tmp_path / "mine.toml"
    answer(
        monkeypatch,
        *("Ring for the Lamp", "Ring for our Lamp", "", "Ring for the Lamp, she said.", ""),
        *("Ring.*", "(?i)ring for .* lamp", "two words", "lamp.ring", "", "y"),
    )
    assert exit_code(monkeypatch, "new", "--pack", pack) == 0
    (rule,) = load_rules([pack]).find("Ring for her lamp")
    assert (rule.id, rule.match) == ("lamp.ring", "(?i)ring for .* lamp")


def test_new_takes_no_for_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and nothing is written."""
    pack = tmp_path / "mine.toml"
    answer(monkeypatch, "", "", "", "n")
    assert exit_code(monkeypatch, *NEW, "--pack", pack) == 1
    assert not pack.exists()


@pytest.fixture
def table_rule(tmp_path: Path) -> Path:
    """A pack of the one rule that cuts the rare line."""
    path = tmp_path / "one.toml"
    path.write_text(PACK.split("\n\n")[0], encoding="utf-8")
    return path


def test_try_shows_what_a_pack_changes_in_files(
    table_rule: Path, pages: Callable[[range], list[Path]]
) -> None:
    """Counts by rule, each line with its neighbours, and nothing is written."""
    files = pages(range(6))
    before = {file: file.read_bytes() for file in files}
    told = rules("try", table_rule, files[0].parent)
    assert "orsten.table\t2\t2\t2\t0\t0" in told.splitlines()
    assert f"    - {RARE_LINE}" in told
    assert f"      {HOUSE_LINE}" in told
    assert "body → boilerplate (orsten.table)" in told
    assert "2 of 6 pages would change; articles: 2 otherwise, 0 more, 0 fewer." in told
    assert {file: file.read_bytes() for file in files} == before


def test_try_reads_a_source_of_the_lake(table_rule: Path, lake: Path) -> None:
    """What it taught is cut before and after; the lake is as it was."""
    before = sorted(path for path in lake.rglob("*"))
    told = rules("try", table_rule, SOURCE, "--lake", lake, "--show", "1")
    assert "orsten.table\t5\t5\t5\t0\t0" in told.splitlines()
    assert "… and 4 more lines" in told
    assert "5 of 15 pages would change" in told
    assert sorted(path for path in lake.rglob("*")) == before


def test_try_reads_so_many_pages_and_no_more(
    table_rule: Path, pages: Callable[[range], list[Path]]
) -> None:
    """A look is quick, whatever there is."""
    folder = pages(range(6))[0].parent
    assert "1 of 2 pages" in rules("try", table_rule, folder, "--pages", "2")


def test_try_compares_with_the_packs_in_use(
    table_rule: Path, pages: Callable[[range], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that another pack cuts is cut already; a pack in use is tried as if it were not."""
    folder = pages(range(6))[0].parent
    other = table_rule.with_name("other.toml")
    other.write_text(table_rule.read_text().replace("orsten.table", "other.table"))
    assert "other.table\t2\t2\t0\t2\t0" in rules("try", other, folder, "--rules", table_rule)
    monkeypatch.setenv("COPYDESK_RULES", str(table_rule))
    assert "orsten.table\t2\t2\t2\t0\t0" in rules("try", table_rule, folder)


def test_try_takes_a_pack_of_ours(pages: Callable[[range], list[Path]], root: Path) -> None:
    """As if it were not in use."""
    page = pages(range(1))[0]
    page.write_text(page.read_text() + "Most read\n© 2026 Orsten Lamp\n")
    told = rules("try", root / "tasks" / "rules" / "common.toml", page)
    assert "legal.copyright\t1\t1\t" in told


def test_try_says_which_sources_there_are(
    table_rule: Path,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is neither a file nor a source is wrong usage, and the message helps."""
    assert exit_code(monkeypatch, "try", table_rule, "orsten", "--lake", lake) == 2
    assert f"Its sources are {SOURCE}." in capsys.readouterr().err
    assert exit_code(monkeypatch, "try", table_rule, "orsten", "--lake", lake / "none") == 2
    assert "no lake at" in capsys.readouterr().err


def test_packs_of_the_environment_are_every_commands(
    table_rule: Path, pages: Callable[[range], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What explain cuts by is what ingest and reprocess are told, unless --rules says another."""
    monkeypatch.setenv("COPYDESK_RULES", str(table_rule))
    page = pages(range(1))[0]
    done = CliRunner().invoke(app, ["explain", str(page)])
    assert "← orsten.table" in done.output
    assert IngestSettings(sources=("a",)).rule_packs == (table_rule,)
    assert ReprocessSettings().rule_packs == (table_rule,)
    assert ReprocessSettings(rule_packs=()).rule_packs == ()


def test_a_missing_pack_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2."""
    assert exit_code(monkeypatch, "check", tmp_path / "none.toml") == 2
