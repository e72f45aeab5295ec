"""The command: its help, its exit codes, and what it prints for people and for programs."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from flows.cli import app
from tasks.lake.layout import Lake
from tasks.lake.lock import lake_lock
from tasks.lake.tables import read

Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]

COMMANDS = [
    "ingest",
    "explain",
    "rebuild",
    "reprocess",
    "maintain",
    "forget",
    "duplicates",
    "reindex",
    "runs",
    "sql",
    "ui",
    "up",
    "down",
    "status",
]


@pytest.fixture(scope="session")
def command(root: Path) -> Command:
    """Run the command in a process of its own, without a Prefect server."""
    hidden = ("PREFECT_", "COPYDESK_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}

    def run(*arguments: str | Path, **options: Any) -> Done:
        words = [sys.executable, "-m", "flows.cli", *map(str, arguments)]
        given = {"env": {**kept, "PYTHONPATH": str(root)}, "text": True, "cwd": root, **options}
        return subprocess.run(words, capture_output=True, check=False, timeout=60, **given)

    return run


@pytest.fixture(scope="module")
def lake(desk: Any, story: Callable[[int], str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two runs: three pages, a copy and a reject. Don't write to it."""
    folder = tmp_path_factory.mktemp("cli")
    feed = folder / "feed"
    feed.mkdir()
    for number in range(3):
        (feed / f"{number}.txt").write_text(story(number))
    (feed / "copy.txt").write_text(story(0))
    (feed / "empty.txt").touch()
    for run_id in ("run-one", "run-two"):
        with desk(folder / "lake", run_id, feed) as ingest:
            ingest.work_through()
    return folder / "lake"


def help_of(*arguments: str) -> str:
    """A help text, plain."""
    result = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    return result.output


def test_the_help_lists_the_commands() -> None:
    """And says what the exit codes mean."""
    text = help_of()
    for name in COMMANDS:
        assert f" {name} " in text
    assert "Exit codes: 0 done, 1 failed, 2 wrong usage." in text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_examples(name: str) -> None:
    """Of the command itself, with no option that it does not have."""
    options, _, examples = help_of(name).partition("Example")
    assert f"copydesk {name}" in examples
    assert set(re.findall(r"--[a-z-]+", examples)) <= set(re.findall(r"--[a-z-]+", options))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_explained(name: str) -> None:
    """No option and no argument without a word on it."""
    group = typer.main.get_command(app)
    for parameter in group.commands[name].params:  # type: ignore[attr-defined]
        assert parameter.help, parameter.name


