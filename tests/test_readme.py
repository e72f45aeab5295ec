"""What the READMEs show is what happens."""

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.read.origins import load_origins
from tasks.rules.load import load_rules

pytestmark = pytest.mark.flow

Run = tuple[Path, subprocess.CompletedProcess[str]]
Blocks = Callable[..., list[Any]]


@pytest.fixture
def after_make_run(seeds_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory whose ``data/lake`` is that of the sample pages."""
    shutil.copytree(seeds_run[0], tmp_path / "data" / "lake")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COPYDESK_LAKE", raising=False)
    return tmp_path


def test_the_readme_shows_what_the_command_prints(
    seeds_run: Run, root: Path, blocks: Blocks
) -> None:
    """Its output block is the real one, but for the run's id and the lake's folder."""
    lake, done = seeds_run
    shown = blocks(root / "README.md", "console")[0].text
    run_id = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+")
    printed = run_id.sub("…", done.stdout.replace(str(lake), "data/lake"))
    assert shown == "$ copydesk ingest seeds --lake data/lake\n" + printed


def test_the_readme_shows_the_rows_that_a_query_gives(
    root: Path, after_make_run: Path, copydesk: Callable[..., object], blocks: Blocks
) -> None:
    """Its second output block is what the command above it prints."""
    command, _, rows = blocks(root / "README.md", "console")[1].text.partition("\n")
    _, name, *arguments = shlex.split(command.removeprefix("$"))
    done = copydesk(name, *arguments, "--lake", after_make_run / "data" / "lake")
    assert done.stdout == rows  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["README.md", "data/README.md"])
def test_python_blocks_run(
    name: str,
    root: Path,
    after_make_run: Path,
    capsys: pytest.CaptureFixture[str],
    blocks: Blocks,
) -> None:
    """Each block runs by itself after `make run`, and prints something."""
    found = blocks(root / name, "python")
    assert found
    for block in found:
        exec(compile(block.text, name, "exec"), {"__name__": "__main__"})
        assert capsys.readouterr().out


@pytest.mark.parametrize("name", ["README.md", "data/README.md"])
def test_commands_that_only_read_run(
    name: str, root: Path, after_make_run: Path, copydesk: Callable[..., object]
) -> None:
    """Each `copydesk sql` that is shown gives rows."""
    text = (root / name).read_text(encoding="utf-8")
    statements = re.findall(r'copydesk sql "([^"]+)"', text)
    assert statements
    for statement in statements:
        done = copydesk("sql", statement, "--lake", after_make_run / "data" / "lake")
        assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
        assert len(done.stdout.splitlines()) > 1  # type: ignore[attr-defined]


def test_the_sources_file_that_is_shown_loads(root: Path, tmp_path: Path, blocks: Blocks) -> None:
    """Every key in it is one."""
    block = blocks(root / "README.md", "toml")[0].text
    (tmp_path / "sources.toml").write_text(block, encoding="utf-8")
    (origin,) = load_origins(tmp_path / "sources.toml")
    assert (origin.name, origin.limit) == ("valleywire.example", 20_000)


def test_the_rule_that_is_shown_loads(root: Path, tmp_path: Path, blocks: Blocks) -> None:
    """Its examples hold, in a pack of one's own."""
    block = blocks(root / "README.md", "toml")[1].text
    pack = tmp_path / "mine.toml"
    pack.write_text(block, encoding="utf-8")
    (rule,) = tomllib.loads(block)["rule"]
    assert rule["id"] in {one.id for one in load_rules([pack]).rules}
