"""An ingest on a Dask cluster of this machine: as on one machine, and with a worker killed.

Scheduler and workers are processes on loopback, stopped by their ids; each worker has a folder of
its own for all that it keeps, so that nothing gets from one to the other but through the lake.
"""

import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flows import engines
from flows.settings import IngestSettings, make_settings
from tasks.errors import SettingError
from tasks.lake.layout import Lake, locate_lake
from tasks.lake.tables import read
from tasks.versions import run_versions
from tasks.work.shard import cut_shard

pytestmark = pytest.mark.timeout(300)

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("prefect_dask") is None,
    reason="needs the extra: pip install 'copydesk[dask]'",
)

OF_A_RUN = {"run_id", "first_run_id", "ingested_at", "received_at", "first_seen", "last_seen"}
"""Columns that differ from run to run."""

TRAP = """
import os, signal, sys
if "--multiprocessing-fork" in sys.orig_argv:
    import tasks.work.cutter as cutter
    cut, pages = cutter.cut, []
    def trap(text, *rest):
        pages.append(text)
        if len(pages) == 3:
            try:
                os.close(os.open(os.environ["TRAPPED"], os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                pass
            else:
                os.kill(os.getppid(), signal.SIGKILL)
        return cut(text, *rest)
    cutter.cut = trap
"""
"""A ``sitecustomize`` by which the first process to reach its third page kills its Dask worker."""


LINE = "\nThe Valley Wire reads letters on Mondays\n"

PACK = """
[[rule]]
id = "ours.letters"
why = "A test's own."
scope = "line"
match = 'The Valley Wire reads letters on Mondays'
removes = ["The Valley Wire reads letters on Mondays"]
keeps = ["The Valley Wire reads letters on Mondays, its editor said"]
"""


