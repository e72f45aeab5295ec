"""Pages read from an S3 server on loopback, and from what else fsspec has a file system for."""

import gzip
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tasks.errors import SettingError
from tasks.read.discover import list_inputs
from tasks.read.pages import read_part
from tasks.read.plan import plan_shards
from tasks.read.refs import InputRef, Limits, Page, Part, Reject

PAGE = "<html><body><p>The mill was sold.</p></body></html>"


def uris(*sources: str, **options: Any) -> list[str]:
    """What sources name."""
    return [one.uri for one in found(*sources, **options)]


def found(*sources: str, **options: Any) -> list[InputRef]:
    """What sources name, none of it rejected."""
    listed = list(list_inputs(sources, **options))
    assert all(isinstance(one, InputRef) for one in listed)
    return [one for one in listed if isinstance(one, InputRef)]


def pages(*sources: str) -> list[Page | Reject]:
    """All pages of sources, in order, by way of a plan."""
    plan = plan_shards(found(*sources))
    assert not plan.rejects
    parts = [part for shard in plan.shards for part in shard.parts]
    return [page for part in parts for page in read_part(part, Limits(last_try=True))]


def texts(*sources: str) -> list[str]:
    """The pages' texts."""
    return [page.text if isinstance(page, Page) else page.reason for page in pages(*sources)]


def test_an_object_is_listed_with_what_tells_that_it_changed(bucket) -> None:
    """Size, time and entity tag; the time is the same however it is listed."""
    address = bucket.put("wire/a.txt", b"The mill was sold.")
    (ref,) = found(address)
    assert (ref.uri, ref.size) == (address, 18)
    assert ref.etag
    assert ref.modified is not None
    assert found(f"s3://{bucket.name}/wire") == [ref]


def test_a_prefix_is_a_folder(bucket) -> None:
    """All below it, by name; what begins with a dot is left out, and so is its neighbour."""
    for key in ("wire/b.txt", "wire/a/c.txt", "wire/.hidden/d.txt", "wire/.e", "wired/f.txt"):
        bucket.put(key, b"The mill was sold.")
    root = f"s3://{bucket.name}"
    assert uris(f"{root}/wire") == [f"{root}/wire/a/c.txt", f"{root}/wire/b.txt"]
    assert uris(f"{root}/wire/") == uris(f"{root}/wire")
    assert len(uris(root)) == 3


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("wire/*.txt", ["wire/a.txt", "wire/b.txt"]),
        ("**/*.jsonl", ["top.jsonl", "wire/x/y/z.jsonl"]),
        ("wire/?.txt", ["wire/a.txt", "wire/b.txt"]),
        ("wire/[!a].txt", ["wire/b.txt"]),
        ("to[!x]*", ["top.jsonl"]),
        ("*i*e/*.t*t", ["wire/a.txt", "wire/b.txt"]),
        ("*w*r*e*", ["wire/a.txt", "wire/b.txt", "wire/x/y/z.jsonl"]),
        ("w*", ["wire/a.txt", "wire/b.txt", "wire/x/y/z.jsonl"]),
        ("wire/x/**", ["wire/x/y/z.jsonl"]),
    ],
)
def test_a_pattern_names_objects(bucket, pattern: str, keys: list[str]) -> None:
    """As of files: ``*`` within a folder, ``**`` through folders, a folder with all in it."""
    for key in ("wire/a.txt", "wire/b.txt", "wire/.c.txt", "wire/x/y/z.jsonl", "top.jsonl"):
        bucket.put(key, b"The mill was sold.")
    root = f"s3://{bucket.name}"
    assert uris(f"{root}/{pattern}") == [f"{root}/{key}" for key in keys]


def test_a_pattern_of_many_stars_is_no_riddle(bucket) -> None:
    """Tried in every way, thirty stars on such a name would outlast the sun."""
    bucket.put("a" * 500, b"The mill was sold.")
    root = f"s3://{bucket.name}"
    assert len(uris(f"{root}/{'*a' * 30}")) == 1
    with pytest.raises(SettingError, match="no object there"):
        list_inputs([f"{root}/{'*a' * 30}b"])


