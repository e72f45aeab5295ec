"""The wheel: what is in it, and that it runs where there is no checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(240)

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
NOT_SHIPPED = {".py", ".pyc", ".pxd", ".pyx", ".so", ""}


def call(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    given = {"capture_output": True, "text": True, "check": False, "timeout": 200, **options}
    return subprocess.run([str(one) for one in command], **given)  # type: ignore[call-overload,no-any-return]


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout as pip builds it."""
    copy = tmp_path_factory.mktemp("checkout") / "copydesk"
    ignored = shutil.ignore_patterns(".*", "data", "__pycache__", "build", "dist")
    shutil.copytree(root, copy, ignore=ignored)
    folder = tmp_path_factory.mktemp("wheel")
    done = call(*PIP, "wheel", "--no-deps", "--wheel-dir", folder, copy)
    if done.returncode and "No matching distribution found for" in done.stderr:
        pytest.skip("pip cannot get what builds the wheel; is a registry reachable?")
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in it."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path, names: set[str]) -> Message:
    """What it says of itself."""
    (name,) = (one for one in names if one.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        return HeaderParser().parsestr(archive.read(name).decode())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the commands of a new environment that has the wheel.

    What the wheel needs is lent by the environment of the tests: a path in a .pth file, by which
    that one's own .pth file, which leads to the checkout, is not read.
    """
    home = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    (packages,) = (home / "lib").glob("python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
    done = call(*PIP, "--python", python, "install", "--no-deps", "--no-index", wheel)
    assert done.returncode == 0, done.stderr
    return home / "bin"


@pytest.fixture
def elsewhere(prefect_environment: dict[str, str], tmp_path: Path) -> dict[str, object]:
    """A working directory without a checkout, and an environment that names none."""
    kept = {name: value for name, value in prefect_environment.items() if name != "PYTHONPATH"}
    return {"cwd": tmp_path, "env": kept}


def test_all_that_the_packages_read_is_in_it(root: Path, names: set[str]) -> None:
    """Rule packs, models, templates: whatever lies beside the modules and is no module."""
    found = {
        path.relative_to(root).as_posix()
        for top in ("flows", "tasks")
        for path in (root / top).rglob("*")
        if path.is_file() and path.suffix not in NOT_SHIPPED
    }
    assert {"tasks/rules/common.toml", "tasks/text/line-model.txt", "flows/crashed.yaml"} <= found
    assert found <= names


def test_it_says_that_it_is_typed(names: set[str]) -> None:
    """In each of its packages, for who checks their own code with it."""
    assert {"flows/py.typed", "tasks/py.typed"} <= names


def test_nothing_else_is_in_it(names: set[str]) -> None:
    """No tests, no sample pages: only the packages and what is said of them."""
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.startswith("copydesk-")} == {"flows", "tasks"}


def test_it_says_what_it_is(root: Path, metadata: Message) -> None:
    """Version, Python and licence as pyproject.toml has them, once."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Version"] == project["version"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["License-File"] == "LICENSE"
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or [])


def test_the_checkout_is_not_what_runs(
    root: Path, installed: Path, elsewhere: dict[str, object]
) -> None:
    """Both packages are those of the new environment, which knows its version."""
    program = "import flows, tasks; print(flows.__file__, tasks.__file__, tasks.__version__)"
    done = call(installed / "python", "-c", program, **elsewhere)
    assert done.returncode == 0, done.stderr
    *places, version = done.stdout.split()
    assert all(Path(place).is_relative_to(installed.parent) for place in places)
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert version == project["version"]


@pytest.mark.flow
def test_it_ingests_where_there_is_no_checkout(
    root: Path,
    installed: Path,
    elsewhere: dict[str, object],
    prefect_api: str,
    tmp_path: Path,
    seeds_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """With rules, models and worker processes of its own: the same books as from the checkout."""
    shutil.copytree(root / "seeds", tmp_path / "pages")
    environment = {**os.environ, **elsewhere["env"], "PREFECT_API_URL": prefect_api}  # type: ignore[dict-item]
    environment.pop("PYTHONPATH", None)
    command = ["ingest", "pages", "--lake", "lake", "--workers", "2"]
    done = call(installed / "copydesk", *command, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    _, here = seeds_run
    assert done.stdout.splitlines()[:2] == here.stdout.splitlines()[:2]
    asked = call(
        installed / "copydesk", "sql", "select 1 from articles", "--lake", "lake", **elsewhere
    )
    assert len(asked.stdout.splitlines()) > 10


def test_it_brings_its_deployments(
    installed: Path, elsewhere: dict[str, object], tmp_path: Path
) -> None:
    """`up` in a folder without prefect.yaml deploys those of the package, by module."""
    program = (
        "import sys; from pathlib import Path; from flows.registry import read_project\n"
        "from prefect.flows import load_flow_from_entrypoint as load\n"
        "plan = read_project(Path('prefect.yaml'), None, ['pages'], None)\n"
        "for one in plan['deployments']:\n"
        "    print(one['name'], load(one['entrypoint'], use_placeholder_flow=False).name)"
    )
    done = call(installed / "python", "-c", program, **elsewhere)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["ingest"] * 2 + ["reprocess"] * 2 + ["maintain"] * 2
    refused = call(installed / "copydesk", "up", **elsewhere)
    assert refused.returncode == 2
    assert f"{tmp_path / 'prefect.yaml'}: not found" in refused.stderr
    assert "say what to read" in refused.stderr
