"""Gzip data, whole and damaged."""

import gzip
import random
import zlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.read import streams
from tasks.read.discover import list_inputs, plan_shards
from tasks.read.gunzip import Inflater
from tasks.read.opened import CHUNK_BYTES
from tasks.read.pages import read_part


def inflate(data: bytes, chunk_bytes: int) -> tuple[bytes, Inflater]:
    """What comes out of ``data``, fed in chunks until there is damage."""
    inflater, out = Inflater(), list[bytes]()
    for at in range(0, len(data), chunk_bytes):
        out += inflater.feed(data[at : at + chunk_bytes])
        if inflater.damage:
            break
    return b"".join(out), inflater


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 200))
def test_members_come_out_one_after_the_other(members, chunk_bytes):
    """Whole members give all their bytes, however they are cut into chunks."""
    out, inflater = inflate(b"".join(map(gzip.compress, members)), chunk_bytes)
    assert out == b"".join(members)
    assert inflater.at_end
    assert not inflater.damage


@given(st.binary(min_size=1, max_size=400), st.integers(1, 60), st.data())
def test_what_stops_short_gives_all_it_can(content, chunk_bytes, data):
    """Truncated data gives what zlib can make of it, and is known not to be whole."""
    packed = gzip.compress(content)
    packed = packed[: data.draw(st.integers(1, len(packed) - 1))]
    out, inflater = inflate(packed, chunk_bytes)
    assert out == zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed)
    assert content.startswith(out)
    assert not inflater.at_end


@pytest.mark.parametrize("chunk_bytes", [1, 100, 1 << 16])
def test_what_comes_before_the_damage_does_not_depend_on_chunks(chunk_bytes):
    """The output of a chunk with damage in it, which zlib throws away, is not lost."""
    content = random.Random(1).randbytes(3000).hex().encode()
    packed = bytearray(gzip.compress(content))
    packed[2000:2100] = b"\xff" * 100
    out, inflater = inflate(bytes(packed), chunk_bytes)
    assert inflater.damage
    assert out[:3000] == content[:3000]
    assert out == inflate(bytes(packed), 7)[0]


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, (3 << 20) - 5])
def test_a_bomb_comes_out_in_pieces(size):
    """A few bytes that are megabytes of zeros never come out at once, and lose none."""
    inflater = Inflater()
    pieces = list(inflater.feed(gzip.compress(bytes(size))))
    assert max(map(len, pieces)) == 1 << 20
    assert sum(map(len, pieces)) == size
    assert inflater.at_end


@pytest.fixture
def divided(tmp_path):
    """A file of 4,000 records in two gzip members, and its parts."""
    path = tmp_path / "many.jsonl.gz"
    chance = random.Random(7)
    lines = [
        b'{"text": "%d %s"}\n' % (n, chance.randbytes(200).hex().encode()) for n in range(4000)
    ]
    path.write_bytes(gzip.compress(b"".join(lines[:1500])) + gzip.compress(b"".join(lines[1500:])))
    return [part for shard in plan_shards(list_inputs([path])).shards for part in shard.parts]


def _read(part):
    return [(page.source_uri, page.page_id) for page in read_part(part)]


@given(st.randoms(use_true_random=False))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_parts_hold_the_same_in_whatever_order_they_are_read(divided, chance):
    """A part that goes on where another ended gives the records that it gives alone."""
    order = list(divided)
    chance.shuffle(order)
    found = {part.first: _read(part) for part in order}
    streams._bookmarks.clear()
    whole = _read(replace(divided[0], stop=None, last=True))
    assert [page for first in sorted(found) for page in found[first]] == whole


def test_a_part_goes_on_where_the_one_before_it_ended(divided, monkeypatch):
    """What stands before it is not decompressed again."""
    fed = 0
    feed = Inflater.feed

    def count(self, data):
        nonlocal fed
        fed += len(data)
        return feed(self, data)

    monkeypatch.setattr(Inflater, "feed", count)
    for part in divided:
        assert _read(part)
    assert len(divided) > 4
    assert fed < divided[0].input.size + len(divided) * 2 * CHUNK_BYTES


def test_a_file_that_was_replaced_is_read_from_its_start(tmp_path):
    """Another file of the same name has nothing to do with what was read before."""
    path = tmp_path / "a.jsonl.gz"
    texts = []
    for word in ("first", "second"):
        lines = b"".join(b'{"text": "%s %d"}\n' % (word.encode(), n) for n in range(2000))
        path.write_bytes(gzip.compress(lines))
        parts = [part for shard in plan_shards(list_inputs([path])).shards for part in shard.parts]
        texts += [page.text for part in parts for page in read_part(part)]
    assert texts == [f"{word} {n}" for word in ("first", "second") for n in range(2000)]
