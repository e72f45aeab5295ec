"""Gzip data, whole and damaged."""

import gzip
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.read.gunzip import Inflater


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
