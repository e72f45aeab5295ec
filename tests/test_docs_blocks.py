"""Whatever the documentation shows runs, and prints what it says."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flows.cli import app
from flows.settings import IngestSettings
from tasks.lake.layout import Lake
from tasks.lake.query import query
from tasks.read.origins import load_origins
from tasks.rules.load import load_rules

pytestmark = pytest.mark.flow

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))

NOT_RUN = {
    "how-to/dask.md": 2,
    "how-to/s3.md": 1,
    "reference/card.md": 1,
    "how-to/schedule.md": 2,
    "how-to/spark.md": 1,
    "tutorial.md": 1,
}
"""How many blocks of a page no test runs, each for a reason that stands above it."""

ELSEWHERE = {
    "duplicates.md": "tests/test_dedupe_evidence.py asks its queries, test_duplicates_cli.py runs "
    "its commands",
    "report.md": "tests/test_report.py runs its commands",
    "operations.md": "tests/test_service.py and test_deployment.py run its commands",
}
"""Pages whose commands other tests run."""

FIRST = "copydesk ingest seeds --lake data/lake"

READS = re.compile(r"copydesk (?:sql|explain|rejects list|rules) [^$|\\]+")
"""Commands that need no shell and start no run: they are run in this process, in a fifth of the
time."""

Blocks = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def environment(served: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a shell knows in which the project is installed and its environment active."""
    programs = tmp_path_factory.mktemp("bin")
    for name, words in (("copydesk", "-m flows.cli "), ("python", "")):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {words}"$@"\n')
        script.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**served, "PATH": path, "PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"}


class Place:
    """A working directory after `make run`, in which blocks run one after the other."""

    def __init__(self, folder: Path, environment: dict[str, str], first_output: str) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self._first_output = first_output

    def run(self, command: str) -> str:
        """What a command prints; what makes the lake was run before, for all pages."""
        if command == FIRST:
            return self._first_output
        if READS.fullmatch(command):
            with contextlib.chdir(self.folder):
                done = CliRunner().invoke(app, shlex.split(command)[1:])
            assert done.exit_code == 0, f"{command}\n{done.output}"
            return done.stdout
        return self._checked(["bash", "-eu", "-o", "pipefail", "-c", command])

    def run_python(self, text: str) -> str:
        """What a Python block prints. A JVM is left to a process that ends."""
        if "pyspark" in text:
            return self._checked([sys.executable, "-c", text])
        printed = io.StringIO()
        sys.path.insert(0, str(self.folder))
        try:
            with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
                exec(compile(text, "a block", "exec"), {"__name__": "__main__"})
        finally:
            sys.path.remove(str(self.folder))
            for name in {path.stem for path in self.folder.glob("*.py")} & set(sys.modules):
                del sys.modules[name]
        return printed.getvalue()

    def write(self, name: str, text: str) -> None:
        """A block that is a file."""
        path = self.folder / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _checked(self, words: list[str]) -> str:
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, f"{words[-1]}\n{done.stdout}{done.stderr}"
        return done.stdout.replace(f" {self.folder}/", " ")


@pytest.fixture(scope="module")
def made(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, str]:
    """Where pages work, what is there when they begin, and what the first command printed.

    All work at one path: a page's place is part of what is known of it.
    """
    folder = tmp_path_factory.mktemp("docs")
    place, kept = folder / "place", folder / "kept"
    shutil.copytree(ROOT / "seeds", place / "seeds")
    printed = Place(place, environment, "").run(f"{FIRST} ")
    shutil.copytree(place, kept)
    return place, kept, printed


@pytest.fixture
def place(made: tuple[Path, Path, str], environment: dict[str, str]) -> Iterator[Place]:
    """The working directory as it is after `make run`."""
    folder, kept, printed = made
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)
    return Place(folder, environment, printed)


