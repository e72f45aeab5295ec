"""What tests share: sample pages, gold data where it is at hand, a Prefect server, the command."""

import importlib
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest

from tasks import compiled
from tasks.lake.layout import locate_lake
from tasks.lake.lock import lake_lock
from tasks.lake.recovery import Recovered, recover
from tasks.lake.runs import Run
from tasks.lake.staging import StagedShard, claim_staging
from tasks.read.refs import Limits as PageLimits
from tasks.read.s3 import open_bucket
from tasks.report.summary import Summary
from tasks.versions import run_versions, work_digest
from tasks.work.finish import Decided, Limits, decide_run, publish_run
from tasks.work.job import Job
from tasks.work.plan import RunPlan, plan_run
from tasks.work.shard import cut_shard

ROOT = Path(__file__).parents[1]

SERVER = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]

Copydesk = Callable[..., subprocess.CompletedProcess[str]]

Dying = tuple[str, Sequence[tuple[str | Path, str | Path]]]
"""A point, and the sources and lakes of ingests that come one after another in one process."""


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_OPTIONS = [
    # CI is root in a container, without a graphics card; nothing but the page is asked for.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real pages and their gold; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
    if not (folder / "gold" / "score.py").exists():
        pytest.skip(f"needs the gold data in {folder}, or where COPYDESK_SHARED says")
    return folder


@pytest.fixture(scope="session")
def twin_of() -> Callable[[str], ModuleType]:
    """Gives a module's compiled twin; the test is skipped where nothing was compiled."""

    def find(name: str) -> ModuleType:
        package, _, last = name.rpartition(".")
        try:
            return importlib.import_module(f"{package}._{last}")
        except ImportError:
            if os.environ.get(compiled.SWITCH) == "1":
                raise
            pytest.skip(f"{name} is not compiled: there was no C compiler at installation")

    return find


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Prefect history of the tests' own."""
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect_environment(prefect_home: Path) -> dict[str, str]:
    """Environment of processes that use Prefect, without a server's address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    kept.pop("COPYDESK_LAKE", None)
    return {
        **kept,
        "PREFECT_HOME": str(prefect_home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


@pytest.fixture(scope="session")
def prefect_api(prefect_environment: dict[str, str], prefect_home: Path) -> Iterator[str]:
    """Address of the API of a Prefect server on loopback, stopped at the end by its id."""
    port = _free_port()
    with (prefect_home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*SERVER, "--port", str(port)],
            env=prefect_environment,
            stdout=log,
            stderr=log,
        )
        address = f"http://127.0.0.1:{port}/api"
        try:
            _wait_for(f"{address}/health", server)
            yield address
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture(scope="session")
def served(prefect_environment: dict[str, str], prefect_api: str) -> dict[str, str]:
    """Environment of processes that use the tests' Prefect server."""
    return {**prefect_environment, "PREFECT_API_URL": prefect_api}


@pytest.fixture(scope="session")
def copydesk(served: dict[str, str]) -> Copydesk:
    """Run the command, in a process of its own, against the tests' Prefect server."""

    def run(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flows.cli", *map(str, arguments)]
        given = {"env": served, "cwd": ROOT, "timeout": 240, **options}
        return subprocess.run(command, capture_output=True, text=True, check=False, **given)

    return run


@dataclass(frozen=True)
class Died:
    """How ingests ended that were to die."""

    codes: list[int]
    """Exit codes; that of a signal is negative."""
    seconds: list[float]
    """That each ingest took which ended by itself."""
    said: str
    """All errors."""


@pytest.fixture(scope="session")
def die_at() -> Callable[[dict[str, str], Sequence[Dying]], Died]:
    """Run ingests that die at a point; ``drivers/die_at.py`` says which there are."""

    def run(environment: dict[str, str], dying: Sequence[Dying]) -> Died:
        command = [sys.executable, str(ROOT / "tests" / "drivers" / "die_at.py")]
        for point, pairs in dying:
            command += ["--", point, *(f"{source}={lake}" for source, lake in pairs)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
        told = [line.split() for line in done.stdout.splitlines()]
        return Died(
            [int(line[1]) for line in told if line[:1] == ["ended"]],
            [float(line[1]) for line in told if line[:1] == ["seconds"]],
            done.stderr,
        )

    return run


@pytest.fixture(scope="session")
def seeds_run(
    copydesk: Copydesk, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The sample pages ingested once: the lake, and what the command said. Don't write to it."""
    lake = tmp_path_factory.mktemp("seeds") / "lake"
    done = copydesk("ingest", "seeds", "--lake", lake)
    assert done.returncode == 0, done.stdout + done.stderr
    return lake, done


@pytest.fixture
def seeds_lake(seeds_run: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> Path:
    """A copy of the lake of the sample pages, to write to."""
    return Path(shutil.copytree(seeds_run[0], tmp_path / "lake"))


@dataclass(frozen=True)
class Block:
    """A fenced code block of a Markdown file."""

    language: str
    title: str | None
    """Of a block that is a file, its name."""
    reason: str | None
    """Why no test runs it, as the comment above it says; None where one does."""
    text: str


_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^>]+?) -->\n)?"
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.M | re.S,
)


@pytest.fixture(scope="session")
def blocks() -> Callable[..., list[Block]]:
    """List the code blocks of a Markdown file, in its order; of one language, if that is given."""

    def find(path: Path, language: str | None = None) -> list[Block]:
        text = path.read_text(encoding="utf-8")
        found = [Block(**match.groupdict()) for match in _BLOCK.finditer(text)]
        assert len(found) == len(re.findall("^```\\w", text, re.M)), (
            f"{path}: a block unlike others"
        )
        return [one for one in found if language in (None, one.language)]

    return find


@pytest.fixture(scope="module")  # it runs an event loop of its own
def browser() -> Iterator[Any]:
    """A real browser without a window, where the machine has one."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"needs a browser: one of {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=BROWSER_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An S3 server on loopback, stopped at the end by its id: the variables that say where."""
    port = _free_port()
    with (tmp_path_factory.mktemp("s3") / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/moto-api/", server)
            yield {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ALLOW_HTTP": "true",
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "copydesk-tests",
                "AWS_SECRET_ACCESS_KEY": "not-a-secret",
                "AWS_EC2_METADATA_DISABLED": "true",  # nobody asks beyond this machine
            }
        finally:
            server.terminate()
            server.wait(30)


class Bucket:
    """A new bucket of the tests' S3 server."""

    def __init__(self, environment: dict[str, str], name: str | None = None) -> None:
        self.name = name or f"bucket-{uuid4().hex[:12]}"
        self.environment = environment
        endpoint = environment["AWS_ENDPOINT_URL"]
        order = urllib.request.Request(f"{endpoint}/{self.name}", method="PUT")
        with urllib.request.urlopen(order, timeout=10):
            pass

    def put(self, key: str, data: bytes) -> str:
        """Store an object; its address."""
        open_bucket(self.name).put(key, data)
        return f"s3://{self.name}/{key}"

    def keys(self, prefix: str = "") -> list[str]:
        """The keys of what is there, in order."""
        found = open_bucket(self.name).list(prefix or None)
        return sorted(one["path"] for batch in found for one in batch)


@pytest.fixture
def bucket(s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A new, empty bucket; this process and those it starts know where it is."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    return Bucket(s3_server)


class Desk:
    """An ingest taken step by step, in this process and without Prefect: what ``flows`` does.

    A context manager: the run lives inside it. An error that leaves it is the death of the run;
    its staging stays.
    """

    def __init__(self, lake: Path | str, run_id: str, *sources: Path | str) -> None:
        versions = run_versions()
        started = datetime.now(UTC)
        self.lake = locate_lake(lake)
        self.run = Run(run_id, f"ingest {run_id}", "ingest", started, self.lake, "{}", versions)
        self.sources = sources
        self._claim = claim_staging(self.lake, run_id, self.run.facts)

    def __enter__(self) -> "Desk":
        self.folder = self._claim.__enter__()
        limits = PageLimits(last_try=True)
        self.job = Job(
            self.lake,
            self.folder,
            self.run.run_id,
            self.run.started_at,
            limits,
            page_seconds=30.0,
            rule_packs=(),
            digest="",
            versions=self.run.versions,
        )
        return self

    def __exit__(self, *error: object) -> bool | None:
        return self._claim.__exit__(*error)  # type: ignore[arg-type]

    def recover(self) -> Recovered:
        """Finish what others began."""
        with lake_lock(self.lake, self.run.name, 10):
            self.recovered = recover(self.run, self.folder)
        digest = work_digest(self.run.versions, self.recovered.learned, self.job.limits.page_bytes)
        self.job = replace(self.job, digest=digest)
        return self.recovered

    def set(self, **changes: object) -> None:
        """Change what the job is told."""
        self.job = replace(self.job, **changes)  # type: ignore[arg-type]

    def plan(self) -> RunPlan:
        """List what is new."""
        self.work = plan_run([str(one) for one in self.sources], self.job, self.recovered.shards)
        return self.work

    def cut(self) -> Sequence[StagedShard]:
        """Cut it."""
        fresh = [cut_shard(shard, self.job) for shard in self.work.shards]
        self.shards = sorted([*self.work.staged, *fresh], key=lambda shard: shard.name)
        return self.shards

    def decide(self) -> Decided:
        """Settle it, and withhold copies."""
        limits = Limits(max_rejected=0.1, guard=True, max_group=100, max_source_share=0.5)
        self.decided = decide_run(self.run, self.work, self.shards, "near", limits, self.folder)
        return self.decided

    def publish(self) -> Summary:
        """Publish it."""
        return publish_run(self.run, self.decided, self.recovered, {}, self.folder)

    def finish(self) -> Summary:
        """Take all steps from ``cut`` on."""
        self.cut()
        with lake_lock(self.lake, self.run.name, 10):
            self.decide()
            return self.publish()

    def work_through(self) -> Summary:
        """Take all steps."""
        self.recover()
        self.plan()
        return self.finish()


@pytest.fixture(scope="session")
def desk() -> type[Desk]:
    """Take an ingest step by step, without Prefect: give a lake, a run's id, and its sources."""
    return Desk


@pytest.fixture(scope="session")
def story() -> Callable[[int], str]:
    """Make a page of one story; two of different numbers share hardly a phrase."""
    return _make_story


NOUNS = [
    "harbour",
    "bridge",
    "council",
    "orchard",
    "school",
    "ferry",
    "market",
    "tunnel",
    "museum",
    "river",
    "library",
    "station",
    "bakery",
    "theatre",
    "quarry",
    "hospital",
    "garden",
    "railway",
    "village",
    "factory",
    "lighthouse",
    "reservoir",
]
VERBS = [
    "reopened",
    "closed",
    "expanded",
    "repaired",
    "inspected",
    "painted",
    "surveyed",
    "measured",
    "sold",
    "visited",
    "flooded",
    "restored",
    "rebuilt",
    "leased",
    "cleaned",
    "lit",
    "fenced",
    "moved",
]
ENDS = (
    "after a long winter",
    "before the first frost",
    "without any warning",
    "at the council's expense",
    "despite the engineers' doubts",
    "under a new agreement",
    "with the help of volunteers",
    "for the third time this decade",
    "in front of a small crowd",
    "while the rain went on",
)


def _make_story(number: int) -> str:
    chance = random.Random(number)

    def sentence() -> str:
        first, second, third = chance.sample(NOUNS, 3)
        did, done = chance.sample(VERBS, 2)
        end = chance.choice(ENDS)
        return f"The {first} beside the old {second} was {did} and the {third} {done} {end}."

    title = f"The {chance.choice(NOUNS)} of ward {number} is {chance.choice(VERBS)} again"
    paragraphs = [" ".join(sentence() for _ in range(4)) for _ in range(3)]
    return "\n\n".join([title, "By Ilse Tornquist", "March 4, 2025", *paragraphs]) + "\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: "subprocess.Popen[bytes]", limit_seconds: float = 90) -> None:
    end = time.monotonic() + limit_seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.2)
    pytest.fail(f"the server at {address} did not answer")
