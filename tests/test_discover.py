"""What the arguments of a person name."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.errors import SettingError
from tasks.read.discover import list_inputs
from tasks.read.refs import InputRef, Reject
from tasks.read.uris import path_to_uri


@contextmanager
def as_a_nobody() -> Iterator[None]:
    """Without the right to read everything, which root has."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def tree(tmp_path, monkeypatch) -> Callable[..., Path]:
    """Makes files in a working directory that everybody may enter."""
    top = tmp_path / "in"
    top.mkdir()
    monkeypatch.chdir(top)

    def make(*names: str) -> Path:
        for name in names:
            path = top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"The page {path.name}.\n")
        return top

    return make


def uris(*sources: str | Path, skip: Path | None = None) -> list[str]:
    """What is listed: URIs, those of rejects behind their reason."""
    return [
        found.uri if isinstance(found, InputRef) else f"{found.reason} {found.source_uri}"
        for found in list_inputs(sources, skip)
    ]


def test_a_folder_gives_all_its_files_by_name(tree):
    """Folders are walked to the bottom, in the order of names, the same every time."""
    top = tree("b.txt", "a/z.txt", "a/b/c.txt", "c", "a.txt", "é.txt")
    names = ["a/b/c.txt", "a/z.txt", "a.txt", "b.txt", "c", "é.txt"]
    assert uris(".") == [path_to_uri(top / name) for name in names]


def test_a_reference_tells_size_and_time(tree):
    """An input is known by its size and its time of last change, in UTC to the microsecond."""
    path = tree("a.txt") / "a.txt"
    os.utime(path, ns=(0, 1_700_000_000_123_456_789))
    modified = datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    assert list(list_inputs([path])) == [InputRef(path.as_uri(), 16, modified)]


def test_names_that_no_encoding_holds_are_listed(tree):
    """A name that is not UTF-8 or has a newline is a URI like any other."""
    top = tree()
    for name in (b"caf\xe9.txt", b"two\nlines"):
        Path(os.fsdecode(os.fsencode(top) + b"/" + name)).write_text("x")
    assert uris(".") == [top.as_uri() + "/caf%E9.txt", top.as_uri() + "/two%0Alines"]


def test_what_begins_with_a_dot_is_left_out(tree):
    """Hidden files and folders are not pages, unless a source names one itself."""
    top = tree("a.txt", ".hidden", ".git/config")
    assert uris(".") == [path_to_uri(top / "a.txt")]
    assert uris(".hidden") == [path_to_uri(top / ".hidden")]


def test_a_pattern_names_what_matches(tree):
    """Glob patterns work without a shell, `**` too."""
    top = tree("a/1.txt", "a/b/2.txt", "a/3.md")
    assert uris("a/*.txt") == [path_to_uri(top / "a/1.txt")]
    assert uris("**/*.txt") == [path_to_uri(top / "a/1.txt"), path_to_uri(top / "a/b/2.txt")]


def test_a_name_with_brackets_is_no_pattern_if_it_is_there(tree):
    """A file that exists is taken by its name."""
    top = tree("a[1].txt", "a1.txt")
    assert uris("a[1].txt") == [path_to_uri(top / "a[1].txt")]


def test_a_uri_is_a_source(tree):
    """What copydesk prints can be given back to it."""
    path = tree("a b.txt") / "a b.txt"
    assert uris(path.as_uri()) == [path.as_uri()]


@pytest.mark.parametrize(
    "sources",
    [
        ["a.txt", "a.txt"],
        ["a.txt", "."],
        [".", "a.txt"],
        [".", "./"],
        [".", "*.txt"],
        ["../in/a.txt", "."],
        [".", "link"],
        ["link", "."],
        ["link/a.txt", "."],
        ["link/a.txt", "a.txt"],
        ["**/*.txt", "link/**/*.txt"],
    ],
)
def test_a_file_named_twice_is_listed_once(tree, sources):
    """Sources may overlap, by other names or through a link to the same folder."""
    top = tree("a.txt")
    (top.parent / "link").symlink_to(top)
    sources = [source.replace("link", f"{top.parent}/link") for source in sources]
    assert len(uris(*sources)) == 1


def test_a_folder_in_a_folder_named_too_is_listed_once(tree):
    """A folder and one in it share their files."""
    tree("a/b/1.txt", "a/2.txt")
    assert len(uris("a/b", "a")) == len(uris("a", "a/b")) == 2


@pytest.mark.parametrize("source", ["missing.txt", "missing/", "*.pdf", "", "a.txt/b", "a\0b"])
def test_a_source_that_names_nothing_stops_at_once(tree, source):
    """A misspelt argument is an error before anything is read, and says what to do."""
    tree("a.txt")
    with pytest.raises(SettingError, match=r"Check the path|Try it with"):
        list_inputs(["a.txt", source])


