"""Signatures of many articles in arrays, in memory and in files."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.dedupe import prints as prints_module
from tasks.dedupe.fingerprint import band_keys, fingerprint, passage_keys, stack_signatures
from tasks.dedupe.prints import Prints

TEXTS = [
    " ".join(f"word{at * number} of the story" for at in range(30 * number)) for number in range(7)
]
SIGNATURES = [fingerprint(text).signature for text in TEXTS]


@pytest.fixture(params=["memory", "file"])
def prints(request, tmp_path, monkeypatch):
    """The signatures of the texts, gone through a few at a time."""
    monkeypatch.setattr(prints_module, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(prints_module, "BANDS_AT_ONCE", 5)
    if request.param == "memory":
        return Prints.of(SIGNATURES)
    columns = pa.array([b"left out", *SIGNATURES], pa.binary())
    return Prints.spool([columns[1:3], columns[3:]], tmp_path)


def test_signatures_are_given_back(prints):
    """In any order."""
    places = np.array([5, 0, 3, 3])
    assert prints.signatures(places) == [SIGNATURES[at] for at in places]
    assert prints.take(places).signatures(np.arange(4)) == [SIGNATURES[at] for at in places]


def test_columns_of_bands_are_those_of_each_signature(prints):
    """As ``band_keys`` makes them of all together."""
    expected = band_keys(stack_signatures(SIGNATURES))
    assert np.array_equal(np.stack(list(prints.band_columns()), axis=1), expected)


@pytest.mark.parametrize("parts", [1, 4])
def test_every_passage_is_in_one_part(prints, parts):
    """But for those of articles that are no nodes."""
    owners = np.array([3, 1, -1, 0, 2, 5, 4])
    found = set()
    for part in range(parts):
        whose, keys = prints.passages_in(part, parts, owners)
        pairs = set(zip(whose.tolist(), keys.tolist(), strict=True))
        assert not {key for _, key in pairs} & {key for _, key in found}
        found |= pairs
    assert found == {
        (owner, key)
        for owner, signature in zip(owners.tolist(), SIGNATURES, strict=True)
        for key in passage_keys(signature).tolist()
        if owner >= 0
    }


def test_nothing_is_no_fault(tmp_path):
    """A run without articles."""
    for prints in (Prints.of([]), Prints.spool([], tmp_path)):
        assert len(prints) == 0
        assert [len(column) for column in prints.band_columns()] == [0] * 42
