"""Where a run's shards are worked: by processes of this machine, or by those of others."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol

from tasks.dedupe.lookup import FindHits
from tasks.lake.layout import Lake
from tasks.lake.staging import PlannedShard, StagedShard
from tasks.work.job import Job
from tasks.work.pool import ShardPool, Work
from tasks.work.spawn import spawn_workers


class ShardWorker(Protocol):
    """Has shards worked; threads share it, and each waits for its own."""

    def work_shard(self, work: Work[StagedShard], planned: PlannedShard, job: Job) -> StagedShard:
        """What the work gives, its files in the folder of this machine in which the run works.

        Raises:
            OSError: as the work does.
            WorkerLostError: where those who work it are lost again and again.
        """


class Engine(Protocol):
    """Has the work of a run done that can be divided."""

    @property
    def slots(self) -> int:
        """How many shards are worked at a time."""

    @property
    def start(self) -> Callable[[], Executor] | None:
        """Starts what verifies copies; None where this process alone is as fast."""

    def finder(self, lake: Lake) -> FindHits | None:
        """Looks up bands of a lake's earlier articles; None where this process does it as well."""

    def open_pool(
        self, shards: Sequence[PlannedShard], job: Job
    ) -> AbstractContextManager[ShardWorker]:
        """What works a plan's shards, until the block ends.

        Raises:
            SettingError: where those who are to work them cannot.
        """


class LocalEngine:
    """Processes of this machine."""

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self.start = partial(spawn_workers, workers) if workers > 1 else None

    def finder(self, lake: Lake) -> None:
        """See ``Engine``: a million articles take 0.2 s, less than processes take to start."""

    def open_pool(
        self, shards: Sequence[PlannedShard], job: Job
    ) -> AbstractContextManager[ShardWorker]:
        """See ``Engine``."""
        return ShardPool(min(self.slots, len(shards)))
