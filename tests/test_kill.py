"""Exactly once: killed anywhere, run twice, run two at a time."""

import json
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.report.summary import check_balance
from tasks.schemas import TABLES

pytestmark = [pytest.mark.flow, pytest.mark.kill, pytest.mark.timeout(900)]

OF_A_RUN = {"run_id", "first_run_id", "ingested_at", "received_at", "ingest_date"}
"""Columns that may differ from run to run."""

COMMITS = len(TABLES) - 1
"""Tables that such an ingest writes to: all but ``forgotten``."""

POINTS = [
    "tasks.lake.recovery:create_tables:1:after",
    "tasks.work.plan:plan_shard:1:after",
    "tasks.report.terminal:TerminalProgress.advance:1:after",
    "tasks.report.terminal:TerminalProgress.advance:3:after",
    "tasks.work.finish:settle:1:before",
    "tasks.work.finish:publish:1:before",
    "tasks.lake.publish:write_intent:1:before",
    "tasks.lake.publish:write_intent:1:after",
    *(f"tasks.lake.commit:_commit:{n}:before" for n in range(1, COMMITS + 1)),
    *(f"tasks.lake.commit:commit_change:{n}:after" for n in range(1, COMMITS + 1)),
    "tasks.lake.commit:remove_intent:1:after",
]
"""While starting, planning, cutting; after staging, deciding; before and after the intent; before
and after each table's commit; and after the intent is gone but not yet the staging."""

RANDOM_KILLS = 20

