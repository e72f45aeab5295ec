#!/usr/bin/env python3
"""How fast an ingest is beside what people put together today, how much memory, and where it goes.

    python benchmarks/speed.py [FILE.jsonl.gz] [--runs N] [--growth 1000,10000,40000] [--no-peer]

Without FILE: the gold corpus where it is at hand, else texts generated on the spot. Ours is the
command as a user starts it, on a new lake, with a Prefect server already up (started here, in a
home of its own); ``--cold`` adds runs that start their own. The peer is datatrove in an
environment of its own, see ``peer/``. Both take the same texts by turns. ``--bare`` adds the same
steps without Prefect: what is missing then is Prefect's share. Machines differ: quote medians and
ratios of one invocation, not single figures.
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice, pairwise
from pathlib import Path

import psutil
from generate import generate
from peer.environment import prepare_peer, read_outcome, start_peer
from server import prefect_server

from tasks.lake.layout import Lake
from tasks.lake.tables import read

ROOT = Path(__file__).parents[1]
SAMPLE_SECONDS = 0.2
PEER_FILES = 8
"""Files that the peer's input is divided into beforehand: it works a file a process."""


@dataclass(frozen=True)
class Sample:
    """Some texts, as each side wants them."""

    texts: int
    megabytes: float
    """Of text, 10^6 bytes of UTF-8."""
    packed: Path
    """One JSONL file, gzipped: ours."""
    parts: Path
    """A folder of JSONL files: the peer's."""


@dataclass(frozen=True)
class Measured:
    """One run."""

    seconds: float
    cpu_seconds: float = 0.0
    """Of its processes together, Prefect's server apart: what counts on a machine that is busy."""
    peak_megabytes: float = 0.0
    """Resident memory of its processes together, at most; Prefect's server apart."""
    prefect_megabytes: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    """Seconds by stage; ``worker.*`` of all workers together."""


def main() -> None:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as name:
        folder = Path(name)
        source = options.file or corpus()
        if source is None:
            source = generate(folder / "generated.jsonl.gz", 5_000)
            print("no corpus at hand: generated texts, which say nothing of real ones")
        sizes = options.growth or [count_lines(source)]
        python = None if options.no_peer else prepare_peer()
        print(f"input {source.name}: {len(os.sched_getaffinity(0))} cores, {os.cpu_count()} seen")
        print("versions:", ", ".join(f"{one} {version(one)}" for one in ("copydesk", "prefect")))
        with prefect_server(folder / "server") as server:
            medians = {}
            for size in sizes:
                sample = take_sample(source, size, folder / f"sample-{size}")
                sides = _sides(options, sample, folder, server.api, python)
                medians[sample.texts] = compare(sample, sides, options.runs)
            print(f"\nPrefect's server, apart: {server.memory() / 1e6:,.0f} MB")
    grow(medians)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=3, help="of each, by turns")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument(
        "--growth",
        type=lambda given: [int(one) for one in given.split(",")],
        help="numbers of texts; more than FILE has are generated from it",
    )
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--cold", action="store_true", help="also with a temporary Prefect server")
    parser.add_argument("--bare", action="store_true", help="also without Prefect")
    return parser.parse_args()


Side = Callable[[int], Measured]


def _sides(
    options: argparse.Namespace, sample: Sample, folder: Path, api: str, python: Path | None
) -> dict[str, Side]:
    """What is measured by turns: a name, and what runs it once."""
    workers = options.workers or len(os.sched_getaffinity(0))
    lake = folder / "lake"
    ingest = [sys.executable, "-m", "flows.cli", "ingest", str(sample.packed), "--lake", str(lake)]
    ingest += ["--workers", str(workers)]
    home = {"PREFECT_HOME": str(folder / "home")}
    sides: dict[str, Side] = {
        "ours": lambda _: run_ours(ingest, lake, {**home, "PREFECT_API_URL": api})
    }
    if python is not None:
        sides["peer"] = lambda turn: run_peer(
            python, sample, folder / f"peer-{sample.texts}-{turn}", workers
        )
    if options.cold:
        sides["ours, cold"] = lambda _: run_ours(ingest, lake, home)
    if options.bare:
        bare = [sys.executable, str(ROOT / "benchmarks" / "bare.py")]
        bare += [str(sample.packed), str(lake), str(workers)]
        sides["ours, without Prefect"] = lambda _: run_ours(bare, lake, {})
    return sides


def corpus() -> Path | None:
    """The gold corpus, where it is at hand."""
    shared = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))
    found = shared / "corpus" / "bench.jsonl.gz"
    return found if found.exists() else None


def count_lines(path: Path) -> int:
    """Records of a gzipped JSONL file."""
    with gzip.open(path, "rb") as lines:
        return sum(1 for line in lines if line.strip())


