"""Paths as ``file://`` URIs and back, and the URIs of records."""

import os
import re
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

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


def record_uri(input_uri: str, number: int) -> str:
    """The URI of a record in an input, from 1: ``file:///a/b.jsonl#L17``."""
    return f"{input_uri}#L{number}"


def split_record(source_uri: str) -> tuple[str, int | None]:
    """A page's input, and its record's number there; None where the input is one page."""
    found = re.fullmatch(r"(.*)#L([0-9]+)", source_uri, re.DOTALL)
    return (found[1], int(found[2])) if found else (source_uri, None)


def folder_name(uri: str) -> str:
    """The name of the folder that an input lies in; ``/`` for the root."""
    name = os.fsencode(uri_to_path(uri).parent.name)
    return name.decode("utf-8", "replace") or "/"
