"""The look-up by band, against an exhaustive comparison of keys."""

import random

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from tasks.dedupe import lookup
from tasks.dedupe.buckets import BUCKET_LIMIT
from tasks.dedupe.fingerprint import (
    BANDS,
    band_keys,
    fingerprint,
    passage_keys,
    stack_signatures,
)
from tasks.dedupe.lookup import Probes, band_rows, find_pairs
from tasks.dedupe.prints import Prints
from tasks.schemas import BANDS as BANDS_TABLE

VOCABULARY = [f"word{at}" for at in range(400)]


def find_numbers(bands, probes):
    """Numbers of the earlier articles in pairs that share enough."""
    return np.unique(find_pairs(bands, probes)[1])


def make_text(chance, words=120):
    """An invented text."""
    return " ".join(chance.choices(VOCABULARY, k=words))


def change(chance, text, share):
    """A text with that share of its words replaced."""
    words = text.split()
    for at in chance.sample(range(len(words)), int(share * len(words))):
        words[at] = chance.choice(VOCABULARY)
    return " ".join(words)


def probes_of(texts, *, near=True):
    """Look-up keys of texts."""
    prints = [fingerprint(text) for text in texts]
    keys = band_keys(stack_signatures([one.signature for one in prints]))
    return Probes.of(
        np.array([one.text_hash for one in prints], dtype=np.int64),
        keys if near else keys[:0],
        Prints.of([one.signature for one in prints]),
    )


def rows_of(texts, first=0):
    """Rows of ``bands`` of texts, numbered from ``first``."""
    prints = [fingerprint(text) for text in texts]
    return band_rows(
        first,
        pa.array([one.text_hash for one in prints], pa.int64()),
        pa.array([one.signature for one in prints], pa.binary()),
    )


@pytest.fixture
def write(tmp_path):
    """Writes tables as the files of a dataset, with small row groups."""

    def written(*tables, group=100):
        for number, table in enumerate(tables):
            pq.write_table(table, tmp_path / f"{number}.parquet", row_group_size=group)
        return ds.dataset(tmp_path, format="parquet", schema=BANDS_TABLE.schema)

    return written


def shares_enough(new, old):
    """The rule, of one pair, from its whole keys."""
    one, other = fingerprint(new), fingerprint(old)
    keys = band_keys(stack_signatures([one.signature, other.signature]))
    mine, theirs = passage_keys(one.signature), passage_keys(other.signature)
    shared = len(np.intersect1d(mine, theirs))
    return (
        one.text_hash == other.text_hash
        or (keys[0] == keys[1]).sum() >= lookup.MIN_BANDS
        or (shared > 0 and shared >= lookup.MIN_PASSAGES * min(len(mine), lookup.MOST_PASSAGES))
    )


@pytest.mark.parametrize("pairs_at_once", [1, 4_000_000])
@pytest.mark.parametrize("group", [37, 100_000])
def test_what_is_found_is_what_an_exhaustive_comparison_finds(
    write, monkeypatch, group, pairs_at_once
):
    """In three files, copies of all degrees and excerpts among them, however it is divided."""
    monkeypatch.setattr(lookup, "PAIRS_AT_ONCE", pairs_at_once)
    chance = random.Random(7)
    old = [make_text(chance) for _ in range(90)]
    new = [change(chance, text, chance.random() * 0.6) for text in old[:40]]
    new += [" ".join(text.split()[20:70]) for text in old[40:60]]
    new += [make_text(chance) for _ in range(20)] + old[60:65]
    bands = write(*(rows_of(old[at : at + 30], at) for at in (0, 30, 60)), group=group)
    expected = [at for at, text in enumerate(old) if any(shares_enough(one, text) for one in new)]
    assert 30 < len(expected) < 80
    assert find_numbers(bands, probes_of(new)).tolist() == expected


def test_without_bands_only_equal_texts_are_found(write):
    """As ``--dedupe exact`` asks."""
    chance = random.Random(7)
    old = [make_text(chance) for _ in range(10)]
    bands = write(rows_of(old))
    new = [old[3].upper(), change(chance, old[4], 0.05)]
    assert find_numbers(bands, probes_of(new, near=False)).tolist() == [3]
    assert find_numbers(bands, probes_of(new)).tolist() == [3, 4]


def test_row_groups_without_a_wanted_key_are_not_read(write, monkeypatch):
    """Their statistics say so: few articles read little."""
    chance = random.Random(7)
    old = [make_text(chance) for _ in range(400)]
    bands = write(rows_of(old), group=50)
    groups = pq.read_metadata(bands.files[0]).num_row_groups
    read = []
    monkeypatch.setattr(
        lookup, "_read_hits", lambda *given: read.append(given[1]) or (given[3][:0], given[3][:0])
    )
    find_numbers(bands, probes_of([make_text(chance, 20)]))
    assert len(read) <= BANDS + 4 < groups / 5


def test_of_a_common_key_the_first_articles_count(write):
    """A text that thousands have brings no more than a bucket holds, from whatever file."""
    text = make_text(random.Random(7))
    bands = write(rows_of([text] * 400, 400), rows_of([text] * 400))
    assert find_numbers(bands, probes_of([text])).tolist() == list(range(BUCKET_LIMIT))


def test_an_empty_index_has_nothing(write):
    """Nor is anything found for no article."""
    assert find_numbers(write(), probes_of(["A text."])).tolist() == []
    assert find_numbers(write(rows_of(["A text."])), probes_of([])).tolist() == []


def test_band_rows_are_sorted():
    """By band, key and number, with the schema of their table; all bands, passages and the text."""
    texts = [make_text(random.Random(at)) for at in range(3)]
    rows = rows_of(texts)
    assert rows.schema == BANDS_TABLE.schema
    passages = sum(len(passage_keys(fingerprint(text).signature)) for text in texts)
    assert rows.num_rows == 3 * (BANDS + 1) + passages
    order = list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    assert order == sorted(order)
    assert pa.types.is_int32(rows["number"].type)
    assert rows_of([]).num_rows == 0