def take_sample(source: Path, size: int, folder: Path) -> Sample:
    """The first texts of a file; where it has fewer, others made from it."""
    folder.mkdir(parents=True)
    if size > count_lines(source):
        source = generate(folder / "generated.jsonl.gz", size, source)
    parts = folder / "parts"
    parts.mkdir()
    packed = folder / "texts.jsonl.gz"
    texts = volume = 0
    sinks = [(parts / f"{number:03d}.jsonl").open("wb") for number in range(PEER_FILES)]
    with gzip.open(source, "rb") as lines, gzip.open(packed, "wb", compresslevel=6) as sink:
        for line in islice(lines, size):
            sink.write(line)
            sinks[texts * PEER_FILES // size].write(line)
            texts += 1
            volume += len(json.loads(line)["text"].encode("utf-8", "replace"))
    for one in sinks:
        one.close()
    return Sample(texts, volume / 1e6, packed, parts)


def run_ours(command: Sequence[str], lake: Path, settings: dict[str, str]) -> Measured:
    """Ingest once into a new lake, and watch the memory."""
    shutil.rmtree(lake, ignore_errors=True)
    known = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    environment = {**known, "PYTHONPATH": str(ROOT), **settings}
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    watch = MemoryWatch(process.pid)
    code = process.wait()
    seconds = time.perf_counter() - started
    watch.stop()
    if code:
        sys.exit(f"the ingest ended with {code}")
    (run,) = read(Lake(lake), "runs").to_pylist()
    return Measured(
        seconds, watch.cpu_seconds, watch.ours / 1e6, watch.prefect / 1e6, dict(run["seconds"])
    )


def run_peer(python: Path, sample: Sample, work: Path, workers: int) -> Measured:
    """Run the peer's pipeline once, and watch the memory."""
    started = time.perf_counter()
    process = start_peer(python, sample.parts, work, workers)
    watch = MemoryWatch(process.pid)
    code = process.wait()
    seconds = time.perf_counter() - started
    watch.stop()
    if code:
        sys.exit(f"the peer ended with {code}: {(work / 'log.txt').read_text()[-2000:]}")
    outcome = read_outcome(work)
    shutil.rmtree(work)
    return Measured(seconds, watch.cpu_seconds, watch.ours / 1e6, 0.0, outcome["seconds"])


class MemoryWatch:
    """Samples memory and CPU time of a process and all below it, Prefect's server set apart."""

    def __init__(self, pid: int) -> None:
        self.ours = self.prefect = 0
        self._cpu: dict[int, float] = {}
        self._root = psutil.Process(pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def cpu_seconds(self) -> float:
        """Of all processes, each as last seen."""
        return sum(self._cpu.values())

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
                        self._cpu[process.pid] = sum(process.cpu_times()[:2])
                except psutil.NoSuchProcess:
                    continue
            self.ours, self.prefect = max(self.ours, ours), max(self.prefect, prefect)


def compare(sample: Sample, sides: dict[str, Side], runs: int) -> dict[str, float]:
    """Run all sides by turns and print; the median seconds of each."""
    measured: dict[str, list[Measured]] = {name: [] for name in sides}
    for turn in range(runs):
        for name, run in sides.items():
            measured[name].append(run(turn))
            print(f"  {name}: {measured[name][-1].seconds:.1f} s", flush=True)
    print(f"\n{sample.texts:,} texts, {sample.megabytes:.1f} MB, medians of {runs}")
    medians = {
        name: statistics.median(one.seconds for one in found) for name, found in measured.items()
    }
    for name, found in measured.items():
        seconds = medians[name]
        peak = statistics.median(one.peak_megabytes for one in found)
        cpu = statistics.median(one.cpu_seconds for one in found)
        line = f"{seconds:8.1f} s {sample.texts / seconds:7,.0f} texts/s"
        line += f" {sample.megabytes / seconds:6.2f} MB/s, CPU {cpu:.1f} s, {peak:,.0f} MB at most"
        server = statistics.median(one.prefect_megabytes for one in found)
        print(f"  {name:<22}{line}" + (f", its server {server:,.0f} MB" if server else ""))
    if "peer" in measured:
        for name, unit in (("seconds", "by the clock"), ("cpu_seconds", "in CPU time")):
            pairs = zip(measured["ours"], measured["peer"], strict=True)
            ratios = [getattr(theirs, name) / getattr(mine, name) for mine, theirs in pairs]
            print(
                f"  ours is {statistics.median(ratios):.1f} times as fast {unit} "
                f"({min(ratios):.1f} to {max(ratios):.1f})"
            )
    if "ours, without Prefect" in medians:
        share = 1 - medians["ours, without Prefect"] / medians["ours"]
        print(f"  Prefect's share of the wall time {share:.0%}")
    for name, found in measured.items():
        _print_stages(name, found, sample.texts)
    return medians


def _print_stages(side: str, runs: Sequence[Measured], texts: int) -> None:
    told = {name for run in runs for name in run.stages}
    names = sorted(name for name in told if not name.startswith("shard."))
    medians = {name: statistics.median(run.stages.get(name, 0.0) for run in runs) for name in names}
    work = {name: value for name, value in medians.items() if name.startswith("worker.")}
    steps = {name: value for name, value in medians.items() if name not in work}
    for title, found in (("workers' seconds", work), ("steps, seconds", steps)):
        if not found:
            continue
        print(f"  {side}: {title}")
        whole = sum(found.values())
        for name, value in sorted(found.items(), key=lambda item: -item[1]):
            stage, each = name.removeprefix("worker."), 1e3 * value / max(texts, 1)
            print(f"    {stage:<20} {value:8.1f} s {value / whole:6.1%} {each:7.3f} ms a text")


def grow(medians: dict[int, dict[str, float]]) -> None:
    """Print how the time grows from each size to the next."""
    sizes = sorted(medians)
    for less, more in pairwise(sizes):
        for name in medians[less]:
            factor = medians[more][name] / medians[less][name]
            print(f"{name}: {more / less:.0f} times the texts in {factor:.1f} times the time")


if __name__ == "__main__":
    main()