@pytest.fixture
def prepared(request: pytest.FixtureRequest, page: str, place: Place) -> Place:
    """What a page needs beside: buckets, Spark."""
    if page == "how-to/s3.md":
        bucket = request.getfixturevalue("bucket")
        place.environment |= bucket.environment
        _make_buckets(bucket, place.folder)
    if page == "how-to/spark.md":
        pytest.importorskip("pyspark", reason="needs pyspark, which is 450 MB large")
        if shutil.which("java") is None:
            pytest.skip("Spark needs a JVM")
    return place


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ELSEWHERE])
def test_blocks_run_and_print_what_they_show(page: str, prepared: Place, blocks: Blocks) -> None:
    """Each in its turn, as a reader who follows the page would run them."""
    found = [one for one in blocks(DOCS / page) if one.reason is None]
    for block, after in zip(found, [*found[1:], None], strict=False):
        shown = after.text if after is not None and _is_output(after) else None
        _run_block(prepared, block, shown)


def test_blocks_that_are_not_run_are_few(blocks: Blocks) -> None:
    """Each says why, and all are listed here."""
    counted = {page: sum(one.reason is not None for one in blocks(DOCS / page)) for page in PAGES}
    assert {page: number for page, number in counted.items() if number} == NOT_RUN
    assert set(ELSEWHERE) <= set(PAGES)


def _is_output(block: Any) -> bool:
    return block.language == "text" and block.title is None


def _run_block(place: Place, block: Any, shown: str | None) -> None:
    if block.title is not None:
        place.write(block.title, block.text)
    if block.language == "console":
        for command, printed in _commands(block.text):
            _compare(command, place.run(command), printed)
    elif block.language == "sh":
        place.run(block.text)
    elif block.language == "python" and block.title is None:
        _compare(block.text, place.run_python(block.text), shown)
    elif block.language == "sql":
        assert query(Lake(place.folder / "data" / "lake"), block.text).rows
    elif block.language == "toml":
        _load_toml(place.folder / block.title)
    elif block.language == "yaml":
        _check_yaml(yaml.safe_load(block.text))
    else:
        assert block.title is not None or _is_output(block), f"what is this?\n{block.text}"


def _commands(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it is said to print."""
    parts = re.split(r"^\$ ", text, flags=re.M)
    assert parts[0] == ""
    found = (re.fullmatch(r"((?:.*\\\n)*.*)\n((?s:.*))", part) for part in parts[1:])
    return [(one[1], one[2]) for one in found if one is not None]


def _compare(what: str, printed: str, shown: str | None) -> None:
    """Fail unless a text is printed as shown, where ``…`` stands for anything."""
    if not shown:
        return
    lines = [
        "(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + "\n"
        for line in shown.splitlines()
    ]
    assert re.fullmatch("".join(lines), printed), f"{what}\nprints\n{printed}\nand not\n{shown}"


def _load_toml(path: Path) -> None:
    """A sources file, or a rule pack whose examples hold."""
    if "rule" in tomllib.loads(path.read_text(encoding="utf-8")):
        load_rules([path])
    else:
        load_origins(path)


def _check_yaml(shown: dict[str, Any]) -> None:
    """A part of `prefect.yaml`: keys that it has too, and settings that exist."""
    deployment = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"][0]
    assert set(shown) <= set(deployment)
    for schedule in shown.get("schedules", ()):
        assert set(schedule) == set(deployment["schedules"][0])
    if "parameters" in shown:
        IngestSettings.model_validate(shown["parameters"]["settings"])


def _make_buckets(bucket: Any, folder: Path) -> None:
    """The buckets that the page has, with two pages in one of them."""
    wire, _ = (type(bucket)(bucket.environment, name) for name in ("wire", "news"))
    for page in ("northern-herald/kelvale-night-bus.txt", "elbtal-anzeiger/faehre.txt"):
        wire.put(f"feeds/{page}", (folder / "seeds" / page).read_bytes())
