"""What lies where under a lake's root."""

import os
from dataclasses import dataclass
from pathlib import Path

from tasks.errors import LakeError
from tasks.read.uris import uri_to_path

DEFAULT_LAKE = "data/lake"
LAKE_VARIABLE = "COPYDESK_LAKE"


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake by its root; makes no promise that anything is there yet."""

    root: Path

    def table(self, name: str) -> Path:
        """The folder of a table: its Parquet files and its Delta log."""
        return self.root / name

    @property
    def control(self) -> Path:
        """The folder of what is not a table: lock, intent, staging, reports."""
        return self.root / "_copydesk"

    @property
    def staging(self) -> Path:
        """One folder a run that has cut and not published."""
        return self.control / "staging"

    @property
    def intent(self) -> Path:
        """The redo log: one file while a publish is under way, none otherwise."""
        return self.control / "intent.json"

    @property
    def lock(self) -> Path:
        """The file that a writer locks."""
        return self.control / "lock"

    @property
    def holder(self) -> Path:
        """Who holds the lock, for those who wait."""
        return self.control / "holder.json"


def locate_lake(given: str | Path | None = None) -> Lake:
    """The lake that a command means: the option, else ``COPYDESK_LAKE``, else ``data/lake``.

    Raises:
        LakeError: for a remote address; this version keeps its lake on a local file system.
    """
    where = str(given or os.environ.get(LAKE_VARIABLE) or DEFAULT_LAKE)
    if where.startswith("file://"):
        where = str(uri_to_path(where))
    if "://" in where:
        message = (
            f"{where}: this version keeps its lake on a local file system. Give a folder to --lake."
        )
        raise LakeError(message)
    return Lake(Path(where).expanduser().absolute())