WORDS = [
    "harbour",
    "council",
    "ferry",
    "bridge",
    "market",
    "winter",
    "engineer",
    "school",
    "river",
    "budget",
    "vote",
    "miner",
    "orchard",
    "railway",
    "clinic",
    "teacher",
    "storm",
    "signal",
    "lantern",
    "quarry",
    "festival",
    "archive",
    "tariff",
    "pilot",
    "reservoir",
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 190 invented pages, some of them copies, in files and in a file of records."""
    folder = tmp_path_factory.mktemp("source") / "valley-wire"
    folder.mkdir()
    chance = random.Random(7)
    stories = [_story(chance, number) for number in range(150)]
    for number, story in enumerate(stories[:110]):
        (folder / f"{number:03d}.txt").write_text(story)
    for number in range(12):
        copy = stories[number * 5].replace("on Tuesday", "on Wednesday", 1)
        (folder / f"copy-{number:02d}.txt").write_text(copy)
    (folder / "empty.txt").write_text("")
    records = [json.dumps({"text": story}) for story in [*stories[105:], *stories[20:40]]]
    records.insert(3, "{not json")
    (folder / "wire.jsonl").write_text("\n".join(records))
    return folder


def _story(chance: random.Random, number: int) -> str:
    def sentence() -> str:
        words = chance.choices(WORDS, k=chance.randint(9, 16))
        return " ".join(["The", *words]) + "."

    head = f"ORSTEN: Case {number} was heard on Tuesday. {sentence()}"
    return "\n\n".join([head, *(" ".join(sentence() for _ in range(3)) for _ in range(4))])


@pytest.fixture(scope="module")
def undisturbed(
    source: Path, served: dict[str, str], die_at: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, list[Any]], float]:
    """What the tables hold after an ingest that nobody disturbed, and how many seconds it took."""
    lake = tmp_path_factory.mktemp("undisturbed") / "lake"
    done = die_at(served, [("never", [(source, lake)])])
    assert done.codes == [0], done.said
    return _contents(lake), done.seconds[0]


@pytest.fixture(scope="module")
def killed(
    source: Path,
    served: dict[str, str],
    die_at: Any,
    undisturbed: tuple[dict[str, list[Any]], float],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """A lake for each point at which an ingest was killed, each recovered by a next run."""
    chance = random.Random(11)
    seconds = [chance.uniform(0.0, undisturbed[1]) for _ in range(RANDOM_KILLS)]
    points = [*POINTS, *(f"after {second:.3f}" for second in seconds)]
    folder = tmp_path_factory.mktemp("killed")
    lakes = {point: folder / f"lake-{number:02d}" for number, point in enumerate(points)}
    with ThreadPoolExecutor(2) as pool:
        halves = [points[::2], points[1::2]]
        dying = [[(point, [(source, lakes[point])]) for point in half] for half in halves]
        for half, done in zip(halves, pool.map(partial(die_at, served), dying), strict=True):
            for point, code in zip(half, done.codes, strict=True):
                died = code == -signal.SIGKILL
                assert died or point.startswith("after "), f"{point}: not killed\n{done.said}"
        next_ones = [[("never", [(source, lakes[point]) for point in half])] for half in halves]
        for done in pool.map(partial(die_at, served), next_ones):
            assert done.codes == [0], done.said
    return lakes


def test_a_killed_ingest_is_finished_by_the_next(
    killed: dict[str, Path], undisturbed: tuple[dict[str, list[Any]], float]
) -> None:
    """Wherever it was killed, articles, pages and duplicates are those of an undisturbed run."""
    wrong = {
        point: [name for name, rows in _contents(lake).items() if rows != undisturbed[0][name]]
        for point, lake in killed.items()
    }
    assert {point: tables for point, tables in wrong.items() if tables} == {}


def test_a_killed_ingest_leaves_nothing_behind(killed: dict[str, Path]) -> None:
    """No intent, no staging, no file that Delta does not know."""
    for lake in map(Lake, killed.values()):
        assert not lake.intent.exists()
        assert list(lake.staging.iterdir()) == []
        for name in TABLES:
            on_disk = {str(path) for path in lake.table(name).rglob("*.parquet")}
            in_log = {path.removeprefix("file://") for path in _files(lake, name)}
            assert {path for path in on_disk if "_delta_log" not in path} == in_log


def test_runs_tell_who_died_and_who_took_over(killed: dict[str, Path]) -> None:
    """Each run that died before it published has a row, and its successor's id in it."""
    for point, lake in killed.items():
        runs = read(Lake(lake), "runs").to_pylist()
        ids = {run["run_id"] for run in runs}
        for run in runs:
            if run["state"] == "crashed":
                assert run["recovered_by"] in ids, point
            else:
                assert check_balance(dict(run["counts"])) is None, point


def test_two_ingests_at_once_publish_everything_once(
    source: Path,
    served: dict[str, str],
    die_at: Any,
    undisturbed: tuple[dict[str, list[Any]], float],
    tmp_path: Path,
) -> None:
    """Started together on one lake, both end well, and the tables are those of one run."""
    lake = tmp_path / "lake"
    with ThreadPoolExecutor(2) as pool:
        same = [[("never", [(source, lake)])]] * 2
        ended = list(pool.map(partial(die_at, served), same))
    assert [done.codes for done in ended] == [[0], [0]], ended[0].said + ended[1].said
    assert _contents(lake) == undisturbed[0]
    counts = [dict(run["counts"]) for run in read(Lake(lake), "runs").to_pylist()]
    assert all(check_balance(one) is None for one in counts)
    assert sum(one["pages_new"] for one in counts) == len(undisturbed[0]["pages"])


def _contents(lake: Path) -> dict[str, list[Any]]:
    """Rows of the tables that must be the same, but for what belongs to a run."""
    contents = {}
    for name in ("articles", "pages", "duplicates"):
        rows = read(Lake(lake), name).to_pylist()
        plain = [{k: v for k, v in row.items() if k not in OF_A_RUN} for row in rows]
        contents[name] = sorted(plain, key=lambda row: json.dumps(row, default=str))
    return contents


def _files(lake: Lake, name: str) -> list[str]:
    from deltalake import DeltaTable

    return DeltaTable(str(lake.table(name))).file_uris()
