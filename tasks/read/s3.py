"""S3 by obstore: buckets, objects to read, and errors as the operating system's.

Where it is and who may is said by the standard variables (``AWS_ENDPOINT_URL``, ``AWS_REGION``,
``AWS_ACCESS_KEY_ID`` …), which Delta's client and Arrow's read too.
"""

import errno
import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from tasks.errors import SettingError
from tasks.read.opened import CHUNK_BYTES, ChangedError
from tasks.read.refs import InputRef
from tasks.read.uris import join_remote

if TYPE_CHECKING:
    from obstore.store import S3Store

BUFFER_BYTES = 1 << 20
"""Asked for at once where an object is read in any order: a request costs some 50 ms."""

_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_SAID = re.compile(r"<Code>([^<]{1,80})</Code>.*?<Message>([^<]{1,300})</Message>", re.DOTALL)


@lru_cache(maxsize=64)
def open_bucket(bucket: str) -> "S3Store":
    """A bucket, opened once a process; nothing is asked of the server yet.

    Raises:
        SettingError: where the extra is not installed, or the variables cannot be used.
    """
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ImportError as error:
        message = f"s3://{bucket}: object stores need an extra: pip install 'copydesk[s3]'."
        raise SettingError(message) from error
    try:
        # A server that is away for longer is a matter for the task's own retries.
        return S3Store(
            bucket, retry_config={"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
        )
    except (BaseError, ValueError) as error:
        message = f"s3://{bucket}: {describe(error)}. {advise()}"
        raise SettingError(message) from error


@contextmanager
def as_os_errors(uri: str) -> Iterator[None]:
    """Raise what obstore raises as ``OSError``, with a number that tells whether to try again.

    What a condition refused (``AlreadyExistsError``, ``PreconditionError``) is left as it is.
    """
    from obstore.exceptions import (
        AlreadyExistsError,
        BaseError,
        PermissionDeniedError,
        PreconditionError,
        UnauthenticatedError,
    )

    try:
        yield
    except (AlreadyExistsError, PreconditionError):
        raise
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, describe(error), uri) from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise PermissionError(errno.EACCES, f"{describe(error)}. {advise()}", uri) from error
    except BaseError as error:
        raise OSError(errno.EIO, f"{describe(error)}. {advise()}", uri) from error


def describe(error: Exception) -> str:
    """What went wrong, in a line: the server's own words without what it says of the request."""
    # What follows is the same once more, as Rust prints its structures.
    told = str(error).partition("Debug source:")[0]
    said = _SAID.search(told)
    if said is not None:
        return f"{said[1]}: {said[2].rstrip('.')}"
    # Delta's client draws its chain of causes as a tree, in colours.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", told).replace("↳", ":")
    return " ".join(plain.split()).replace(" :", ":")[:400].rstrip(". ")


def advise() -> str:
    """Which variables say where the store is and who may use it: those that are missing."""
    told = []
    if not any(os.environ.get(name) for name in _CREDENTIALS):
        told.append("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
    if not (os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")):
        told.append("AWS_REGION is not set")
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if not endpoint:
        told.append("AWS_ENDPOINT_URL is not set: it is asked of Amazon's own servers")
    elif endpoint.startswith("http:") and not os.environ.get("AWS_ALLOW_HTTP"):
        told.append("AWS_ENDPOINT_URL is http: set AWS_ALLOW_HTTP=true")
    return "; ".join(told) or "Check the AWS_… variables"


class S3Objects:
    """Objects of S3; see ``remote.Remote``."""

    def look(self, path: str) -> InputRef | None:
        """See ``Remote``."""
        bucket, _, key = path.partition("/")
        if not key or key.endswith("/"):
            return None
        try:
            with as_os_errors(f"s3://{path}"):
                return self._refer(bucket, open_bucket(bucket).head(key))
        except FileNotFoundError:
            return None

    def walk(self, folder: str) -> Iterator[InputRef]:
        """See ``Remote``."""
        bucket, _, prefix = folder.partition("/")
        with as_os_errors(f"s3://{folder}"):
            for batch in open_bucket(bucket).list(prefix or None):
                for found in batch:
                    yield self._refer(bucket, found)

    def read(self, path: str, offset: int, etag: str | None) -> Iterator[bytes]:
        """See ``Remote``."""
        from obstore.exceptions import PreconditionError

        bucket, _, key = path.partition("/")
        options: Any = {"if_match": etag} if etag else {}
        if offset:
            options["range"] = {"offset": offset}
        try:
            with as_os_errors(f"s3://{path}"):
                found = open_bucket(bucket).get(key, options=options)
                for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                    yield from _pieces(bytes(chunk))
        except PreconditionError as error:
            raise ChangedError(_REPLACED) from error

    def open(self, path: str, ref: InputRef) -> BinaryIO:
        """See ``Remote``."""
        return io.BufferedReader(_Ranges(self._range(path, ref.etag), ref.size), BUFFER_BYTES)

    def _range(self, path: str, etag: str | None) -> Callable[[int, int], bytes]:
        from obstore.exceptions import PreconditionError

        bucket, _, key = path.partition("/")

        def read(start: int, stop: int) -> bytes:
            options: Any = {"range": (start, stop), **({"if_match": etag} if etag else {})}
            try:
                with as_os_errors(f"s3://{path}"):
                    return bytes(open_bucket(bucket).get(key, options=options).bytes())
            except PreconditionError as error:
                raise OSError(errno.ESTALE, _REPLACED, path) from error

        return read

    def _refer(self, bucket: str, found: Any) -> InputRef:
        uri = join_remote("s3", f"{bucket}/{found['path']}")
        # Some servers list milliseconds and answer for one object with seconds.
        modified = found["last_modified"].replace(microsecond=0)
        return InputRef(uri, found["size"], modified, found["e_tag"])


class _Ranges(io.RawIOBase):
    """A file read by ranges."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read, self._size, self._at = read, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        stop = min(self._at + len(buffer), self._size)
        if stop <= self._at:
            return 0
        data = self._read(self._at, stop)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


_REPLACED = "It was replaced while it was read."


def _pieces(chunk: bytes) -> Iterator[bytes]:
    """A chunk in pieces of bounded size: what decompresses it counts on that."""
    for at in range(0, len(chunk), CHUNK_BYTES):
        yield chunk[at : at + CHUNK_BYTES]
