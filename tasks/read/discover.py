"""What there is to read: the files that a person's arguments name, in a stable order."""

import errno
import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tasks.errors import SettingError
from tasks.read.opened import modified_at
from tasks.read.plan import Plan, plan_shards
from tasks.read.refs import InputRef, Reject
from tasks.read.rejects import access_reject
from tasks.read.transient import is_transient
from tasks.read.uris import is_remote, path_to_uri, uri_to_path

__all__ = ["Plan", "list_inputs", "plan_shards"]


def list_inputs(
    sources: Sequence[str | Path], skip: str | Path | None = None, *, last_try: bool = True
) -> Iterator[InputRef | Reject]:
    """The files that ``sources`` name, each once: files first, then folders with all in them.

    A source is a path, a ``file://`` URI, an address in an object store (``s3://…``), or a glob
    pattern of one of them (``**`` too). In folders the order is by name, links to folders come
    last and are followed once, and what begins with a dot is left out. Objects come after files.
    What cannot be listed is a ``Reject``, and the rest goes on.

    Args:
        sources: What to read; relative paths count from the working directory.
        skip: The lake's folder or address: neither it nor what is in it is listed.
        last_try: If False, transient I/O errors are raised, to be tried again.

    Raises:
        SettingError: At the call, if a source names nothing, or lies in ``skip``.
        OSError: While iterating, if ``last_try`` is False.
    """
    addresses = [str(source) for source in sources if is_remote(str(source))]
    local = [source for source in sources if not is_remote(str(source))]
    paths: dict[str, str] = {}
    for path in (path for source in local for path in _expand(source)):
        paths.setdefault(_place(path), path)
    own = None if skip is None or is_remote(str(skip)) else _real(skip)
    listing = _Listing(own, last_try)
    for path in paths.values():
        if listing.is_skipped(path):
            msg = f"{path}: this is in the lake itself. Give another SOURCE, or another --lake."
            raise SettingError(msg)
    if not addresses:
        return listing.list_all(paths)
    from tasks.read.objects import list_objects  # object stores are an extra

    objects = list_objects(addresses, str(skip) if skip is not None and own is None else None)
    return chain(listing.list_all(paths), objects)


def _expand(source: str | Path) -> list[str]:
    """The absolute paths that a source names: one, or those that a pattern matches."""
    given = str(source)
    if given.startswith("file:"):
        given = str(uri_to_path(given))
    if given and _exists(given):
        return [_absolute(given)]
    if given and glob.has_magic(given):
        found = sorted(glob.glob(given, recursive=True), key=os.fsencode)  # noqa: PTH207
        if found:
            return [_absolute(path) for path in found]
        msg = f"{given}: no file matches this pattern. Try it with `ls`."
        raise SettingError(msg)
    msg = f"{given or '(empty)'}: no such file or folder. Check the path; `ls` should show it."
    raise SettingError(msg)


def _exists(path: str) -> bool:
    """Whether something has this name, be it a broken link, or where nobody may look."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG  # a pattern may be as long as it likes
    except ValueError:  # a NUL in it
        return False
    return True


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100  # does not follow links, which resolve() does


def _place(path: str) -> str:
    """The same for each path that leads to the same name in the same folder."""
    folder, name = os.path.split(path)
    return os.path.join(_real(folder), name)  # noqa: PTH118


def _real(path: str | Path) -> str:
    return os.path.realpath(path)


Identity = tuple[int, int]


@dataclass(slots=True)
class _Listing:
    """One pass over the sources, and what it has seen."""

    skip: str | None
    """Real path of the lake."""
    last_try: bool
    folders: set[Identity] = field(default_factory=set)
    """Device and inode of each folder met: a link back to one is not followed."""
    named: set[str] = field(default_factory=set)
    """Places of files that are a source themselves."""

    def is_skipped(self, path: str) -> bool:
        """Whether ``path`` is the lake's folder, or in it."""
        if self.skip is None:
            return False
        real = _real(path)
        return real == self.skip or real.startswith(self.skip.rstrip("/") + "/")

    def list_all(self, paths: dict[str, str]) -> Iterator[InputRef | Reject]:
        """The files among ``paths``, which are by place, then the folders' files."""
        folders = []
        for place, path in paths.items():
            status = self._look(path)
            if not isinstance(status, Reject) and stat.S_ISDIR(status.st_mode):
                folders.append(path)
                continue
            self.named.add(place)
            yield _refer(path, status)
        for folder in folders:
            yield from self._walk(folder)

    def _walk(self, top: str) -> Iterator[InputRef | Reject]:
        """The files under ``top``, by name. A stack: folders may nest deeper than calls."""
        stack, links = [top], list[str]()
        while stack or links:
            path = stack.pop() if stack else links.pop(0)
            status = self._look(path)
            if isinstance(status, Reject) or not stat.S_ISDIR(status.st_mode):
                if not self.named or _place(path) not in self.named:
                    yield _refer(path, status)
            elif self._enter(path, status):
                entries = self._entries(path)
                if isinstance(entries, Reject):
                    yield entries
                    continue
                links += [entry.path for entry in entries if _is_link_to_folder(entry)]
                stack += [e.path for e in reversed(entries) if not _is_link_to_folder(e)]

    def _enter(self, folder: str, status: os.stat_result) -> bool:
        """Whether the folder is new, and not the lake's."""
        identity = (status.st_dev, status.st_ino)
        if identity in self.folders or self.is_skipped(folder):
            return False
        self.folders.add(identity)
        return True

    def _look(self, path: str) -> os.stat_result | Reject:
        try:
            return os.stat(path)  # noqa: PTH116
        except OSError as error:
            return self._reject(path, error)

    def _entries(self, folder: str) -> list[os.DirEntry[str]] | Reject:
        try:
            with os.scandir(folder) as entries:
                shown = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            return self._reject(folder, error)
        return sorted(shown, key=lambda entry: os.fsencode(entry.name))

    def _reject(self, path: str, error: OSError) -> Reject:
        if is_transient(error) and not self.last_try:
            raise error
        if isinstance(error, FileNotFoundError) and os.path.islink(path):  # noqa: PTH114
            return Reject(
                path_to_uri(path), "vanished", "It is a link to a file that is not there."
            )
        return access_reject(path_to_uri(path), error)


def _is_link_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:
        return False


def _refer(path: str, status: os.stat_result | Reject) -> InputRef | Reject:
    if isinstance(status, Reject):
        return status
    if not stat.S_ISREG(status.st_mode):
        return Reject(path_to_uri(path), "not-a-file", "It is a pipe, a socket or a device.")
    return InputRef(path_to_uri(path), status.st_size, modified_at(status))