def test_the_help_needs_no_prefect(root: Path) -> None:
    """So it answers at once; importing Prefect takes a second and more."""
    words = [sys.executable, "-X", "importtime", "-m", "flows.cli", "--help"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "typer" in loaded
    assert not {name for name in loaded if name.partition(".")[0] == "prefect"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["ingest"],
        ["ingest", "seeds", "--no-such-option"],
        ["ingest", "seeds", "--workers", "many"],
        ["ingest", "seeds", "--max-rejected", "1.5"],
        ["ingest", "seeds", "--lock-wait", "-1"],
        ["ingest", "seeds", "--dedupe", "sometimes"],
        ["sql"],
        ["no-such-command"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(command: Command, arguments: list[str], tmp_path: Path) -> None:
    """An option or argument that cannot be used is said on standard error, before any work."""
    done = command(*arguments, env={**os.environ, "COPYDESK_LAKE": str(tmp_path / "lake")})
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "lake").exists()


def test_a_wrong_choice_names_the_setting(command: Command) -> None:
    """And what was given, and what may be."""
    done = command("ingest", "seeds", "--dedupe", "sometimes")
    assert "dedupe" in done.stderr
    assert "sometimes" in done.stderr
    assert "'near', 'exact' or 'off'" in done.stderr


@pytest.mark.flow
def test_a_source_that_is_not_there_exits_2(copydesk: Command, tmp_path: Path) -> None:
    """It names the source and publishes nothing."""
    done = copydesk("ingest", tmp_path / "nowhere", "--lake", tmp_path / "lake")
    assert done.returncode == 2
    assert f"{tmp_path / 'nowhere'}: no such file or folder" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.flow
def test_a_locked_lake_exits_1(copydesk: Command, tmp_path: Path, root: Path) -> None:
    """After the wait it was told, and names who holds the lock."""
    with lake_lock(Lake(tmp_path / "lake"), "ingest of the night", 0):
        done = copydesk("ingest", root / "seeds", "--lake", tmp_path / "lake", "--lock-wait", "1")
    assert done.returncode == 1
    assert "waited 1 s for the lake's lock, held by ingest of the night" in done.stderr
    assert f"process {os.getpid()} on" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["sql", "select 1"], ["runs"], ["rebuild", "0" * 64]], ids=lambda a: a[0]
)
def test_no_lake_exits_1(command: Command, arguments: list[str], tmp_path: Path) -> None:
    """It says that there is none, and makes none."""
    done = command(*arguments, "--lake", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "no lake here" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_the_lake_can_be_named_by_a_variable(command: Command, lake: Path) -> None:
    """In every command that has ``--lake``."""
    done = command("runs", env={**os.environ, "COPYDESK_LAKE": str(lake)})
    assert done.returncode == 0
    assert "run-two" in done.stdout


def test_explain_labels_every_line(command: Command, root: Path) -> None:
    """Each line of the page with its number: kept, metadata, or cut and by which rule."""
    page = root / "seeds" / "harbour-courier" / "coast-news.txt"
    done = command("explain", page)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    lines = page.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        assert shown[number - 1].startswith(f"{number:>4} ")
        assert line.strip() in shown[number - 1]
    assert re.search(r"title +A Market, a Car Park and a Wall That Moves", done.stdout)
    assert re.search(r"boilerplate +Connect with us +← \S+", done.stdout)
    assert "4 articles" in done.stdout


def test_explain_reads_standard_input(command: Command, story: Callable[[int], str]) -> None:
    """So that a page need not be a file."""
    done = command("explain", "-", input=story(5))
    assert done.returncode == 0, done.stderr
    assert "authors: Ilse Tornquist" in done.stdout
    assert "1 article;" in done.stdout


def test_explain_reads_one_record(
    command: Command, tmp_path: Path, story: Callable[[int], str]
) -> None:
    """By its number, as in ``source_uri``."""
    wire = tmp_path / "wire.jsonl"
    wire.write_text("".join(json.dumps({"text": story(n)}) + "\n" for n in (1, 2)))
    done = command("explain", f"{wire}#L2")
    assert done.returncode == 0, done.stderr
    assert "ward 2" in done.stdout
    assert "ward 1" not in done.stdout


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("empty.txt", "rejected as empty"),
        ("nowhere.txt", "no such file"),
        ("wire.jsonl#L9", "no such record"),
        ("wire.jsonl#L1", "rejected as bad-record"),
        (".", "Give one file"),
    ],
)
def test_explain_says_why_it_cannot(
    command: Command, tmp_path: Path, name: str, message: str
) -> None:
    """With the reason that an ingest would give."""
    (tmp_path / "empty.txt").touch()
    (tmp_path / "wire.jsonl").write_text("{\n")
    (tmp_path / "more.txt").write_text("More.")
    done = command("explain", tmp_path / name if name != "." else tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_explain_says_why_standard_input_is_no_page(command: Command) -> None:
    """As for a file."""
    done = command("explain", "-", input=bytes(range(256)), text=False)
    assert done.returncode == 2
    assert b"binary" in done.stderr


def test_explain_reads_an_empty_standard_input_as_a_reject(command: Command) -> None:
    """An empty page is rejected as that, wherever it comes from."""
    done = command("explain", "-", input="")
    assert done.returncode == 2
    assert "empty" in done.stderr


def test_a_bad_rule_pack_exits_2(command: Command, tmp_path: Path, root: Path) -> None:
    """It names the pack; nothing is cut with half the rules."""
    pack = tmp_path / "mine.toml"
    pack.write_text("[[rule]\n")
    page = root / "seeds" / "gulf-ledger" / "dock-strike.txt"
    done = command("explain", page, "--rules", pack)
    assert done.returncode == 2
    assert str(pack) in done.stderr
    assert "Traceback" not in done.stderr


def test_rebuild_gives_the_bytes(command: Command, lake: Path, story: Callable[[int], str]) -> None:
    """To standard output, and nothing else there."""
    page = read(Lake(lake), "pages").to_pylist()[0]
    number = page["source_uri"].rsplit("/", 1)[1].removesuffix(".txt")
    done = command("rebuild", page["page_id"], "--lake", lake, text=False)
    assert done.returncode == 0
    assert done.stdout == story(int(number)).encode()


@pytest.mark.parametrize("page_id", ["0" * 64, "ab", "no id at all"])
def test_rebuild_of_an_unknown_page_exits_2(command: Command, lake: Path, page_id: str) -> None:
    """Nothing is written to standard output."""
    done = command("rebuild", page_id, "--lake", lake)
    assert (done.returncode, done.stdout) == (2, "")
    assert page_id in done.stderr


QUERY = "select title, words from articles order by title"


def test_sql_prints_csv(command: Command, lake: Path) -> None:
    """With a head; a reader of CSV gets the rows."""
    done = command("sql", QUERY, "--lake", lake, "--format", "csv")
    assert done.returncode == 0, done.stderr
    head, *found = csv.reader(done.stdout.splitlines())
    assert head == ["title", "words"]
    articles = read(Lake(lake), "articles").to_pylist()
    assert found == sorted([a["title"], str(a["words"])] for a in articles)


def test_sql_prints_json(command: Command, lake: Path) -> None:
    """One row a line, whatever the columns are."""
    done = command("sql", "select * from articles", "--lake", lake, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == 3
    assert all(row["authors"] == ["Ilse Tornquist"] for row in found)


def test_sql_prints_a_table(command: Command, lake: Path) -> None:
    """For another program: a head, then one row a line, parted by tabs."""
    done = command("sql", QUERY, "--lake", lake)
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head == "title\twords"
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["select * from nowhere"], "Tables: pages"),
        (["select 1", "--format", "xml"], "choose one of table, csv, json"),
        (["select cast(title as int) from articles"], "Could not convert"),
    ],
)
def test_a_query_that_cannot_be_answered_exits_2(
    command: Command, lake: Path, words: list[str], message: str
) -> None:
    """With the reason, and no traceback."""
    done = command("sql", *words, "--lake", lake)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_is_no_traceback(root: Path, lake: Path) -> None:
    """``copydesk sql … | head -1`` ends quietly."""
    words = f"{sys.executable} -m flows.cli sql 'select * from range(200000)' --lake {lake}"
    done = subprocess.run(
        ["sh", "-c", f"{words} | head -1"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "range\n"
    assert done.stderr == ""


def test_runs_lists_the_newest_first(command: Command, lake: Path) -> None:
    """With their state and their books."""
    done = command("runs", "--lake", lake)
    assert done.returncode == 0, done.stderr
    head, *found = (line.split("\t") for line in done.stdout.splitlines())
    table = [dict(zip(head, line, strict=True)) for line in found]
    assert [(row["run"], row["state"]) for row in table] == [
        ("run-two", "nothing-new"),
        ("run-one", "completed"),
    ]
    one = table[1]
    assert (one["in"], one["new"], one["seen"], one["rejected"]) == ("5", "4", "0", "1")
    assert (one["published"], one["withheld"]) == ("3", "1")


def test_runs_shows_as_many_as_asked(command: Command, lake: Path) -> None:
    """The newest ones."""
    done = command("runs", "--lake", lake, "--last", "1")
    assert "run-two" in done.stdout
    assert "run-one" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ingest", "seeds", "--since", "yesterday"], "since: give a date such as 2026-03-04"),
        (["reprocess", "--since", "yesterday"], "since: give a date such as 2026-03-04"),
        (["explain", "seeds/harbour-courier/coast-news.txt#L5"], "Give another number"),
        (["explain", "seeds/gulf-ledger"], "2 files. Give one file"),
        (["explain", "seeds/valley-notes/empty.txt"], "A run would not cut it either"),
    ],
)
def test_an_error_says_what_to_do(command: Command, arguments: list[str], told: str) -> None:
    """In words of ours, on standard error, with exit code 2."""
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.flow
def test_an_error_is_all_that_a_failed_run_says(copydesk: Command, tmp_path: Path) -> None:
    """Nothing of what libraries say at the end of a process stands below it."""
    done = copydesk("ingest", tmp_path / "nowhere", "--lake", tmp_path / "lake")
    *_, last = done.stderr.splitlines()
    assert last.startswith("copydesk: ")


def test_examples_name_pages_that_are_there(root: Path) -> None:
    """What a newcomer copies from the help works."""
    named = {place for name in COMMANDS for place in re.findall(r"seeds/[\w./-]+", help_of(name))}
    assert named
    assert all((root / place).exists() for place in named)


def test_the_version_is_told(command: Command) -> None:
    """As the installed package has it."""
    assert re.fullmatch(
        r"copydesk \d+\.\d+\.\d+\S*\n(not compiled: .*\n)?", command("--version").stdout
    )
