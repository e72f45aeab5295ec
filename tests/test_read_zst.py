"""Zstandard, beside gzip, for every format."""

import json
import os
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tasks.read.discover import list_inputs, plan_shards
from tasks.read.pages import read_part
from tasks.read.refs import InputRef, Limits, Page, Part, Reject
from tasks.read.unzstd import WINDOW_BYTES, Unzstd

LINES = b"".join(json.dumps({"text": f"Page {n}."}).encode() + b"\n" for n in range(100))
SKIPPABLE = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
LIMITS = Limits()

Read = Callable[..., list[Page | Reject]]


@pytest.fixture
def read(tmp_path) -> Read:
    """Writes a file and reads it as one part."""

    def read(name: str, data: bytes, limits: Limits = LIMITS) -> list[Page | Reject]:
        path = tmp_path / name
        path.write_bytes(data)
        (ref,) = list_inputs([path])
        assert isinstance(ref, InputRef)
        return list(read_part(Part(ref), limits))

    return read


def unpack(data: bytes, chunk_bytes: int) -> tuple[bytes, Unzstd]:
    """What comes out, and who gave it."""
    unpacker, out = Unzstd(), list[bytes]()
    for at in range(0, len(data), chunk_bytes):
        out += unpacker.feed(data[at : at + chunk_bytes])
        if unpacker.damage:
            break
    return b"".join(out), unpacker


@pytest.mark.parametrize("name", ["a.txt.zst", "a.zst", "A.TXT.ZST", "a.md.zst"])
def test_a_compressed_text_is_the_page_in_it(read, name):
    """The suffix before `.zst` says what the page is."""
    (page,) = read(name, zstandard.compress(b"A text."))
    assert (page.text, page.raw) == ("A text.", None)


def test_compressed_records_are_divided_and_read(tmp_path):
    """Records of a compressed file are found from wherever a shard begins."""
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zstandard.compress(LINES))
    plan = plan_shards(list_inputs([path]))
    pages = [page for s in plan.shards for part in s.parts for page in read_part(part)]
    assert len(plan.shards) > 1
    assert [page.text for page in pages] == [f"Page {n}." for n in range(100)]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 200))
def test_frames_come_out_one_after_the_other(frames, chunk_bytes):
    """Whole frames give all their bytes, however they are cut into chunks."""
    out, unpacker = unpack(b"".join(map(zstandard.compress, frames)), chunk_bytes)
    assert out == b"".join(frames)
    assert unpacker.at_end
    assert not unpacker.damage


def test_frames_that_are_to_be_skipped_are(read):
    """Parallel compressors put frames of their own between."""
    (page,) = read("a.zst", SKIPPABLE + zstandard.compress(b"one") + SKIPPABLE)
    assert page.text == "one"


@pytest.mark.parametrize("cut", [1, 4, 40])
def test_data_that_stops_short_is_bad_compression(read, cut):
    """A page of which an end is missing is no page."""
    (reject,) = read("a.txt.zst", zstandard.compress(os.urandom(90).hex().encode())[:-cut])
    assert (reject.reason, reject.page_id) == ("bad-compression", None)
    assert reject.head


@pytest.mark.parametrize("data", [b"no Zstandard at all", zstandard.compress(b"x") + b"tail"])
def test_what_is_no_zstandard_is_bad_compression(read, data):
    """A file must be what its name says, to its end."""
    (reject,) = read("a.txt.zst", data)
    assert reject.reason == "bad-compression"


def test_records_before_the_damage_are_read(read):
    """A file that stops short gives its records, then one reject of the input."""
    text = b"".join(
        json.dumps({"text": os.urandom(2000).hex()}).encode() + b"\n" for _ in range(200)
    )
    *pages, reject = read("a.jsonl.zst", zstandard.compress(text)[:-5000])
    assert len(pages) > 100
    assert all(isinstance(page, Page) for page in pages)
    assert (reject.reason, "#" in reject.source_uri) == ("bad-compression", False)


def test_a_bomb_is_too_large(read):
    """20 KB that are 200 MB are not decompressed beyond the limit for a page."""
    (reject,) = read("a.txt.zst", zstandard.compress(bytes(200_000_000)))
    assert reject.reason == "too-large"


def test_a_bomb_comes_out_in_pieces():
    """No more than 8 MB are held at once."""
    pieces = [len(piece) for piece in Unzstd().feed(zstandard.compress(bytes(50_000_000)))]
    assert sum(pieces) == 50_000_000
    assert max(pieces) <= 8 << 20


def test_a_frame_that_asks_for_much_memory_is_too_large(read):
    """A window of 256 MB is refused before it is allocated."""
    window = zstandard.ZstdCompressionParameters(
        window_log=WINDOW_BYTES.bit_length(), compression_level=1
    )
    packer = zstandard.ZstdCompressor(compression_params=window).compressobj()
    (reject,) = read("a.txt.zst", packer.compress(b"text " * 100) + packer.flush())
    assert reject.reason == "too-large"
    assert "128 MB" in reject.detail


def test_an_empty_file_is_empty(read):
    """No bytes are an empty page, not a damaged one."""
    (reject,) = read("a.txt.zst", b"")
    assert reject.reason == "empty"
