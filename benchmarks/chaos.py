"""Kill ingests at random moments, 200 times, with other faults between; nothing may be lost.

    python benchmarks/chaos.py --rounds 200 --lanes 4
    python benchmarks/chaos.py --short

A round: a batch of invented pages comes in, an ingest of it is killed with SIGKILL (its parent,
a worker, or all at once), then comes another fault, then an ingest that nobody disturbs. After it
no article may be lost, none be there twice, the books must balance, every page must rebuild; see
``invariants``. Every so many rounds the lake is compared with one that took in all at once.

A seed gives the same pages, faults and moments again; when exactly a signal strikes is the
machine's affair. The runs are the command as a user starts it, but forked from a process that has
imported everything: so the moments fall into the work and not into Python's start.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path

import psutil
from invariants import find_differences, find_violations
from invented import Feed

from flows.history import prepare_prefect
from tasks.lake.layout import Lake

ROOT = Path(__file__).parents[1]
LAKE_ROUNDS = 20
"""Rounds after which a lake is compared with an undisturbed one, and a new one begun."""
SERVER_SECONDS = 120.0
REMOUNT_TRIES = 100
SHORT_ROUNDS = 4
RUN_SECONDS = 600.0
"""A run that takes longer hangs."""
DISK_BYTES = 256 << 20
NO_MOUNT = "needs a disk of its own: root, and leave to `mount -t tmpfs`"
MODULES = ["flows.cli", "flows.console", "flows.ingest", "flows.maintain", "flows.reprocess"]

CONTEXT = get_context("forkserver")

MOMENTS = {
    "starting": "",
    "planning": "staging/{run}/run.json",
    "cutting": "staging/{run}/plan",
    "after a page": "staging/{run}/*.page",
    "after a shard": "staging/{run}/*/parts.json",
    "deciding": "staging/{run}/verdicts.json",
    "before the intent": "staging/{run}/publish",
    "publishing": "intent.json",
}
"""What the lake's control folder shows of how far a run is; a signal strikes soon after."""
AT_WORK = ["cutting", "after a page", "after a shard"]
VICTIMS = ["the parent", "the parent", "a worker", "all at once"]


class ViolationError(Exception):
    """Something that must hold does not."""


class Skipped(Exception):  # noqa: N818  # no error
    """A fault that this machine does not let us make; the message says why."""


