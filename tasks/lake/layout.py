"""What lies where under a lake's root."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tasks.errors import LakeError
from tasks.lake.storage import Storage, open_storage
from tasks.read.uris import uri_to_path

DEFAULT_LAKE = "data/lake"
LAKE_VARIABLE = "COPYDESK_LAKE"


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake by its root; makes no promise that anything is there yet."""

    root: Path
    """Its folder. Of a lake in an object store the folder of this machine in which its runs work:
    what is staged here has the same names there."""
    address: str | None = None
    """Of a lake in an object store, ``s3://bucket/prefix``; None for a folder."""

    def __str__(self) -> str:
        return self.address or str(self.root)

    @property
    def storage(self) -> Storage:
        """Where it lies, for who reads or writes small files, or moves large ones."""
        return open_storage(self.root, self.address)

    def table(self, name: str) -> Path:
        """The folder of a table of a lake that is a folder: its Parquet files and Delta log."""
        return self.root / name

    def table_uri(self, name: str) -> str:
        """Where a table is, as Delta's client wants it."""
        return f"{self}/{name}"

    def name_of(self, path: Path) -> str:
        """A file's name below the root, as ``storage`` wants it."""
        return path.relative_to(self.root).as_posix()

    @property
    def control(self) -> Path:
        """The folder of what is not a table: lock, intent, staging, reports."""
        return self.root / "_copydesk"

    @property
    def staging(self) -> Path:
        """One folder a run that has cut and not published."""
        return self.control / "staging"

    @property
    def reports(self) -> Path:
        """One HTML file a run: `copydesk report` makes each of them anew."""
        return self.control / "reports"

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
        LakeError: for a remote address that is not of S3.
    """
    where = str(given or os.environ.get(LAKE_VARIABLE) or DEFAULT_LAKE)
    if where.startswith("file://"):
        where = str(uri_to_path(where))
    if where.startswith("s3://"):
        return _locate_object_lake(where.rstrip("/"))
    if "://" in where:
        message = f"{where}: a lake lies in a folder, or in s3://…. Give one of them to --lake."
        raise LakeError(message)
    return Lake(Path(where).expanduser().absolute())


def _locate_object_lake(address: str) -> Lake:
    if "//" in address.removeprefix("s3://") or address == "s3:":
        message = f"{address}: not an address. Give s3://BUCKET/PREFIX to --lake."
        raise LakeError(message)
    # The same folder for all of this user's runs: so the next one clears up after a dead one.
    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    return Lake(Path(tempfile.gettempdir()) / f"copydesk-{os.getuid()}" / name, address)
