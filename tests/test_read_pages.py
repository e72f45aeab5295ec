"""Pages and rejects of real files, one format and one reason at a time."""

import errno
import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.read import READER_VERSION
from tasks.read.discover import list_inputs
from tasks.read.encoding import rebuild_bytes
from tasks.read.formats import FORMATS, Format
from tasks.read.pages import Limits, PartReader, read_part
from tasks.read.plain import read_text
from tasks.read.refs import ACCESS_REASONS, InputRef, Page, Part, Reason, Reject
from tasks.read.rejects import reject_id
from tasks.read.streams import Stored

STORY = "Harbour wall to be rebuilt\r\n\r\nPORT ELLIN: The wall “will stand”, the mayor said.\r\n"
SMALL = Limits(page_bytes=1000)

Put = Callable[[str, bytes], Part]


@pytest.fixture
def put(tmp_path) -> Put:
    """Writes a file into a folder called `gazette` and gives the part that is all of it."""
    folder = tmp_path / "gazette"
    folder.mkdir()

    def write(name: str, data: bytes) -> Part:
        path = folder / name
        path.write_bytes(data)
        (ref,) = list_inputs([path])
        assert isinstance(ref, InputRef)
        return Part(ref)

    return write


def path_of(part: Part) -> Path:
    """The file behind a part, whose name needs no decoding here."""
    return Path(part.input.uri.removeprefix("file://"))


def only_page(reader: PartReader) -> Page:
    """The single page of a reader."""
    (page,) = reader
    assert isinstance(page, Page), page
    return page


def only_reject(reader: PartReader) -> Reject:
    """The single reject of a reader, whose detail must be a sentence."""
    (reject,) = reader
    assert isinstance(reject, Reject), reject
    assert reject.detail.endswith(".")
    assert len(reject.head) <= 256
    return reject


@pytest.mark.parametrize("name", ["a.txt", "a.text", "a.md", "a", "a.2026-01-02", "A.TXT"])
def test_a_text_file_is_one_page(put, name):
    """Text by suffix, or by none that is known, is a page: its text, bytes' hash and folder."""
    part = put(name, STORY.encode())
    reader = read_part(part)
    sha256 = hashlib.sha256(STORY.encode()).hexdigest()
    assert only_page(reader) == Page(part.input.uri, sha256, "gazette", STORY, "utf-8")
    assert (reader.sha256, reader.records, reader.accessible) == (sha256, 1, True)


@pytest.mark.parametrize("name", ["a.txt.gz", "a.gz", "A.TXT.GZ"])
def test_a_gzipped_text_is_the_page_in_it(put, name):
    """page_id is of the page's bytes; the reader's sha256 is of the file's."""
    stored = gzip.compress(STORY.encode("utf-16"))
    reader = read_part(put(name, stored))
    page = only_page(reader)
    assert (page.text, page.encoding) == (STORY, "utf-16-le-bom")
    assert page.page_id == hashlib.sha256(STORY.encode("utf-16")).hexdigest()
    assert reader.sha256 == hashlib.sha256(stored).hexdigest()


def test_gzip_files_may_have_several_members(put):
    """Gzip files put one behind the other, padded or not, are one page."""
    data = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two") + bytes(512)
    assert only_page(read_part(put("a.gz", data))).text == "one two"


@settings(deadline=None)  # it writes files
@given(st.binary(min_size=1, max_size=200))
def test_a_page_gives_back_its_bytes(tmp_path_factory, data):
    """Whatever becomes a page can be rebuilt byte for byte."""
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(data)
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    for page in read_part(Part(ref)):
        assert page.page_id == hashlib.sha256(data).hexdigest()
        if isinstance(page, Page):
            assert rebuild_bytes(page.text, page.encoding, page.raw) == data


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", "\u2003\u00a0".encode()])
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_nothing_but_blanks_is_empty(put, name, data):
    """Zero bytes, white space and a lone mark are no page."""
    stored = gzip.compress(data) if name.endswith(".gz") and data else data
    reject = only_reject(read_part(put(name, stored)))
    assert (reject.reason, reject.page_id) == ("empty", hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bytes(range(256)), "binary"),
        (b"caf\xc3\xa9 and a broken \xc3.", "undecodable"),
        ("half \ud800".encode("utf-8", "surrogatepass"), "surrogate"),
    ],
)
def test_bytes_that_are_no_text_are_rejected(put, data, reason):
    """What cannot be decoded keeps its first bytes and its hash."""
    reject = only_reject(read_part(put("a.txt", data)))
    assert (reject.reason, reject.head) == (reason, data)
    assert reject.page_id == hashlib.sha256(data).hexdigest()


