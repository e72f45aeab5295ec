"""A disk that takes nothing more: what the system says of it, told to a person."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from tasks.errors import LakeError
from tasks.lake.layout import Lake

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_FOLDER = {errno.ENOTDIR, errno.EEXIST}
_RUST = re.compile(r"os error (\d+)|\bOs \{ code: (\d+)")
"""How deltalake names the system's errors; it gives no number."""


@contextmanager
def explain_disk(lake: Lake) -> Iterator[None]:
    """Tell a person in the place of an error that says that a lake's disk takes nothing more.

    Raises:
        LakeError: where the disk is full, or may not be written, or the lake's place is a file's;
            other errors pass as they are.
    """
    try:
        yield
    except Exception as error:
        from deltalake.exceptions import DeltaError  # workers start without

        if not isinstance(error, (OSError, DeltaError)):
            raise
        number = _number_of(error)
        if number in _NO_FOLDER and not lake.root.is_dir():
            message = f"{lake}: this, or what it lies in, is a file. Give another --lake."
            raise LakeError(message) from error
        if number not in _FULL | _CLOSED:
            raise
        where = getattr(error, "filename", None) or lake
        what = f"{where}: cannot be written ({os.strerror(number)}). "
        todo = "Make room" if number in _FULL else "Make it writable for this user"
        message = (
            f"{what}{todo}, then run the same command again: it goes on from what was cut and "
            "finishes what was begun. Nothing is lost, and nothing published twice."
        )
        raise LakeError(message) from error


def _number_of(error: Exception) -> int:
    """The system's number of an error; 0 where it has none."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = _RUST.search(str(error))
    return int(found[1] or found[2]) if found else 0
