"""Rejects made from errors, and their ids."""

import errno
import hashlib

from tasks.read.refs import HEAD_BYTES, Reason, Reject


def reject_id(source_uri: str, page_id: str | None, head: bytes) -> str:
    """The key in ``rejects``: sha256, hex, of the URI and of ``page_id``, or ``head`` without one.

    So the same bytes at the same place are one row, however often they are tried; what could not
    be read at all (``head`` is empty) is one row for each place.
    """
    what = page_id.encode() if page_id is not None else head
    return hashlib.sha256(source_uri.encode() + b"\0" + what).hexdigest()


def access_reject(source_uri: str, error: OSError, head: bytes = b"") -> Reject:
    """The reject of an input that cannot be reached: ``vanished``, ``permission`` or ``io``."""
    reason: Reason = "io"
    if isinstance(error, FileNotFoundError | NotADirectoryError) or error.errno == errno.ELOOP:
        reason = "vanished"
    elif isinstance(error, PermissionError):
        reason = "permission"
    # strerror, not str(error): that repeats the path, maybe in bytes that no table can hold
    detail = error.strerror or type(error).__name__
    return Reject(source_uri, reason, f"{detail}.", head[:HEAD_BYTES])