class Run:
    """One command, in a process group of its own."""

    def __init__(self, desk: "Desk", *arguments: str) -> None:
        desk.runs += 1
        self.log = desk.folder / "logs" / f"{desk.runs:04d}-{arguments[0]}.txt"
        self.log.parent.mkdir(exist_ok=True)
        self.arguments = [*arguments, "--lake", str(desk.lake)]
        self.before = set(desk.staging())
        self.process = CONTEXT.Process(target=_command, args=(self.arguments, str(self.log)))
        self.process.start()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.is_alive()

    @property
    def said(self) -> str:
        """What it wrote, errors too."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait(self) -> int:
        """Its exit code; that of a signal is negative."""
        self.process.join(RUN_SECONDS)
        if self.is_running:
            self.kill("all at once")
            raise ViolationError(f"`copydesk {self.arguments[0]}` hangs, see {self.log}")
        return int(self.process.exitcode or 0)

    def kill(self, who: str) -> str:
        """Strike: the parent, a worker, or all at once; who it was, or "" if nobody was there."""
        workers = [one.pid for one in self._children() if _is_worker(one)]
        if not self.is_running:
            return ""
        victims = {
            "a worker": workers[:1],
            "the parent": [self.process.pid],
            "all at once": [self.process.pid, *workers],
        }
        who = who if workers else "the parent"
        for victim in victims[who]:
            try:
                os.kill(victim or 0, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return who

    def _children(self) -> list[psutil.Process]:
        try:
            return list(psutil.Process(self.process.pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return []


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return False


def _command(arguments: list[str], log: str) -> None:
    os.setsid()
    with open(log, "wb", buffering=0) as out:  # noqa: PTH123
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    sys.argv = ["copydesk", *arguments]
    from flows.cli import main

    main()


class Desk:
    """A lane: a lake on a disk of its own, its feed, a Prefect server, and what befell them."""

    def __init__(self, folder: Path, seed: int, api: str | None) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.given_api = api
        self.times: Counter[str] = Counter()
        self.survived: Counter[str] = Counter()
        self.where: Counter[str] = Counter()
        self.skipped: dict[str, str] = {}
        self.pending: list[str] = []
        """Faults since the last check."""
        self.runs = self.lakes = 0
        self.server: subprocess.Popen[bytes] | None = None

    @contextmanager
    def at_work(self) -> Iterator["Desk"]:
        """Have a disk and a server; both are gone at the end."""
        disk = self.folder / "disk"
        disk.mkdir()
        size = f"size={DISK_BYTES}"
        mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)]
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
        os.environ.update(
            PREFECT_HOME=str(self.folder / "prefect"),
            PREFECT_API_URL=self.given_api or f"http://127.0.0.1:{_free_port()}/api",
        )
        os.environ.pop("COPYDESK_LAKE", None)
        prepare_prefect()  # as the command does; here it is imported before
        try:
            if not self.given_api:
                self.start_server()
            CONTEXT.set_forkserver_preload(MODULES)
            yield self
        finally:
            if self.server is not None:
                self.server.kill()
                self.server.wait()
            if mounted:
                subprocess.run(["umount", "--lazy", str(disk)], check=False)

    def start_server(self) -> None:
        """Start the lane's own Prefect server, on loopback, and wait until it answers."""
        api = os.environ["PREFECT_API_URL"]
        port = api.rpartition(":")[2].removesuffix("/api")
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
        with (self.folder / "server.log").open("ab") as log:
            self.server = subprocess.Popen([*command, "--port", port], stdout=log, stderr=log)
        end = time.monotonic() + SERVER_SECONDS
        while time.monotonic() < end and self.server.poll() is None:
            try:
                with urllib.request.urlopen(f"{api}/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise ViolationError(f"the Prefect server does not answer; see {self.folder}/server.log")

    def write_counts(self) -> None:
        """Leave the counts for whoever puts those of all lanes together."""
        counts = {"times": self.times, "survived": self.survived, "where": self.where}
        content = json.dumps({**counts, "skipped": self.skipped})
        (self.folder / "counts.json").write_text(content)

    def begin_lake(self) -> None:
        """Go on with a new lake and a new feed."""
        self.lakes += 1
        self.lake = Lake(self.folder / "disk" / f"lake-{self.lakes}")
        self.feed = Feed(self.folder / f"feed-{self.lakes}" / "valley-wire", self.chance)

    def staging(self) -> Iterator[str]:
        """Names of what runs have staged."""
        if self.lake.staging.is_dir():
            yield from (one.name for one in self.lake.staging.iterdir() if one.is_dir())

    def ingest(self) -> Run:
        """Start an ingest of the feed."""
        source = str(self.feed.folder)
        return Run(self, "ingest", source, "--workers", "2", "--max-rejected", "1")

    def note(self, fault: str) -> None:
        """Count a fault that was made."""
        self.times[fault] += 1
        self.pending.append(fault)

    def await_moment(self, run: Run, who: str = "the parent") -> None:
        """Wait until a run is as far as chance has it, and a little longer.

        Workers are there to be struck only while pages are cut.
        """
        wanted = MOMENTS[self.chance.choice(list(MOMENTS) if who == "the parent" else AT_WORK)]
        while run.is_running and not self._shows(run, wanted):
            time.sleep(0.003)
        time.sleep(self.chance.uniform(0.0, 0.2 if wanted else 2.0))

    def _shows(self, run: Run, wanted: str) -> bool:
        if "{run}" not in wanted:
            return not wanted or (self.lake.control / wanted).exists()
        fresh = [one for one in self.staging() if one not in run.before]
        return any(any(self.lake.control.glob(wanted.format(run=one))) for one in fresh)

    def how_far(self, run: Run) -> str:
        """The last moment that a run has reached."""
        reached = [name for name, wanted in MOMENTS.items() if self._shows(run, wanted)]
        return reached[-1]

    def must_end(self, run: Run, *codes: int) -> int:
        """Wait for a run that may end with one of these codes; where it fails, with a message."""
        code = run.wait()
        if code not in codes or (code == 1 and "\ncopydesk: " not in run.said):
            said = run.said[-3000:]
            raise ViolationError(
                f"`copydesk {run.arguments[0]}` ended with {code}, allowed is {codes}:\n{said}"
            )
        return code

    def recover(self) -> None:
        """Ingest with nobody in the way, then look whether all that must hold does."""
        self.must_end(self.ingest(), 0)
        violations = find_violations(self.lake, self.feed)
        if violations:
            raise ViolationError("\n".join(violations[:20]))
        self.survived.update(self.pending)
        self.pending.clear()

    def compare(self) -> None:
        """Compare the lake with one that took in all at once, with nobody in its way."""
        for uri in self.feed.forgotten:
            Path(uri.removeprefix("file://")).unlink()
        disturbed, self.lake = self.lake, Lake(self.folder / "undisturbed" / f"{self.lakes}")
        self.must_end(self.ingest(), 0)
        found = find_differences(disturbed, self.lake, self.feed)
        if found:
            raise ViolationError("\n".join(found[:20]))
        self.note("lake compared with an undisturbed one")
        self.survived.update(self.pending)
        self.pending.clear()


def kill_ingest(desk: Desk) -> None:
    """An ingest killed at a random moment, and now and then the one that recovers from it too."""
    again = ""
    while True:
        run, who = desk.ingest(), desk.chance.choice(VICTIMS)
        desk.await_moment(run, who)
        far = desk.how_far(run)
        who = run.kill(who)
        code = run.wait()
        if who == "a worker":
            desk.must_end(run, 0)
        if who and (code == -signal.SIGKILL or who == "a worker"):
            desk.note(f"ingest killed: {who}{again}")
            desk.where[far] += 1
            if desk.chance.random() < 0.75:
                return
            again = ", in a recovery"
        elif not who:
            desk.must_end(run, 0)
            desk.feed.deliver()  # it was too fast: there must be something to do


def two_at_once(desk: Desk) -> None:
    """Two ingests started together."""
    desk.feed.deliver()
    runs = [desk.ingest(), desk.ingest()]
    for run in runs:
        desk.must_end(run, 0)
    desk.note("two ingests at once")


def two_at_once_one_killed(desk: Desk) -> None:
    """Two ingests started together, one of which is killed."""
    desk.feed.deliver()
    victim, other = desk.ingest(), desk.ingest()
    desk.await_moment(victim)
    victim.kill(desk.chance.choice(["the parent", "all at once"]))
    victim.wait()
    desk.must_end(other, 0)
    desk.note("two ingests at once, one killed")


def fill_disk(desk: Desk) -> None:
    """A disk that is full from the start, or from the mid of a run on."""
    disk = desk.folder / "disk"
    if not disk.is_mount():
        raise Skipped(NO_MOUNT)
    desk.feed.deliver()
    ballast = disk / "ballast"

    def fill() -> None:
        free = shutil.disk_usage(disk).free - desk.chance.randrange(400_000)
        with ballast.open("wb") as out, suppress(OSError):  # the run may have filled it before us
            os.posix_fallocate(out.fileno(), 0, max(free, 1))

    _meet(desk, "disk full", fill, ballast.unlink)


def make_read_only(desk: Desk) -> None:
    """A lake that nothing can be written to for a while, from the start or from mid-run on."""
    if not (desk.folder / "disk").is_mount():
        raise Skipped(NO_MOUNT)
    lake = str(desk.lake)

    def shut() -> None:
        # A second mount over it, not a change of the first: that would be refused while files are
        # open. Those that are open stay writable.
        subprocess.run(["mount", "--bind", lake, lake], check=True)
        # "Busy" while a file is written through the new mount already: it passes.
        for _ in range(REMOUNT_TRIES - 1):
            if not subprocess.run(["mount", "-o", "remount,bind,ro", lake], check=False).returncode:
                return
            time.sleep(0.05)
        subprocess.run(["mount", "-o", "remount,bind,ro", lake], check=True)

    def reopen() -> None:
        subprocess.run(["umount", "--lazy", lake], check=True)

    desk.feed.deliver()
    _meet(desk, "lake read-only", shut, reopen)


def _meet(desk: Desk, fault: str, begin: Callable[[], None], end: Callable[[], object]) -> None:
    """Run into a fault: the run must end well, or with a message; the fault passes."""
    from_start = desk.chance.random() < 0.4
    if from_start:
        begin()
    run = desk.ingest()
    if not from_start:
        desk.await_moment(run)
        begin()
    run.wait()
    end()
    code = desk.must_end(run, 0, 1)
    if code == 1:
        desk.note(fault if from_start else f"{fault} in mid-run")


def stop_server(desk: Desk) -> None:
    """A Prefect server that dies in mid-run and comes back."""
    if desk.given_api:
        raise Skipped("the server was given by --api: it may be others' too")
    desk.feed.deliver()
    run = desk.ingest()
    desk.await_moment(run)
    assert desk.server is not None
    desk.server.kill()
    desk.server.wait()
    time.sleep(desk.chance.uniform(0.0, 5.0))
    desk.start_server()
    code = desk.must_end(run, 0, 1)
    desk.note(f"Prefect server died and came back; the run {'failed' if code else 'went on'}")


def maintain_beside(desk: Desk) -> None:
    """A maintenance beside an ingest, one of them killed."""
    _beside(desk, "maintain")


def reprocess_beside(desk: Desk) -> None:
    """All pages cut again beside an ingest, one of them killed."""
    _beside(desk, "reprocess", "--all", "--workers", "1")


def _beside(desk: Desk, *arguments: str) -> None:
    desk.feed.deliver()
    other, run = Run(desk, *arguments), desk.ingest()
    victim, living = desk.chance.sample([other, run], 2)
    desk.await_moment(victim)
    who = victim.kill("all at once")
    victim.wait()
    desk.must_end(living, 0)
    if who:
        name = "the ingest" if victim is run else arguments[0]
        desk.note(f"{arguments[0]} beside an ingest, {name} killed")
    desk.must_end(Run(desk, *arguments), 0)


def forget_beside(desk: Desk) -> None:
    """A takedown beside an ingest, killed, and asked for again."""
    desk.recover()  # the page must have been published: one that was not is not new in any run
    uri = desk.feed.choose_to_forget()
    arguments = ["forget", "--source-uri", uri, "--why", "chaos", "--yes"]
    desk.feed.deliver()
    run, takedown = desk.ingest(), Run(desk, *arguments)
    desk.await_moment(takedown)
    who = takedown.kill("all at once")
    takedown.wait()
    desk.must_end(run, 0)
    desk.must_end(Run(desk, *arguments), 0)
    desk.feed.forget(uri)
    desk.note(f"forget beside an ingest{', killed' if who else ''}")


OTHERS: list[Callable[[Desk], None]] = [
    two_at_once,
    fill_disk,
    make_read_only,
    stop_server,
    maintain_beside,
    two_at_once_one_killed,
    reprocess_beside,
    forget_beside,
]
"""Faults that come between a killed ingest and its recovery, in every other round."""


def play(desk: Desk, rounds: int, every: int) -> None:
    """Play so many rounds; in each ``every``-th another fault, the first four of them first."""
    deck = OTHERS[SHORT_ROUNDS - 1 :: -1]
    for number in range(1, rounds + 1):
        if number % LAKE_ROUNDS == 1:
            desk.begin_lake()
        desk.feed.deliver()
        kill_ingest(desk)
        if number % every == 0:
            deck = deck or desk.chance.sample(OTHERS, len(OTHERS))
            fault = deck.pop()
            try:
                fault(desk)
            except Skipped as why:
                desk.skipped[fault.__name__] = str(why)
        desk.recover()
        _tell(f"round {number} of {rounds}: {sum(desk.times.values())} faults survived")
        if number % LAKE_ROUNDS == 0 or number == rounds:
            desk.compare()
            shutil.rmtree(desk.lake.root)


def run_lane(folder: Path, seed: int, rounds: int, every: int, api: str | None) -> int:
    """Play a lane, and write its counts beside it; 1 where something does not hold."""
    desk, failed = Desk(folder, seed, api), 0
    with desk.at_work():
        try:
            play(desk, rounds, every)
        except ViolationError as violation:
            failed = 1
            _tell(f"\nVIOLATION with seed {seed}, after {', '.join(desk.pending)}:\n{violation}")
            again = f"--seed {seed} --rounds {rounds} --every {every} --lanes 1"
            _tell(f"Again: chaos.py {again}   (logs: {folder}/logs)")
            if (folder / "disk").is_mount():
                shutil.copytree(folder / "disk", folder / "as-it-was", dirs_exist_ok=True)
        finally:
            desk.write_counts()
    return failed


def run_lanes(options: argparse.Namespace, folder: Path) -> int:
    """Play several lanes at a time, each in a process of its own; how many failed."""
    lanes = []
    for lane in range(options.lanes):
        rounds = options.rounds // options.lanes + (lane < options.rounds % options.lanes)
        where = folder / f"lane-{lane}"
        where.mkdir()
        command = [sys.executable, __file__, "--lane", str(where), "--rounds", str(rounds)]
        command += ["--seed", str(options.seed + lane), "--every", str(options.every)]
        command += ["--api", options.api] if options.api else []
        # Of a killed run nobody took back the semaphores: no news here.
        environment = {**os.environ, "PYTHONWARNINGS": "ignore:resource_tracker"}
        lanes.append(subprocess.Popen(command, cwd=ROOT, env=environment))
    try:
        return sum(lane.wait() != 0 for lane in lanes)
    except KeyboardInterrupt:  # the lanes have heard it too, and write what they have
        return sum(lane.wait() != 0 for lane in lanes)


def print_counts(folder: Path) -> None:
    """One table of all lanes: each fault, how often it was made, how often survived."""
    lanes = [json.loads(file.read_text()) for file in sorted(folder.glob("lane-*/counts.json"))]
    times, survived, where = (
        sum((Counter(lane[name]) for lane in lanes), Counter[str]())
        for name in ("times", "survived", "where")
    )
    print(f"\n{'fault':<66}{'times':>6}{'survived':>10}")
    for fault in sorted(times):
        print(f"{fault:<66}{times[fault]:>6}{survived[fault]:>10}")
    killed = sum(count for fault, count in times.items() if fault.startswith("ingest killed"))
    print(f"\n{killed} ingests killed: " + ", ".join(f"{where[one]} {one}" for one in MOMENTS))
    for fault, why in sorted({item for lane in lanes for item in lane["skipped"].items()}):
        print(f"skipped {fault}: {why}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--lanes", type=int, default=2, help="lakes at a time")
    parser.add_argument("--every", type=int, default=2, help="rounds to another fault")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--short", action="store_true", help="a few rounds, each with a fault")
    parser.add_argument("--api", help="address of a Prefect API to use, which is not killed")
    parser.add_argument("--lane", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.lane:
        sys.exit(run_lane(options.lane, options.seed, options.rounds, options.every, options.api))
    if options.short:
        options.rounds, options.lanes, options.every = SHORT_ROUNDS, 1, 1
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="copydesk-chaos-"))
    _tell(f"seed {options.seed}, in {folder}")
    failed = run_lanes(options, folder)
    print_counts(folder)
    print(f"seed {options.seed}, {options.rounds} rounds, {time.monotonic() - started:.0f} s")
    if failed:
        sys.exit(f"{failed} of {options.lanes} lanes found a violation; {folder} is left")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