def test_what_is_no_pattern_is_told(bucket) -> None:
    """Not with a traceback."""
    with pytest.raises(SettingError, match=r"x\[z-a\]: no glob pattern: bad character range z-a"):
        list_inputs([f"s3://{bucket.name}/x[z-a]"])


def test_objects_come_once_and_after_files(bucket, tmp_path: Path) -> None:
    """However often an address names them."""
    address = bucket.put("a.txt", b"The mill was sold.")
    (tmp_path / "z.txt").write_text("The mill was sold.")
    listed = uris(address, str(tmp_path), f"s3://{bucket.name}", address)
    assert listed == [(tmp_path / "z.txt").as_uri(), address]


def test_names_are_encoded_in_the_uri_and_taken_either_way(bucket) -> None:
    """As `aws s3` has them, or as a table does."""
    written = bucket.put("Fähre & Co/50% #1.txt", b"The mill was sold.")
    encoded = f"s3://{bucket.name}/F%C3%A4hre%20%26%20Co/50%25%20%231.txt"
    assert uris(written) == uris(encoded) == [encoded]
    (page,) = pages(encoded)
    assert isinstance(page, Page)
    assert (page.source_uri, page.source) == (encoded, "Fähre & Co")


def test_the_lake_is_left_out(bucket) -> None:
    """Its own objects are never input, and it is no source."""
    inside = bucket.put("feeds/lake/pages/p.txt", b"no")
    outside = bucket.put("feeds/lakeside.txt", b"yes")
    root = f"s3://{bucket.name}/feeds"
    assert uris(root, skip=f"{root}/lake") == [outside]
    with pytest.raises(SettingError, match="in the lake itself"):
        list_inputs([inside], skip=f"{root}/lake/")


@pytest.mark.parametrize("key", ["nothing", "*.pdf", ""])
def test_an_address_that_names_nothing_stops_at_once(bucket, key: str) -> None:
    """Before anything is read."""
    with pytest.raises(SettingError, match="no object there"):
        list_inputs([f"s3://{bucket.name}/{key}"])


def test_a_bucket_that_is_not_there_is_told_from_an_empty_one(bucket) -> None:
    """By the server's own words."""
    with pytest.raises(SettingError, match="NoSuchBucket"):
        list_inputs([f"s3://{bucket.name}-not/wire"])


def test_a_server_that_cannot_be_asked_is_told_with_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it was looked for, and which variables are not set."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ALLOW_HTTP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")  # else it would ask the machine's cloud
    with pytest.raises(SettingError) as told:
        list_inputs(["s3://copydesk-no-server/wire"])
    assert "AWS_ALLOW_HTTP=true" in str(told.value)
    assert "AWS_REGION is not set" in str(told.value)


def _warc() -> bytes:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{PAGE}"
    record = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://valleywire.example/1\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n{http}\r\n\r\n"
    )
    return gzip.compress(record.encode()) * 3


def _parquet() -> bytes:
    out = io.BytesIO()
    rows = [f"The mill was sold, {number}." for number in range(500)]
    pq.write_table(pa.table({"text": rows}), out, row_group_size=100)
    return out.getvalue()


def _lines(count: int) -> bytes:
    return b"".join(b'{"text": "The mill was sold, %d."}\n' % number for number in range(count))


