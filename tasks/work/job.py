"""What a worker process must know beside its shard."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tasks.lake.layout import Lake
from tasks.lake.retries import Retries
from tasks.read.refs import Limits
from tasks.versions import reading_version
from tasks.work.selection import Selection


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker must know beside the shard."""

    lake: Lake
    folder: Path
    """The run's staging folder."""
    run_id: str
    started_at: datetime
    """UTC; ``ingested_at`` and ``received_at`` of all rows."""
    limits: Limits
    page_seconds: float
    """How long one page may take before it is rejected as ``timeout``."""
    rule_packs: tuple[Path, ...]
    digest: str
    """Of rules, reader, settings and what is learned: what makes staged shards interchangeable."""
    versions: dict[str, str]
    """Written into the files' metadata."""
    skip: frozenset[str] = frozenset()
    """``source_uri`` of pages on which a worker hung or died: rejected untried."""
    replay: frozenset[str] = frozenset()
    """reject_ids that are tried again, because a person asked for it."""

    selection: Selection = field(default_factory=Selection)
    """Of a reprocess: which stored pages are cut again."""

    @property
    def retries(self) -> Retries:
        """Rejects that are not left alone this time."""
        return Retries(reading_version(self.versions), self.replay)
