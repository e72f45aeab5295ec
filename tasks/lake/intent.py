"""The redo log: one file that says what a publish will do, before it does any of it."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from tasks.errors import LakeError
from tasks.lake.files import encode_json
from tasks.lake.layout import Lake
from tasks.lake.lock import verify_lock
from tasks.lake.mirror import Mirror

INTENT_VERSION = 1


@dataclass(frozen=True, slots=True)
class AddedFile:
    """A staged file and the place it goes to."""

    staged: str
    """Its path below the lake's root."""
    path: str
    """Its path below the table's folder: a function of publication and shard."""
    size: int
    """Bytes."""
    statistics: str
    """As the Delta log has them, JSON."""
    partition: dict[str, str]
    """Partition values by column; empty where the table has no partitions."""


@dataclass(frozen=True, slots=True)
class RemovedFile:
    """A file whose rows the added ones hold now."""

    path: str
    size: int
    partition: dict[str, str]


@dataclass(frozen=True, slots=True)
class TableChange:
    """What happens to one table, in one commit."""

    table: str
    added: tuple[AddedFile, ...]
    removed: tuple[RemovedFile, ...] = ()
    is_rewrite: bool = False
    """Whether the rows stay what they are, in other files: no news for who follows the log."""
    keep_files: bool = False
    """Whether removed files stay for readers of older versions; ``maintain`` clears them up."""


@dataclass(frozen=True, slots=True)
class Intent:
    """All that one publication changes."""

    publication: str
    """Names the commits: the run's id, with a number from its second publication on."""
    run_id: str
    written_at: str
    """ISO 8601, UTC."""
    changes: tuple[TableChange, ...]
    """In the order of commits; tables that don't change are left out."""

    @property
    def application(self) -> str:
        """Delta's application id: a table that has it has this publication's commit."""
        return f"copydesk/{self.publication}"


def write_intent(lake: Lake, intent: Intent) -> None:
    """Write the intent as one atomic file: from here on, whoever comes next finishes it.

    Raises:
        LakeError: where this process no longer holds the lake's lock.
    """
    Mirror.of(lake).keep(one.staged for change in intent.changes for one in change.added)
    content = {"version": INTENT_VERSION, **asdict(intent)}
    lake.storage.replace(lake.name_of(lake.intent), encode_json(content), lambda: verify_lock(lake))


def read_intent(lake: Lake) -> Intent | None:
    """The intent that a writer left, or None.

    Raises:
        LakeError: where the file is not an intent that this version can carry out.
    """
    data = lake.storage.read(lake.name_of(lake.intent))
    if data is None:
        return None
    try:
        content: dict[str, Any] = json.loads(data)
    except ValueError as error:
        message = (
            f"{_where(lake)}: not readable as JSON ({error}). "
            "It is written atomically: look for disk damage."
        )
        raise LakeError(message) from error
    if content.get("version") != INTENT_VERSION:
        message = (
            f"{_where(lake)}: of version {content.get('version')}, and this copydesk knows "
            f"{INTENT_VERSION}. Let the version that wrote it finish: run its `copydesk ingest`."
        )
        raise LakeError(message)
    return Intent(
        publication=content["publication"],
        run_id=content["run_id"],
        written_at=content["written_at"],
        changes=tuple(
            TableChange(
                table=change["table"],
                added=tuple(AddedFile(**added) for added in change["added"]),
                removed=tuple(RemovedFile(**removed) for removed in change["removed"]),
                is_rewrite=change.get("is_rewrite", False),
                keep_files=change.get("keep_files", False),
            )
            for change in content["changes"]
        ),
    )


def remove_intent(lake: Lake, intent: Intent) -> None:
    """The last step of a publication; does nothing if another has finished it."""

    def is_own(data: bytes) -> bool:
        return bool(json.loads(data).get("publication") == intent.publication)

    lake.storage.clear(lake.name_of(lake.intent), is_own)


def _where(lake: Lake) -> str:
    return f"{lake}/{lake.name_of(lake.intent)}"