@pytest.mark.parametrize("source", ["nowhere://a/b", "https://news.example/a"])
def test_what_nobody_can_list_is_refused(source):
    """An address of a scheme without a reader, or a web page's, is named."""
    with pytest.raises(SettingError, match=r"no reader|not fetched"):
        list_inputs([source])


def test_the_lake_is_left_out(tree):
    """The lake's own files are never input, though it lies in a source."""
    top = tree("a.txt", "lake/pages/p.txt")
    (top / "alias").symlink_to(top / "lake" / "pages")
    assert uris(".", skip=Path("lake")) == [path_to_uri(top / "a.txt")]
    assert uris(".", skip=Path("not-yet-made"))


@pytest.mark.parametrize("source", ["lake", "lake/pages", "lake/pages/p.txt"])
def test_the_lake_is_no_source(tree, source):
    """To read the lake into itself is a mistake that says so."""
    tree("lake/pages/p.txt")
    with pytest.raises(SettingError, match="in the lake itself"):
        list_inputs([source], skip=Path("lake"))


def test_links_to_files_and_folders_are_followed(tree):
    """A link to a file is a file; a linked folder's files come under the link's name."""
    top = tree("b.txt")
    away = top.parent / "away"
    away.mkdir()
    (away / "c.txt").write_text("x")
    (top / "a.txt").symlink_to("b.txt")
    (top / "a-linked").symlink_to(away)
    names = ["a.txt", "b.txt", "a-linked/c.txt"]
    assert uris(".") == [path_to_uri(top / name) for name in names]


def test_links_in_a_circle_end(tree):
    """A link to a folder above is not followed again, and real names win over links."""
    top = tree("b/c.txt")
    (top / "a").symlink_to(top / "b")
    (top / "b" / "up").symlink_to(top)
    assert uris(".") == [path_to_uri(top / "b/c.txt")]


def test_a_link_to_nothing_has_vanished(tree):
    """A broken link is rejected, in a folder or as a source, and the rest goes on."""
    top = tree("z.txt")
    (top / "a.txt").symlink_to("nowhere")
    (top / "loop").symlink_to("loop")
    expected = [f"vanished {path_to_uri(top / name)}" for name in ("a.txt", "loop")]
    assert uris(".") == [*expected, path_to_uri(top / "z.txt")]
    assert uris("a.txt") == expected[:1]


def test_a_folder_that_may_not_be_read_is_rejected(tree):
    """A folder without permission is one reject, and the rest goes on."""
    top = tree("a.txt", "shut/b.txt", "z.txt")
    top.chmod(0o755)
    (top / "shut").chmod(0)
    with _reachable(top), as_a_nobody():
        found = uris(".")
    (top / "shut").chmod(0o755)
    assert found == [
        path_to_uri(top / "a.txt"),
        f"permission {path_to_uri(top / 'shut')}",
        path_to_uri(top / "z.txt"),
    ]


@contextmanager
def _reachable(path: Path) -> Iterator[None]:
    """Let everybody pass through the folders above, which pytest makes private."""
    shut = [above for above in path.parents if not above.stat().st_mode & 0o001]
    modes = [above.stat().st_mode for above in shut]
    for above in shut:
        above.chmod(0o755)
    try:
        yield
    finally:
        for above, mode in zip(shut, modes, strict=True):
            above.chmod(mode)


def test_what_is_no_file_is_rejected(tree):
    """Pipes and sockets are named, not opened."""
    top = tree("z.txt")
    os.mkfifo(top / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")  # a path of its own would be too long for a socket
        found = uris(".")
    assert found == [
        f"not-a-file {path_to_uri(top / 'pipe')}",
        f"not-a-file {path_to_uri(top / 's')}",
        path_to_uri(top / "z.txt"),
    ]
    assert uris("/dev/null") == ["not-a-file file:///dev/null"]


def test_a_failing_disk_is_tried_again_until_the_last_try(tree, monkeypatch):
    """A transient error in a folder is raised, or on the last try rejected."""
    tree("a/b.txt")
    scandir = os.scandir

    def fail(path):
        if path.endswith("/a"):
            raise OSError(errno.EIO, "Input/output error")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(OSError, match="Input/output error"):
        list(list_inputs(["."], last_try=False))
    (found,) = list_inputs(["."])
    assert isinstance(found, Reject)
    assert found.reason == "io"


def test_deep_folders_are_walked(tree):
    """Folders may nest deeper than Python calls may."""
    top = tree()
    here = os.getcwd()  # noqa: PTH109
    for _ in range(300):
        os.mkdir("d")  # noqa: PTH102
        os.chdir("d")
    Path("x.txt").write_text("x")
    os.chdir(here)
    assert uris(".") == [path_to_uri(top) + "/d" * 300 + "/x.txt"]


def test_times_before_1970_are_times(tree):
    """A file's time may be negative."""
    path = tree("a.txt") / "a.txt"
    os.utime(path, (0, -1))
    (found,) = list_inputs([path])
    assert isinstance(found, InputRef)
    assert found.modified == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