class Cluster:
    """A Dask scheduler, and the workers that were added to it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.workers: list[subprocess.Popen[bytes]] = []
        self._stack = ExitStack()

    def __enter__(self) -> "Cluster":
        told = self.folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self._start("scheduler", [*options, "--scheduler-file", str(told)])
        self._wait_for(told.exists)
        self.address = str(json.loads(told.read_text())["address"])
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def add_workers(self, *options: str, **environment: str) -> None:
        """Start two, each with folders of its own."""
        shared = ["--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", *options]
        for _ in range(2):
            home = self.folder / f"worker-{len(self.workers)}"
            home.mkdir()
            own = {**environment, "TMPDIR": str(home), "XDG_CACHE_HOME": str(home / "cache")}
            folder = ["--local-directory", str(home / "scratch")]
            self.workers.append(self._start("worker", [self.address, *shared, *folder], **own))

    def _start(
        self, kind: str, arguments: Sequence[str], **environment: str
    ) -> "subprocess.Popen[bytes]":
        log = self._stack.enter_context((self.folder / f"{kind}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", kind, *arguments],
            env={**self.environment, **environment},
            cwd=self.folder,
            stdout=log,
            stderr=log,
        )
        self._stack.callback(_stop, process)
        return process

    def _wait_for(self, is_there: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not is_there():
            assert time.monotonic() < end, (self.folder / "scheduler.log").read_text()
            time.sleep(0.1)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


@contextmanager
def cluster_in(folder: Path, environment: dict[str, str]) -> Iterator[Cluster]:
    """A cluster whose processes know nothing of Prefect."""
    folder.mkdir()
    kept = {name: value for name, value in environment.items() if not name.startswith("PREFECT_")}
    with Cluster(folder, kept) as cluster:
        yield cluster


def contents(lake: Lake) -> dict[str, list[str]]:
    """Rows of the tables that must be the same, but for what belongs to a run."""
    found = {}
    for name in ("articles", "pages", "duplicates", "rejects", "inputs", "learned", "bands"):
        rows = read(lake, name).to_pylist()
        plain = [{k: v for k, v in row.items() if k not in OF_A_RUN} for row in rows]
        found[name] = sorted(json.dumps(row, default=str, sort_keys=True) for row in plain)
    return found


def copies(story: Callable[[int], str], count: int) -> Iterator[tuple[str, str]]:
    """Names and texts of pages: two stories in five are copies, exact or near."""
    for number in range(count):
        text = story(number % 60 if number >= 60 else number)
        if 60 <= number < 80:
            text = text.replace("after a long winter", "after the long winter")
        yield f"valley-wire/{number:03d}.txt", text + LINE


def losses_told(prefect_api: str) -> list[str]:
    """What runs in Prefect's history warned of, as far as it is of workers that were lost."""
    order = urllib.request.Request(
        f"{prefect_api}/logs/filter",
        data=json.dumps({"logs": {"level": {"ge_": 30}}}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(order, timeout=30) as answer:
        told = [str(one["message"]) for one in json.load(answer)]
    return [message for message in told if "was lost" in message]


@needs_dask
@pytest.mark.flow
def test_a_cluster_gives_the_rows_that_one_machine_gives(
    copydesk: Any,
    served: dict[str, str],
    bucket: Any,
    desk: Any,
    story: Callable[[int], str],
    tmp_path: Path,
) -> None:
    """Of two workers with a lake in a bucket: all rows, verdicts too; no worker keeps any."""
    for name, text in copies(story, 100):
        bucket.put(name, text.encode())
    bucket.put("valley-wire/empty.txt", b"")
    feed, address = f"s3://{bucket.name}/valley-wire", f"s3://{bucket.name}/lake"
    (tmp_path / "head").mkdir()
    environment = {**served, **bucket.environment, "TMPDIR": str(tmp_path / "head")}
    with cluster_in(tmp_path / "cluster", environment) as cluster:
        cluster.add_workers()
        told = ("--engine", "dask", "--scheduler", cluster.address)
        done = copydesk("ingest", feed, "--lake", address, *told, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        log = (cluster.folder / "worker.log").read_text()
        kept = list((tmp_path / "cluster").rglob("*.staged"))
    with desk(tmp_path / "lake", "local", feed) as local:
        local.work_through()
    assert contents(locate_lake(address)) == contents(Lake(tmp_path / "lake"))
    assert [file.name for file in kept if file.name != "learned.staged"] == [], log
    assert not [key for key in bucket.keys("lake") if "staging" in key]
    assert read(locate_lake(address), "duplicates").num_rows > 30


@needs_dask
@pytest.mark.flow
def test_a_killed_worker_costs_its_shard_one_try(
    copydesk: Any,
    served: dict[str, str],
    prefect_api: str,
    desk: Any,
    story: Callable[[int], str],
    tmp_path: Path,
) -> None:
    """By SIGKILL in the middle of a shard, the lake in a shared folder: nothing is lost."""
    for name, text in copies(story, 100):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "trap").mkdir()
    (tmp_path / "trap" / "sitecustomize.py").write_text(TRAP)
    path = os.pathsep.join([str(tmp_path / "trap"), *sys.path])
    feed, lake = tmp_path / "valley-wire", tmp_path / "lake"
    with cluster_in(tmp_path / "cluster", served) as cluster:
        cluster.add_workers("--no-nanny", PYTHONPATH=path, TRAPPED=str(tmp_path / "trapped"))
        told = ("--engine", "dask", "--scheduler", cluster.address)
        done = copydesk("ingest", feed, "--lake", lake, *told)
        assert done.returncode == 0, done.stdout + done.stderr
        ended = [worker.poll() for worker in cluster.workers]
    assert sorted(ended, key=str) == [-9, None]
    (told_of,) = losses_told(prefect_api)
    assert told_of.startswith("shard-")
    assert told_of.endswith("worked it again.")
    with desk(tmp_path / "alone", "local", feed) as local:
        local.work_through()
    assert contents(Lake(lake)) == contents(Lake(tmp_path / "alone"))


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What the engine of these tests told whoever watches."""
    return []


@pytest.fixture(scope="module")
def engine(
    told: list[str], prefect_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The engine of two workers, without a flow around it."""
    from distributed import Client

    from tasks.work.cluster import DaskEngine

    folder = tmp_path_factory.mktemp("dask") / "cluster"
    with cluster_in(folder, prefect_environment) as cluster:
        cluster.add_workers("--no-nanny")
        with Client(cluster.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
            yield DaskEngine(client, told.append)


@pytest.fixture
def planned(desk: Any, story: Callable[[int], str], tmp_path: Path) -> Iterator[Any]:
    """A run that has planned to cut a page in a folder."""
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "page.txt").write_text(story(1) + LINE)
    with desk(tmp_path / "lake", "planned", tmp_path / "feed") as run:
        run.recover()
        run.plan()
        yield run


@needs_dask
def test_workers_that_do_not_see_the_lake_are_told(engine: Any, planned: Any) -> None:
    """Before anything is cut, with what to do about it."""
    elsewhere = replace(planned.job, folder=Path("/nowhere/lake/staging/run"))
    with (
        pytest.raises(SettingError, match=r"tcp://.*the lake .* is not there .*s3://"),
        engine.open_pool(planned.work.shards, elsewhere),
    ):
        pass


@needs_dask
def test_workers_with_another_version_are_told(engine: Any, planned: Any) -> None:
    """Their results would be others."""
    other = replace(planned.job, versions={**planned.job.versions, "reader": "0"})
    with (
        pytest.raises(SettingError, match=r"reader .* for 0\. Install there what the run"),
        engine.open_pool(planned.work.shards, other),
    ):
        pass


@needs_dask
def test_a_rule_pack_is_sent_along(engine: Any, planned: Any, tmp_path: Path) -> None:
    """Workers cut by it, though it lies on the head's disk, under a name of its content there."""
    pack = tmp_path / "ward.toml"
    pack.write_text(PACK)
    job = replace(planned.job, rule_packs=(pack,), versions=run_versions((pack,)))
    with engine.open_pool(planned.work.shards, job) as pool:
        pack.unlink()
        staged = pool.work_shard(cut_shard, planned.work.shards[0], job)
    assert staged.rules["ours.letters"] == 1
    assert staged.name == planned.work.shards[0].name


@needs_dask
def test_sources_that_a_worker_does_not_see_are_told(planned: Any, tmp_path: Path) -> None:
    """They would be missed without a word."""
    from tasks.work.remote import find_missing

    there, gone = str(tmp_path / "feed" / "page.txt"), str(tmp_path / "feed" / "gone.txt")
    assert find_missing([there]) is None
    assert str(find_missing([there, gone])).startswith(f"{gone} is not there on")


@needs_dask
def test_a_cluster_looks_up_what_one_process_finds(
    engine: Any,
    told: list[str],
    desk: Any,
    story: Callable[[int], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same hits in an index of several files, some of one band and some of all."""
    from tasks.dedupe.lookup import find_hits
    from tasks.lake.tables import dataset
    from tasks.work import cluster

    lake = Lake(tmp_path / "lake")
    for run in range(3):
        (tmp_path / str(run)).mkdir()
        for number in range(4):
            (tmp_path / str(run) / f"{number}.txt").write_text(story(4 * run + number))
        with desk(lake.root, f"run-{run}", tmp_path / str(run)) as ingest:
            ingest.work_through()
    bands = dataset(lake, "bands")
    rows = bands.to_table()
    band, key = (rows[name].to_numpy().astype(np.int64) for name in ("band", "key"))
    codes = np.unique(band * (1 << 32) + key)[::3]
    monkeypatch.setattr(cluster, "MIN_ROWS", 0)
    monkeypatch.setattr(cluster, "TASK_ROWS", 1)
    found, expected = engine.finder(lake)(bands, codes), find_hits(bands, codes)
    assert len(expected[0]) > 100
    assert sorted(zip(*found, strict=True)) == sorted(zip(*expected, strict=True))
    assert told == []


@needs_dask
def test_a_cluster_compares_as_one_process_does(
    engine: Any, told: list[str], story: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The facts of pairs, whoever compares them."""
    from tasks.dedupe import ahead
    from tasks.dedupe.ahead import Ahead, Pair, Titled, compare_facts

    monkeypatch.setattr(ahead, "MIN_PAIRS", 1)
    texts = [story(number) for number in range(6)]
    texts += [text.replace("ward", "district").replace("2025", "2024") for text in texts]
    pairs = {
        (one, other): Pair(Titled(None, texts[one]), Titled("A title", texts[other]), False)
        for one in range(12)
        for other in range(one)
    }
    with Ahead(engine.start) as compared:
        assert compared.compare(pairs) == {key: compare_facts(pair) for key, pair in pairs.items()}
    assert told == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"engine": "dask"}, "--scheduler"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "--engine dask"),
        ({"engine": "spark"}, "'local' or 'dask'"),
    ],
)
def test_an_engine_is_asked_for_whole(given: dict[str, str], told: str) -> None:
    """A cluster needs an address, and an address a cluster."""
    with pytest.raises(SettingError, match=told):
        make_settings(IngestSettings, sources=["seeds"], **given)


