"""Ten thousand mangled inputs through a real ingest: no crash, no hang, no memory without bound.

    python benchmarks/mangle.py --inputs 10000
    python benchmarks/mangle.py --inputs 300 --seed 7

Files are made by seed (see ``mangled``), then ingested by the command, with two workers and the
limits below. It must end well within a stated time of any page, and with the memory that is
stated; each input must end as a page or as a reject with a reason, and every page must rebuild.
"""

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from mangled import KINDS, write_inputs

from tasks.lake.layout import Lake
from tasks.lake.tables import read
from tasks.read.encoding import rebuild_bytes
from tasks.read.uris import split_record, uri_to_path
from tasks.report.summary import check_balance
from tasks.text.page import Span, rebuild
from tasks.work.diary import read_diary

ROOT = Path(__file__).parents[1]
PAGE_SECONDS = 10
"""What a page may take; its worker is killed, if it must be, ten seconds later."""
MOST_SECONDS = PAGE_SECONDS + 15
"""What is held to be a hang: the above, and a machine's being busy."""
PAGE_BYTES = 2_000_000
MOST_MEGABYTES = 1200
"""Resident memory of one process: limits of pages, and of what libraries hold."""
BLOCK = f"""
[[source]]
at = "feed"
page_seconds = {PAGE_SECONDS}
max_page_bytes = {PAGE_BYTES}
"""


@dataclass
class Watched:
    """What was seen of a run's processes, ten times a second."""

    megabytes: float = 0.0
    """The most resident memory that one process had."""
    slowest: float = 0.0
    """The most seconds that a worker was seen at one page."""
    slowest_page: str = ""
    begun: dict[Path, tuple[str, float]] = field(default_factory=dict)

    def look(self, process: psutil.Process, staging: Path) -> None:
        """Look once."""
        for one in [process, *_children(process)]:
            try:
                self.megabytes = max(self.megabytes, one.memory_info().rss / 1e6)
            except psutil.NoSuchProcess:
                continue
        now = time.monotonic()
        for diary in staging.glob("*/*.page"):
            page = read_diary(diary) or ""
            known, since = self.begun.get(diary, ("", now))
            if page != known:
                self.begun[diary] = page, now
            elif page and now - since > self.slowest:
                self.slowest, self.slowest_page = now - since, page


def ingest(folder: Path, log: Path) -> tuple[int, Watched]:
    """Run the command on the feed in a folder, and watch it: exit code, and what was seen."""
    (folder / "sources.toml").write_text(BLOCK)
    command = [
        sys.executable,
        "-m",
        "flows.cli",
        "ingest",
        "--sources",
        str(folder / "sources.toml"),
    ]
    command += ["--lake", str(folder / "lake"), "--workers", "2", "--max-rejected", "1"]
    environment = {"PREFECT_HOME": str(folder / "prefect"), **os.environ}
    seen = Watched()
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*command, "--no-guard"], cwd=ROOT, env=environment, stdout=out, stderr=out
        ) as run,
    ):
        process = psutil.Process(run.pid)
        while run.poll() is None:
            seen.look(process, folder / "lake" / "_copydesk" / "staging")
            if seen.slowest > MOST_SECONDS:
                for one in [*_children(process), process]:
                    one.kill()
            time.sleep(0.1)
    return run.returncode, seen


def count_outcomes(lake: Lake) -> Counter[tuple[str, str]]:
    """By kind and outcome how many pages or records there are: ``page``, or a reject's reason."""
    found = Counter[tuple[str, str]]()
    for name in ("pages", "rejects"):
        columns = ["source_uri"] if name == "pages" else ["source_uri", "reason"]
        for row in read(lake, name, columns).to_pylist():
            found[_kind_of(row["source_uri"]), row.get("reason", "page")] += 1
    return found


def find_violations(lake: Lake, inputs: list[Path]) -> list[str]:
    """What does not hold of the lake after the run."""
    wrong = []
    uris = [
        split_record(uri)[0]
        for name in ("pages", "rejects")
        for uri in read(lake, name, ["source_uri"])["source_uri"].to_pylist()
    ]
    seen = {os.fsencode(uri_to_path(uri)) for uri in set(uris)}
    wrong += [
        f"{path!r}: neither page nor reject" for path in inputs if os.fsencode(path) not in seen
    ]
    for row in read(lake, "pages").to_pylist():
        text = rebuild(row["text"], [Span(**span) for span in row["spans"]])
        data = rebuild_bytes(text, row["encoding"], row["raw"])
        if text != row["text"] or hashlib.sha256(data).hexdigest() != row["page_id"]:
            wrong.append(f"{row['source_uri']}: does not rebuild")
    for row in read(lake, "runs", ["counts"]).to_pylist():
        if told := check_balance(dict(row["counts"])):
            wrong.append(told)
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="copydesk-mangle-"))
    print(f"seed {options.seed}, in {folder}", flush=True)
    inputs = write_inputs(folder / "feed", options.inputs, options.seed)
    started = time.monotonic()
    code, seen = ingest(folder, folder / "log.txt")
    seconds = time.monotonic() - started
    lake = Lake(folder / "lake")
    log = (folder / "log.txt").read_text(errors="replace")
    wrong = [f"the ingest ended with {code}:\n{log[-3000:]}"] if code else []
    if not code:
        wrong += find_violations(lake, inputs)
        _print_outcomes(count_outcomes(lake))
    if seen.slowest > MOST_SECONDS:
        wrong.append(f"{seen.slowest_page}: took {seen.slowest:.1f} s, allowed are {MOST_SECONDS}")
    if seen.megabytes > MOST_MEGABYTES:
        wrong.append(f"a process took {seen.megabytes:.0f} MB, allowed are {MOST_MEGABYTES}")
    print(f"\n{len(inputs)} inputs in {seconds:.0f} s, seed {options.seed}")
    print(f"largest process: {seen.megabytes:.0f} MB (limit {MOST_MEGABYTES})")
    print(f"slowest page: {seen.slowest:.1f} s (limit {MOST_SECONDS}): {seen.slowest_page}")
    if wrong:
        print(f"{folder} is left", "VIOLATIONS", *wrong[:20], sep="\n", file=sys.stderr)
        sys.exit(1)
    shutil.rmtree(folder)


def _print_outcomes(found: Counter[tuple[str, str]]) -> None:
    print(f"{'kind':<22}{'pages':>7}{'rejects':>9}  by reason")
    for kind in sorted({kind for kind, _ in found}):
        reasons = {reason: count for (one, reason), count in found.items() if one == kind}
        pages = reasons.pop("page", 0)
        told = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
        print(f"{kind:<22}{pages:>7}{sum(reasons.values()):>9}  {told}")


def _kind_of(uri: str) -> str:
    """The name of the folder below ``feed``."""
    parts = uri_to_path(split_record(uri)[0]).parts
    return next((one for one in reversed(parts) if one in KINDS), "?")


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


if __name__ == "__main__":
    main()