@pytest.mark.parametrize(
    ("name", "make", "count"),
    [
        ("a.txt", lambda: b"The mill was sold, 0.", 1),
        ("a.txt.gz", lambda: gzip.compress(b"The mill was sold, 0."), 1),
        ("a.jsonl", lambda: _lines(3000), 3000),
        ("a.jsonl.gz", lambda: gzip.compress(_lines(3000)), 3000),
        ("a.jsonl.zst", lambda: zstandard.compress(_lines(3000)), 3000),
        ("a.parquet", _parquet, 500),
        ("a.parquet.gz", lambda: gzip.compress(_parquet()), 500),
        ("a.warc.gz", _warc, 3),
        ("a.html", PAGE.encode, 1),
    ],
)
def test_every_format_is_read_as_from_a_file(
    bucket, tmp_path: Path, name: str, make: Callable[[], bytes], count: int
) -> None:
    """Texts, bytes and hashes are the same, whole or in parts."""
    data = make()
    address = bucket.put(f"x/{name}", data)
    (tmp_path / name).write_bytes(data)
    remote, local = pages(address), pages(str(tmp_path / name))
    assert len(remote) == count
    for one, other in zip(remote, local, strict=True):
        assert isinstance(one, Page)
        assert isinstance(other, Page)
        assert (one.text, one.page_id, one.raw) == (other.text, other.page_id, other.raw)


def test_a_large_object_is_read_in_pieces(bucket) -> None:
    """Of several requests, from the middle too: 3 MB of lines, in shards."""
    lines = b"".join(
        json.dumps({"text": f"{number} " + "The mill was sold. " * 50}).encode() + b"\n"
        for number in range(3000)
    )
    address = bucket.put("big.jsonl", lines)
    plan = plan_shards(found(address))
    assert len(plan.shards) > 10
    numbers = [int(text.split()[0]) for text in texts(address)]
    assert numbers == list(range(3000))


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.parquet"])
def test_an_object_replaced_after_it_was_listed_is_left_for_the_next_run(bucket, name: str) -> None:
    """Even by one of the same size."""
    address = bucket.put(name, b'{"text": "one"}')
    (ref,) = found(address)
    bucket.put(name, b'{"text": "two"}')
    (reject,) = read_part(Part(ref), Limits(last_try=True))
    assert isinstance(reject, Reject)
    assert reject.reason == "changed-while-reading"


def test_an_object_that_is_gone_has_vanished(bucket) -> None:
    """And is tried again."""
    from tasks.read.s3 import open_bucket

    (ref,) = found(bucket.put("a.txt", b"The mill was sold."))
    open_bucket(bucket.name).delete("a.txt")
    (reject,) = read_part(Part(ref), Limits(last_try=True))
    assert isinstance(reject, Reject)
    assert reject.reason == "vanished"


def test_an_empty_object_is_an_empty_page(bucket) -> None:
    """As an empty file is."""
    assert texts(bucket.put("a.txt", b"")) == ["empty"]


@pytest.fixture
def memory() -> Iterator[Any]:
    """Fsspec's file system in memory."""
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


def test_other_stores_are_read_by_fsspec(memory: Any) -> None:
    """Listed by prefix and by pattern, read from the start, from the middle and in any order."""
    memory.pipe("/feeds/valley/a.txt.gz", gzip.compress(b"The mill was sold."))
    memory.pipe("/feeds/valley/b.jsonl", _lines(3000))
    memory.pipe("/feeds/c.parquet", _parquet())
    assert texts("memory://feeds/valley/a.txt.gz") == ["The mill was sold."]
    assert len(texts("memory://feeds/**/*.jsonl")) == 3000
    assert len(texts("memory://feeds")) == 3501
    (page,) = pages("memory://feeds/valley/a.txt.gz")
    assert isinstance(page, Page)
    assert (page.source_uri, page.source) == ("memory://feeds/valley/a.txt.gz", "valley")


def test_what_another_store_replaced_is_left_for_the_next_run(memory: Any) -> None:
    """Told by size and time, where there is no entity tag."""
    memory.pipe("/feeds/a.txt", b"The mill was sold.")
    (ref,) = found("memory://feeds/a.txt")
    memory.pipe("/feeds/a.txt", b"The mill was let.")
    (reject,) = read_part(Part(ref), Limits(last_try=True))
    assert isinstance(reject, Reject)
    assert reject.reason == "changed-while-reading"