UNREAD = "a.pdf a.zip a.docx a.jpeg a.mp3 a.mp4 a.tar.gz a.tar.zst a.7z a.json a.csv a.xml a.orc"


@pytest.mark.parametrize("name", UNREAD.split())
def test_a_format_without_a_reader_is_unsupported(put, name):
    """A known format is not read as text, and its reject says which it is."""
    reader = read_part(put(name, b"<p>What it holds</p>"))
    reject = only_reject(reader)
    assert (reject.reason, reject.head) == ("unsupported-format", b"<p>What it holds</p>")
    assert reader.records == 1


def test_a_format_is_one_entry_in_a_table(put, monkeypatch):
    """A new suffix needs a reader in `FORMATS` and nothing else."""
    part = put("a.story", STORY.encode())

    def read(stored: Stored, part: Part, limits: Limits) -> Iterator[Page | Reject]:
        for page in read_text(stored, part, limits):
            yield replace(page, source="a reader of its own")

    monkeypatch.setitem(FORMATS, ".story", Format("story", read))
    assert only_page(read_part(part)).source == "a reader of its own"


def test_a_page_of_the_limit_is_read_and_one_more_byte_is_not(put):
    """The limit is in bytes, decompressed, and included."""
    assert len(only_page(read_part(put("a.txt", b"x" * 1000), SMALL)).text) == 1000
    for part in (put("b.txt", b"x" * 1001), put("b.gz", gzip.compress(b"x" * 1001))):
        reader = read_part(part, SMALL)
        reject = only_reject(reader)
        assert (reject.reason, reject.page_id) == ("too-large", None)
        assert reject.head == b"x" * 256


def test_gzip_that_stops_short_is_bad_compression(put):
    """A page of which an end is missing is no page; its beginning is kept for a person."""
    data = gzip.compress(os.urandom(90).hex().encode())
    for stored in (data[:-1], data[:-9], data[:12], b"not gzip at all", data + b"tail"):
        reject = only_reject(read_part(put("a.txt.gz", stored)))
        assert (reject.reason, reject.page_id) == ("bad-compression", None)
        assert reject.head


def test_a_file_that_vanished_is_tried_again(put):
    """A file deleted between listing and reading is an error of access."""
    part = put("a.txt", b"text")
    path_of(part).unlink()
    reader = read_part(part)
    reject = only_reject(reader)
    assert reject.reason == "vanished"
    assert reject.is_access
    assert not reader.accessible


def test_a_folder_that_became_a_file_has_vanished(put):
    """A path through a file leads nowhere."""
    part = put("a.txt", b"text")
    inner = replace(part.input, uri=part.input.uri + "/b.txt")
    assert only_reject(read_part(Part(inner))).reason == "vanished"


def test_a_file_without_permission_is_tried_again(put, tmp_path):
    """A file that may not be opened is rejected as such."""
    part = put("a.txt", b"text")
    path_of(part).chmod(0)
    code = (
        "import os, sys\n"
        "from tasks.read.pages import read_part\n"
        "from tasks.read.refs import InputRef, Part\n"
        "os.chdir(sys.argv[1])\n"
        "from tasks.read import opened\n"
        "opened.uri_to_path = lambda uri: 'a.txt'  # the folders above may be private\n"
        "os.geteuid() or os.seteuid(65534)\n"
        "print([page.reason for page in read_part(Part(InputRef('file:///a.txt', 4, None)))])\n"
    )
    path_of(part).parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, path_of(part).parent],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['permission']\n"


@pytest.mark.parametrize("place", ["fifo", "folder"])
def test_what_took_a_file_s_place_is_not_a_file(put, place):
    """A pipe in a file's place is not waited for."""
    part = put("a.txt", b"text")
    path_of(part).unlink()
    if place == "fifo":
        os.mkfifo(path_of(part))
    else:
        path_of(part).mkdir()
    assert only_reject(read_part(part)).reason == "not-a-file"


def test_a_file_that_grew_is_changed(put):
    """Another size than the listed one is not read in this run."""
    part = put("a.txt", b"text")
    path_of(part).write_bytes(b"text and more")
    assert only_reject(read_part(part)).reason == "changed-while-reading"


