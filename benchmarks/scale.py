#!/usr/bin/env python3
"""What adding 1,000 articles costs, with an index of none and of millions, and what a first build.

    python benchmarks/scale.py [--sizes 100000 1000000 3000000] [--runs N] [--folder DIR]

The lakes are generated: seeded variants of the gold corpus where it is at hand, else of invented
texts, with their texts and pages (``lakes.py``). A tenth of the thousand are copies, with 2 words
in a hundred left out, of articles drawn from the whole lake; the same thousand go into an empty
lake. Each is the command as a user runs it, against a Prefect server that is up already: starting
one costs both the same and would flatter the ratio. Lakes that ``--folder`` has are used again;
3 million take some 12 GB and half an hour of a core to make.
"""

import argparse
import json
import os
import random
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lakes import change_slightly, grow_lake, variants_of
from speed import MemoryWatch, corpus

from tasks.lake.layout import Lake
from tasks.lake.tables import count_rows, log_rows, read

ROOT = Path(__file__).parents[1]
NEW, COPIES = 900, 100


@dataclass(frozen=True)
class Measured:
    """One ingest of the thousand."""

    seconds: float
    cpu_seconds: float
    """Of the command and its workers: what other users of the machine do not change."""
    peak_megabytes: float
    """Resident memory of our processes together, at most."""
    withheld: int
    stages: dict[str, float]
    """Wall seconds by stage."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", nargs="*", type=int, default=[100_000, 1_000_000, 3_000_000])
    parser.add_argument(
        "--reindex", type=int, default=1_000_000, help="size to build anew; 0: none"
    )
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="keep the generated lakes here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="copydesk-scale-") as scratch:
        folder = options.folder or Path(scratch)
        with prefect_server(Path(scratch)) as environment:
            rows = [
                measure_size(size, folder, Path(scratch), environment, options)
                for size in options.sizes
            ]
        report(rows)
        if options.reindex:
            build_anew(options.reindex, folder, options.workers)


def measure_size(
    size: int,
    folder: Path,
    scratch: Path,
    environment: dict[str, str],
    options: argparse.Namespace,
) -> tuple[int, Measured, Measured]:
    """The size, and the medians of adding the thousand to an empty lake and to one of that size."""
    pristine = make_lake(folder, size)
    empty, full = [], []
    for run in range(options.runs):
        source = scratch / f"thousand-{size}-{run}.jsonl"
        write_thousand(source, pristine, seed=run)
        for found, template in ((empty, None), (full, pristine)):
            lake = Lake(folder / "measured")
            if template is not None:
                subprocess.run(["cp", "-al", template.root, lake.root], check=True)
            found.append(ingest(source, lake, environment, options.workers))
            shutil.rmtree(lake.root)
        print(f"{size:>9,}: empty {empty[-1]}\n           full  {full[-1]}", flush=True)
    return size, median(empty), median(full)


def make_lake(folder: Path, size: int) -> Lake:
    """The generated lake of a size, grown from the next smaller one that is there."""
    lake = Lake(folder / str(size))
    if not lake.root.exists():
        smaller = [int(one.name) for one in folder.iterdir() if one.name.isdecimal()]
        base = max((one for one in smaller if one < size), default=None)
        draft = Lake(folder / "draft")
        shutil.rmtree(draft.root, ignore_errors=True)
        if base is not None:
            shutil.copytree(folder / str(base), draft.root)
        print(f"generating a lake of {size:,} articles", flush=True)
        grow_lake(draft, corpus(), size)
        draft.root.rename(lake.root)
    return lake


def write_thousand(path: Path, lake: Lake, seed: int) -> None:
    """New texts, and copies of articles from all over the lake, shuffled."""
    chance = random.Random(seed)
    texts = [text for text, _ in variants_of(corpus(), 0).draw(10**9 + seed, NEW)]
    files = chance.choices(log_rows(lake, "articles")["path"].to_pylist(), k=COPIES)
    for file in files:
        some = read_file(lake, file)
        texts.append(change_slightly(some[chance.randrange(len(some))], chance))
    chance.shuffle(texts)
    with path.open("w", encoding="utf-8") as sink:
        for number, text in enumerate(texts):
            sink.write(json.dumps({"id": number, "text": text}) + "\n")


def read_file(lake: Lake, path: str) -> list[str]:
    """The texts of a file of ``articles``."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(lake.table("articles") / path) as file:
        texts: list[str] = file.read(columns=["text"])["text"].to_pylist()
    return texts