def dask_settings(address: str) -> IngestSettings:
    """Of a run on the cluster at an address."""
    return make_settings(IngestSettings, sources=["seeds"], engine="dask", scheduler=address)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask the error says what to install."""
    monkeypatch.setitem(sys.modules, "prefect_dask", None)
    settings = dask_settings("tcp://127.0.0.1:1")
    with pytest.raises(SettingError, match=r"pip install 'copydesk\[dask\]'"):
        engines.open_engine(settings).__enter__()


@needs_dask
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere"])
def test_an_address_that_does_not_answer_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends before it has begun."""
    monkeypatch.setattr(engines, "CONNECT_SECONDS", 0.5)
    with pytest.raises(SettingError, match=f"{address}: no Dask scheduler answers"):
        engines.open_engine(dask_settings(address)).__enter__()


@needs_dask
def test_a_cluster_without_workers_is_named(
    prefect_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run does not wait for ever."""
    monkeypatch.setattr(engines, "WORKERS_SECONDS", 0.5)
    with cluster_in(tmp_path / "cluster", prefect_environment) as cluster:
        settings = dask_settings(cluster.address)
        with pytest.raises(
            SettingError, match=rf"has no worker\.\n.*dask worker {cluster.address}"
        ):
            engines.open_engine(settings).__enter__()
