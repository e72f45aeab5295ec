#!/usr/bin/env python3
"""How fast an ingest is, how much memory it takes, and which stage takes what share.

    python benchmarks/speed.py [FILE.jsonl.gz] [--runs N] [--workers N]

Without FILE: the gold corpus where it is at hand, else texts generated on the spot. Each run is
the command as a user starts it, on a new lake, Prefect's temporary server included; that server's
memory is set apart. Machines differ: quote medians and ratios, not single figures.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tasks.lake.layout import Lake
from tasks.lake.tables import read

ROOT = Path(__file__).parents[1]
SAMPLE_SECONDS = 0.2


@dataclass(frozen=True)
class Measured:
    """One run."""

    seconds: float
    texts: int
    megabytes: float
    """Of text, 10^6 bytes, decompressed."""
    peak_megabytes: float
    """Resident memory of our processes together, at most."""
    prefect_megabytes: float
    """That of Prefect's temporary server, at most."""
    stages: dict[str, float]
    """Seconds by stage; ``worker.*`` are CPU seconds of all workers together."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as folder:
        source = options.file or corpus() or generate(Path(folder) / "generated.jsonl.gz")
        print(f"input {source}: {len(os.sched_getaffinity(0))} cores, {options.runs} run(s)")
        home = Path(folder) / "prefect"
        runs = [
            measure(source, Path(folder) / f"lake-{number}", home, options.workers)
            for number in range(options.runs)
        ]
    report(runs)


def corpus() -> Path | None:
    """The gold corpus, where it is at hand."""
    shared = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
    found = shared / "corpus" / "bench.jsonl.gz"
    return found if found.exists() else None


def generate(path: Path, texts: int = 5_000) -> Path:
    """Invented texts of some 2 kB, for machines without the corpus; says so."""
    print(f"no corpus at hand: {texts:,} generated texts, which say nothing of real ones")
    chance = random.Random(1)
    words = "the of a harbour council ferry bridge market winter said engineer river vote"
    vocabulary = words.split(" ")
    with gzip.open(path, "wt", encoding="utf-8") as sink:
        for number in range(texts):
            sentences = [
                " ".join(chance.choices(vocabulary, k=chance.randint(8, 18))).capitalize() + "."
                for _ in range(25)
            ]
            sink.write(json.dumps({"id": number, "text": " ".join(sentences)}) + "\n")
    return path


def measure(source: Path, lake: Path, home: Path, workers: int) -> Measured:
    """Ingest once, and watch the memory."""
    environment = {**os.environ, "PREFECT_HOME": str(home)}
    environment.pop("PREFECT_API_URL", None)
    command = [sys.executable, "-m", "flows.cli", "ingest", str(source), "--lake", str(lake)]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--workers", str(workers)], env=environment, cwd=ROOT)
    watch = MemoryWatch(process.pid)
    code = process.wait()
    seconds = time.perf_counter() - started
    watch.stop()
    if code:
        sys.exit(f"the ingest ended with {code}")
    (run,) = read(Lake(lake), "runs").to_pylist()
    texts = read(Lake(lake), "pages", ["text"])["text"].to_pylist()
    return Measured(
        seconds=seconds,
        texts=dict(run["counts"])["pages_in"],
        megabytes=sum(len(text.encode()) for text in texts) / 1e6,
        peak_megabytes=watch.ours / 1e6,
        prefect_megabytes=watch.prefect / 1e6,
        stages=dict(run["seconds"]),
    )


class MemoryWatch:
    """Samples the resident memory of a process and all below it, Prefect's server set apart."""

    def __init__(self, pid: int) -> None:
        self.ours = self.prefect = 0
        self._root = psutil.Process(pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End sampling."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            try:
                family = [self._root, *self._root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            ours = prefect = 0
            for process in family:
                try:
                    memory = process.memory_info().rss
                    if "uvicorn" in " ".join(process.cmdline()):
                        prefect += memory
                    else:
                        ours += memory
                except psutil.NoSuchProcess:
                    continue
            self.ours, self.prefect = max(self.ours, ours), max(self.prefect, prefect)


def report(runs: list[Measured]) -> None:
    """Print medians, and each stage's share of the workers' time."""
    seconds = statistics.median(run.seconds for run in runs)
    one = runs[-1]
    print(
        f"\n{one.texts:,} texts, {one.megabytes:.1f} MB in {seconds:.1f} s (median of {len(runs)})"
    )
    print(f"  {one.texts / seconds:,.0f} texts/s, {one.megabytes / seconds:.2f} MB/s")
    ours = statistics.median(run.peak_megabytes for run in runs)
    prefect = statistics.median(run.prefect_megabytes for run in runs)
    print(f"  peak memory {ours:,.0f} MB; Prefect's server apart: {prefect:,.0f} MB")
    names = sorted({name for run in runs for name in run.stages})
    medians = {name: statistics.median(run.stages.get(name, 0.0) for run in runs) for name in names}
    work = {name: value for name, value in medians.items() if name.startswith("worker.")}
    print("\nworkers' seconds, all together")
    for name, value in sorted(work.items(), key=lambda item: -item[1]):
        share, each = value / sum(work.values()), 1e3 * value / max(one.texts, 1)
        stage = name.removeprefix("worker.")
        print(f"  {stage:<12} {value:8.1f} s {share:6.1%} {each:7.3f} ms a text")
    print("\nwall seconds by step")
    for name in ("discover", "cut", "decide"):
        print(f"  {name:<12} {medians.get(name, 0.0):8.1f} s")


if __name__ == "__main__":
    main()