def ingest(source: Path, lake: Lake, environment: dict[str, str], workers: int) -> Measured:
    """Ingest once, and watch the memory."""
    command = [sys.executable, "-m", "flows.cli", "ingest", source, "--lake", lake.root]
    command += ["--workers", str(workers), "--no-guard"]
    started, before = time.perf_counter(), child_seconds()
    process = subprocess.Popen(
        [str(one) for one in command], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    watch = MemoryWatch(process.pid)
    code = process.wait()
    seconds = time.perf_counter() - started
    watch.stop()
    if code:
        sys.exit(f"the ingest ended with {code}")
    runs = read(lake, "runs").to_pylist()
    (run,) = [run for run in runs if not run["name"].startswith("generated")]
    withheld = dict(run["counts"])["articles_withheld"]
    cpu = child_seconds() - before
    return Measured(seconds, cpu, watch.ours / 1e6, withheld, dict(run["seconds"]))


def child_seconds() -> float:
    """CPU seconds of all processes that this one has waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def median(runs: list[Measured]) -> Measured:
    """Medians of the figures."""
    shared = set.intersection(*(set(run.stages) for run in runs))  # not which shards were slowest
    stages = {name: statistics.median(run.stages[name] for run in runs) for name in shared}
    return Measured(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.cpu_seconds for run in runs),
        max(run.peak_megabytes for run in runs),
        min(run.withheld for run in runs),
        stages,
    )


def report(rows: list[tuple[int, Measured, Measured]]) -> None:
    """Print a table."""
    cores = len(os.sched_getaffinity(0))
    print(f"\nadding {NEW + COPIES:,} articles, {COPIES} of them copies; {cores} cores; generated")
    print("                         seconds             CPU seconds")
    print("  in the lake    empty    full   ratio   empty    full   ratio  withheld  peak memory")
    for size, empty, full in rows:
        print(
            f"  {size:>11,} {empty.seconds:8.1f} {full.seconds:7.1f} "
            f"{full.seconds / empty.seconds:6.2f}x {empty.cpu_seconds:7.1f} "
            f"{full.cpu_seconds:7.1f} {full.cpu_seconds / empty.cpu_seconds:6.2f}x "
            f"{full.withheld:9} {full.peak_megabytes:9,.0f} MB"
        )


def build_anew(size: int, folder: Path, workers: int) -> None:
    """Time `copydesk reindex` of a lake whose index is none."""
    lake = Lake(folder / "measured")
    subprocess.run(["cp", "-al", make_lake(folder, size).root, lake.root], check=True)
    for name in ("fingerprints", "bands"):
        shutil.rmtree(lake.table(name))
    command = [sys.executable, "-m", "flows.cli", "reindex", "--lake", lake.root]
    command += ["--workers", str(workers)]
    started = time.perf_counter()
    process = subprocess.Popen([str(one) for one in command], cwd=ROOT)
    watch = MemoryWatch(process.pid)
    if process.wait():
        sys.exit("reindex failed")
    watch.stop()
    seconds = time.perf_counter() - started
    rows = count_rows(lake)
    print(
        f"first build: {rows['fingerprints']:,} fingerprints, {rows['bands']:,} keys in "
        f"{seconds:.0f} s, peak memory {watch.ours / 1e6:,.0f} MB"
    )
    shutil.rmtree(lake.root)


@contextmanager
def prefect_server(folder: Path) -> Iterator[dict[str, str]]:
    """A Prefect server on loopback; the environment of its users."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}/api"
        wait_for(f"{address}/health")
        yield {**environment, "PREFECT_API_URL": address}
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address: str, limit_seconds: float = 120) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + limit_seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if time.monotonic() > end:
                sys.exit(f"{address} does not answer")
            time.sleep(0.2)


if __name__ == "__main__":
    main()
