"""Paths as ``file://`` URIs and back, addresses of objects, and the URIs of records."""

import os
import re
from pathlib import Path
from urllib.parse import quote, quote_from_bytes, unquote, unquote_to_bytes

from tasks.errors import SettingError


def path_to_uri(path: str | Path) -> str:
    """The absolute, percent-encoded URI of ``path``: ``file:///a/b%20c.txt``.

    ``.`` and ``..`` are resolved, links are not. Bytes that are no UTF-8 survive.
    """
    absolute = os.fsencode(os.path.abspath(path))  # noqa: PTH100  # resolve() follows links
    return "file:///" + quote_from_bytes(absolute.lstrip(b"/"))  # POSIX lets // stand in front


def uri_to_path(uri: str) -> Path:
    """The path that a ``file://`` URI names, less the number of a record in it.

    Raises:
        SettingError: If it is not the URI of a file on this machine.
    """
    found = re.fullmatch(r"file:(?://(?:localhost)?)?(/(?!/)[^#]*)(?:#.*)?", uri, re.DOTALL)
    if found is None:
        msg = f"{uri}: only files of this machine can be read. Give a path, or file:///…"
        raise SettingError(msg)
    return Path(os.fsdecode(unquote_to_bytes(found[1])))


def is_remote(address: str) -> bool:
    """Whether it names something in a store of objects: ``s3://…``, and not a file."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+)://", address)
    return found is not None and found[1].lower() != "file"


def join_remote(scheme: str, path: str) -> str:
    """The percent-encoded URI of an object: ``s3://bucket/a%20b.txt``."""
    return f"{scheme}://{quote(path.lstrip('/'))}"


def split_remote(uri: str) -> tuple[str, str]:
    """The scheme of an object's URI, and its path ``bucket/key``, decoded."""
    scheme, _, path = uri.partition("://")
    return scheme.lower(), unquote(path)


def record_uri(input_uri: str, number: int) -> str:
    """The URI of a record in an input, from 1: ``file:///a/b.jsonl#L17``."""
    return f"{input_uri}#L{number}"


def split_record(source_uri: str) -> tuple[str, int | None]:
    """A page's input, and its record's number there; None where the input is one page."""
    found = re.fullmatch(r"(.*)#L([0-9]+)", source_uri, re.DOTALL)
    return (found[1], int(found[2])) if found else (source_uri, None)


def folder_name(uri: str) -> str:
    """The name of the folder that an input lies in; ``/`` for the root.

    Of an object it is what stands before its name's last slash: the bucket, if nothing else does.
    """
    if is_remote(uri):
        return split_remote(uri)[1].split("/")[-2:-1][0] or "/"
    name = os.fsencode(uri_to_path(uri).parent.name)
    return name.decode("utf-8", "replace") or "/"
