"""What a worker process must know beside its shard."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tasks.lake.layout import Lake
from tasks.lake.retries import Retries
from tasks.read.origins import NO_ORIGIN, Origin
from tasks.read.refs import InputRef, Limits
from tasks.rules.load import load_rules
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
    origins: tuple[Origin, ...] = ()
    """The blocks of the sources file."""
    since: datetime | None = None
    """Inputs that were last changed before are left alone. UTC."""
    limit: int | None = None
    """How many pages to take on, oldest inputs first."""

    slots: int = 1
    """Shards that are worked at a time: a plan has twice as many, where there are pages enough."""
    selection: Selection = field(default_factory=Selection)
    """Of a reprocess: which stored pages are cut again."""

    @property
    def retries(self) -> Retries:
        """Rejects that are not left alone this time."""
        return Retries(reading_version(self.versions), self.replay)

    @property
    def most_page_seconds(self) -> float:
        """The longest that any page may take, by the run's setting or a block of the file."""
        return max([self.page_seconds, *(one.page_seconds or 0.0 for one in self.origins)])

    def origin_of(self, ref: InputRef) -> Origin:
        """The block that names an input; an empty one where none does."""
        return NO_ORIGIN if ref.origin is None else self.origins[ref.origin]


def block_facts(origin: Origin, rule_packs: tuple[Path, ...]) -> dict[str, Any]:
    """What shards of a block's pages hang on, its rule packs' content included.

    Raises:
        RulePackError: where a pack cannot be used.
    """
    rules = load_rules((*rule_packs, *origin.rules)).digest if origin.rules else None
    return {**origin.facts(), "rules": rules}
