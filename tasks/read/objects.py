"""What there is to read in object stores: the objects that addresses name, in a stable order."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from urllib.parse import unquote

from tasks.errors import SettingError
from tasks.read.refs import InputRef
from tasks.read.remote import Remote, open_remote
from tasks.read.uris import split_remote

_MAGIC = re.compile(r"[*?\[]")


def list_objects(addresses: Sequence[str], skip: str | None = None) -> Iterator[InputRef]:
    """The objects that addresses name, each once, of each address by name.

    An address is an object's, a prefix's (all below it: a folder's), or a glob pattern. It is taken
    as it is written, or, where there is nothing, as the percent-encoded URI that a table has. What
    begins with a dot is left out.

    Args:
        addresses: ``s3://bucket/…``, or of another scheme that fsspec knows.
        skip: The lake's address: nothing below it is listed.

    Raises:
        SettingError: At the call, if an address names nothing, or cannot be asked.
    """
    lake = None if skip is None else skip.rstrip("/") + "/"
    found = [_begin(address, lake) for address in addresses]
    return _each_once(chain.from_iterable(found))


def _begin(address: str, lake: str | None) -> Iterator[InputRef]:
    """An address's objects; the first is asked for now."""
    scheme, _, path = address.partition("://")
    if lake is not None and f"{address.rstrip('/')}/".startswith(lake):
        message = f"{address}: this is in the lake itself. Give another SOURCE, or another --lake."
        raise SettingError(message)
    try:
        remote = open_remote(scheme.lower())
        for written in dict.fromkeys((path, unquote(path))):
            objects = _expand(remote, written)
            shown = (one for one in objects if lake is None or not _is_below(one.uri, lake))
            first = next(shown, None)
            if first is not None:
                return chain([first], shown)
    except OSError as error:
        message = f"{address}: {error.strerror or error}."
        raise SettingError(message) from error
    except re.error as error:
        message = f"{address}: no glob pattern: {error.msg}."
        raise SettingError(message) from error
    message = f"{address}: no object there. Check the address, and {scheme}'s access."
    raise SettingError(message)


def _expand(remote: Remote, path: str) -> Iterator[InputRef]:
    path = path.rstrip("/")
    one = remote.look(path)
    if one is not None:
        yield one
        return
    magic = _MAGIC.search(path)
    if magic is None:
        yield from _below(remote, path, lambda name: not _is_hidden(name))
        return
    pattern = re.compile(_translate(path))
    folder = path[: magic.start()].rpartition("/")[0]
    yield from _below(remote, folder, lambda name: bool(pattern.match(f"{folder}/{name}")))


def _below(remote: Remote, folder: str, is_wanted: Callable[[str], bool]) -> Iterator[InputRef]:
    """The objects below a folder whose names there are wanted, by name."""
    found = []
    for ref in remote.walk(folder):
        path = split_remote(ref.uri)[1]
        name = path.removeprefix(f"{folder}/")
        # An object with a slash at its end stands for an empty folder.
        if name != path and not path.endswith("/") and is_wanted(name):
            found.append(ref)
    yield from sorted(found, key=lambda ref: ref.uri)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _is_below(uri: str, lake: str) -> bool:
    scheme, path = split_remote(uri)
    return f"{scheme}://{path}".startswith(lake)


def _each_once(found: Iterator[InputRef]) -> Iterator[InputRef]:
    seen: set[str] = set()
    for ref in found:
        if ref.uri not in seen:
            seen.add(ref.uri)
            yield ref


def _translate(pattern: str) -> str:
    """A glob pattern as a regular expression, for a path's beginning.

    ``**/`` stands for any folders, ``*`` and ``?`` for no slash and, as a name's first character,
    no dot; what the pattern names as a folder is taken with all in it.
    """
    pieces = re.findall(r"\*\*/?|\*|\?|\[[^\]/]+\]|/|[^*?\[/]+|\[", pattern)
    parts, is_open = [], False
    for at, piece in enumerate(pieces):
        is_first = at == 0 or pieces[at - 1].endswith("/")
        if piece.startswith("**"):
            parts.append(r"(?:(?!\.)[^/]+/)*" if piece.endswith("/") else r"(?!\.).*")
        elif piece == "*":
            # Where another star follows in the name, the shortest that fits is as good as any, and
            # none is tried again: with ten stars that would take years.
            parts.append(")" if is_open else "")
            is_open = _next_star(pieces[at + 1 :]) == "*"
            parts.append(r"(?!\.)" if is_first else "")
            parts.append("(?>[^/]*?" if is_open else "[^/]*")
        elif piece == "?":
            parts.append((r"(?!\.)" if is_first else "") + "[^/]")
        elif len(piece) > 2 and piece[0] == "[" and piece[-1] == "]":
            inner = piece[1:-1].replace("\\", "\\\\")
            parts.append(f"(?!/)[^{inner[1:]}]" if inner[0] == "!" else f"(?!/)[{inner}]")
        else:
            parts.append(re.escape(piece))
    return "".join(parts) + r"(?:/(?!\.)[^/]+)*\Z"


def _next_star(pieces: Sequence[str]) -> str | None:
    """The next piece that stands for several characters, or ends the name."""
    return next((one for one in pieces if one == "/" or one.startswith("*")), None)
