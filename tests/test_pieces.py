"""Pieces stand where `str.split` parts a text, and those that are the same have one hash."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text.pieces import find_pieces

TEXTS = st.text(max_size=120) | st.text(
    st.sampled_from("ab \n\x85\xa0\x1cé\u2003Ω\u3000𝒳"), max_size=60
)


@given(TEXTS)
def test_pieces_are_those_of_split(text):
    """Whatever white space there is, of any script."""
    found = find_pieces(text)
    pieces = [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    assert pieces == text.split()
    assert found.characters == sum(map(len, pieces)) == sum(found.sizes)


def test_every_white_space_parts():
    """All that `str.isspace` knows."""
    spaces = [char for char in map(chr, range(sys.maxunicode + 1)) if char.isspace()]
    assert len(find_pieces("a".join(spaces))) == len(spaces) - 1


@given(TEXTS)
def test_equal_pieces_have_equal_hashes(text):
    """Wherever they stand, and others another."""
    pieces, hashes = text.split(), find_pieces(text).hashes().tolist()
    assert len(set(pieces)) == len(set(hashes)) == len(set(zip(pieces, hashes, strict=True)))


@pytest.mark.parametrize("pad", [0, 70_000])
def test_a_long_text_has_hashes_too(pad):
    """However far from its start a piece stands."""
    hashes = find_pieces("boat " + "x" * pad + " Ω boat").hashes().tolist()
    assert hashes[0] == hashes[-1] != hashes[-2]
