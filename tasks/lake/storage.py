"""Where a lake lies, as far as the commit needs to know: a folder, or a prefix of an object store.

Names are paths below the lake's root, with slashes: ``_copydesk/intent.json``.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from pyarrow.fs import FileSystem, LocalFileSystem, SubTreeFileSystem

from tasks.lake.files import sync_folder, write_bytes

Move = tuple[str, str]
"""A staged file's name, and the one that it gets."""


class Storage(Protocol):
    """The operations that the protocol needs."""

    def read(self, name: str) -> bytes | None:
        """What a small file holds; None where there is none."""

    def replace(self, name: str, data: bytes, verify: Callable[[], None]) -> None:
        """Write a small file, whole or not at all.

        Where others may write it too (the lock was lost), only if nobody did since ``verify``,
        which raises if it is not this writer's turn, was called.
        """

    def clear(self, name: str, is_own: Callable[[bytes], bool]) -> None:
        """Remove a small file, if it is there and ``is_own`` says so of what it holds."""

    def place(self, moves: Iterable[Move]) -> str | None:
        """Bring staged files to their places; the first that is neither staged nor there, or None.

        Each appears whole; may be repeated.
        """

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def size(self, name: str) -> int:
        """A file's bytes."""

    def files(self, folder: str) -> FileSystem:
        """Arrow's file system whose paths are below a folder."""

    def reach(self) -> AbstractContextManager[None]:
        """Tell a person what to do where Delta's client cannot reach the lake in the block.

        Raises:
            LakeError: instead of the client's own errors; of a folder they say enough.
        """


@lru_cache(maxsize=64)
def open_storage(root: Path, address: str | None) -> Storage:
    """The storage of a lake; see ``layout.Lake`` for the arguments.

    Raises:
        SettingError: where the client of object stores is not installed, or not told where.
    """
    if address is None:
        return FolderStorage(root)
    from tasks.lake.bucket import BucketStorage  # object stores are an extra

    return BucketStorage(root, address)


class FolderStorage:
    """A folder of this machine: renames, each made to survive a power cut.

    Its lock dies with its holder and is not lost before: so nothing is written twice at a time.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, name: str) -> bytes | None:
        """See ``Storage``."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def replace(self, name: str, data: bytes, verify: Callable[[], None]) -> None:
        """See ``Storage``."""
        verify()
        write_bytes(self._root / name, data)

    def clear(self, name: str, is_own: Callable[[bytes], bool]) -> None:
        """See ``Storage``."""
        path = self._root / name
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def place(self, moves: Iterable[Move]) -> str | None:
        """See ``Storage``."""
        touched = set()
        for name, place in moves:
            staged, target = self._root / name, self._root / place
            if staged.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                staged.replace(target)
                touched.add(target.parent)
            elif not target.exists():
                return str(staged)
        for parent in touched:
            sync_folder(parent)
        return None

    def remove(self, name: str) -> None:
        """See ``Storage``."""
        (self._root / name).unlink(missing_ok=True)

    def size(self, name: str) -> int:
        """See ``Storage``."""
        return (self._root / name).stat().st_size

    def files(self, folder: str) -> FileSystem:
        """See ``Storage``."""
        return SubTreeFileSystem(os.fspath(self._root / folder), LocalFileSystem())

    def reach(self) -> AbstractContextManager[None]:
        """See ``Storage``."""
        return nullcontext()