def test_a_file_of_another_time_is_changed(put):
    """The same size at another time is not read in this run."""
    part = put("a.txt", b"text")
    os.utime(path_of(part), (0, 0))
    assert only_reject(read_part(part)).reason == "changed-while-reading"


def test_a_store_without_times_is_read(put):
    """Where no time was listed, the size must do."""
    part = put("a.txt", b"text")
    assert only_page(read_part(Part(replace(part.input, modified=None)))).text == "text"


def test_a_file_that_changes_under_the_reader_is_changed(put):
    """Records already read stay pages; the input is tried again."""
    part = put("a.jsonl", b'{"text": "one"}\n{"text": "two"}\n')
    reader = read_part(part)
    assert isinstance(next(reader), Page)
    with path_of(part).open("ab") as file:
        file.write(b'{"text": "three"}\n')
    *_, reject = reader
    assert isinstance(reject, Reject)
    assert reject.reason == "changed-while-reading"
    assert not reader.accessible


@pytest.mark.parametrize("call", ["open", "read"])
def test_a_failing_disk_is_raised_so_that_the_task_retries(put, monkeypatch, call):
    """A transient error is raised; on the last try it becomes a reject."""
    part = put("a.txt", b"text")

    def fail(*_: object) -> bytes:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(OSError, match="Stale"):
            list(read_part(part))
        reader = read_part(part, Limits(last_try=True))
        reject = only_reject(reader)
    assert (reject.reason, reader.accessible) == ("io", False)


def test_other_errors_of_access_are_rejects_at_once(put, monkeypatch):
    """An error that no retry will mend is not raised."""
    part = put("a.txt", b"text")

    def fail(*_: object) -> bytes:
        raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))

    monkeypatch.setattr(os, "read", fail)
    assert only_reject(read_part(part)).reason == "io"


def test_reject_ids_tell_places_and_bytes_apart():
    """One row in `rejects` for a place and its bytes: by hash, else by the first bytes."""
    ids = [
        reject_id("file:///a", None, b""),
        reject_id("file:///a", None, b"head"),
        reject_id("file:///a", "page", b"head"),
        reject_id("file:///b", "page", b"head"),
    ]
    assert len(set(ids)) == 4
    assert reject_id("file:///a", "page", b"head") == reject_id("file:///a", "page", b"other")


def test_access_reasons_are_reasons():
    """What the next run tries again is part of the closed list."""
    assert set(get_args(Reason)) > ACCESS_REASONS
    assert READER_VERSION


HUGE = """
import resource, sys
from tasks.read.discover import list_inputs, plan_shards
from tasks.read.pages import read_part
plan = plan_shards(list_inputs([sys.argv[1]]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = [page for shard in plan.shards for part in shard.parts for page in read_part(part)]
print(*[getattr(page, "reason", "page") for page in found])
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_100_mb_on_one_line_stay_out_of_memory(tmp_path, name, suffix):
    """A huge line is rejected, what comes after it is read, and 100 MB are never held."""
    path = tmp_path / (name + suffix)
    opened = {"": open, ".gz": gzip.open, ".zst": zstandard.open}[suffix]
    with opened(path, "wb") as file:
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        if name == "a.jsonl":
            file.write(b'\n{"text": "The page after it."}\n')
    done = subprocess.run(
        [sys.executable, "-c", HUGE, path], capture_output=True, text=True, check=True
    )
    reasons, megabytes = done.stdout.splitlines()
    assert reasons == ("too-large page" if name == "a.jsonl" else "too-large")
    assert int(megabytes) < 60  # 20 MB kept, and once more to join them


def test_nothing_heavy_is_loaded_to_read():
    """Workers and `explain` start fast: what one format needs is loaded when a page has it."""
    code = (
        "import sys, tasks.read.discover, tasks.read.pages\n"
        "heavy = 'pyarrow tldextract prefect requests trafilatura lxml warcio zstandard'\n"
        "print(set(heavy.split()) & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_time_is_compared_to_the_microsecond(put):
    """Nanoseconds, which no table holds, do not make a file look changed."""
    part = put("a.txt", b"text")
    os.utime(path_of(part), ns=(0, 1_700_000_000_123_456_789))
    modified = datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=UTC)
    assert only_page(read_part(Part(replace(part.input, modified=modified)))).text == "text"
