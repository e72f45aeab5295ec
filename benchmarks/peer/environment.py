"""The peer's own environment, built once from pinned versions and kept in a cache folder."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def prepare_peer() -> Path:
    """The Python of the peer's environment, built where it is not there yet.

    ``COPYDESK_BENCH_CACHE`` names the folder, ``~/.cache/copydesk-bench`` otherwise. Another
    Python or other requirements make another environment.
    """
    wanted = (HERE / "requirements.txt").read_bytes() + sys.version.encode()
    cache = Path(os.environ.get("COPYDESK_BENCH_CACHE", Path.home() / ".cache/copydesk-bench"))
    folder = cache / hashlib.sha256(wanted).hexdigest()[:12]
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        print(f"building the peer's environment in {folder} …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(HERE / "requirements.txt")], check=True)
        ready.touch()
    return python


def start_peer(python: Path, source: Path, work: Path, workers: int) -> subprocess.Popen[bytes]:
    """Start the pipeline over a folder of JSONL files; what it logs goes to ``work``."""
    work.mkdir(parents=True)
    command = [str(python), str(HERE / "pipeline.py"), str(source), str(work), str(workers)]
    # spaCy and numpy in one thread a process, as ours
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    with (work / "out.json").open("wb") as out, (work / "log.txt").open("wb") as log:
        return subprocess.Popen(command, stdout=out, stderr=log, env={**os.environ, **threads})


def read_outcome(work: Path) -> dict[str, Any]:
    """What the pipeline printed last: seconds by stage, texts read and written."""
    outcome: dict[str, Any] = json.loads((work / "out.json").read_text().splitlines()[-1])
    return outcome
