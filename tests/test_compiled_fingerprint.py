"""The compiled twin of fingerprints gives what Python gives."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.dedupe import fingerprint, folding

WORDS = st.text(st.sampled_from("abcßй中"), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def twin(twin_of: Callable[[str], ModuleType]) -> ModuleType:
    """What is compiled."""
    return twin_of("tasks.dedupe.fingerprint")


def _is_summed_up_alike(
    twin: ModuleType, folded: bytes, size: int = 3, passage: int = 8, window: int = 32
) -> bool:
    text_hash, shingles, passages = twin.summarise(folded, size, passage, window)
    ordered = np.sort(np.frombuffer(shingles, np.uint64)).tobytes()
    return (text_hash, ordered, passages) == fingerprint._summarise(folded, size, passage, window)


@given(
    st.lists(WORDS, max_size=80),
    st.sampled_from([3, 5]),
    st.integers(1, 9),
    st.integers(1, 40),
)
def test_words_are_summed_up_alike(
    twin: ModuleType, words: list[str], size: int, passage: int, window: int
) -> None:
    """Few or many, of any length, whatever recurs."""
    assert _is_summed_up_alike(twin, " ".join(words).encode(), size, passage, window)


@given(st.lists(st.sampled_from(["a", "bb", "ccc"]), max_size=200))
def test_repetitions_are_summed_up_alike(twin: ModuleType, words: list[str]) -> None:
    """Runs that stand there again and again."""
    assert _is_summed_up_alike(twin, " ".join(words).encode())


def test_many_words_are_summed_up_alike(twin: ModuleType) -> None:
    """More than are remembered."""
    assert _is_summed_up_alike(twin, " ".join(map(str, range(150_000))).encode())


@pytest.mark.parametrize("size", [*range(120, 137), 255, 256, 257, 3_000_000])
def test_a_long_word_is_summed_up_alike(twin: ModuleType, size: int) -> None:
    """Blocks that are full, and not."""
    assert _is_summed_up_alike(twin, b"a" + b"x" * (size - 1))
    assert _is_summed_up_alike(twin, b"a " + b"x" * (size - 2))


@given(st.lists(WORDS, max_size=80), st.integers(1, 9))
def test_comparisons_hash_alike(twin: ModuleType, words: list[str], size: int) -> None:
    """Words of folded text, and runs of them."""
    folded = " ".join(words).encode()
    hashes = fingerprint._hash_folded(folded)
    assert twin.hash_folded(folded) == hashes.tobytes()
    runs = np.frombuffer(twin.hash_runs(hashes, size), np.uint64)
    mixed = fingerprint.mix_runs(hashes, size) if words else hashes
    assert (runs == fingerprint._spread(mixed)).all()


def test_a_long_word_of_folded_text_is_hashed_alike(twin: ModuleType) -> None:
    """It has more letters than there are numbers for places."""
    folded = b"ab " + b"x" * 3_000 + b" y"
    assert twin.hash_folded(folded) == fingerprint._hash_folded(folded).tobytes()


HASHES = st.sets(st.sampled_from(range(0, 2**64, 2**59)) | st.integers(0, 2**64 - 1), max_size=40)


@given(HASHES, HASHES)
def test_shared_hashes_are_counted(twin: ModuleType, one: set[int], other: set[int]) -> None:
    """Of sorted ones."""
    a, b = (np.array(sorted(side), dtype=np.uint64) for side in (one, other))
    assert twin.count_shared(a, b) == len(one & other)


@given(WORDS)
def test_one_word_is_hashed_alike(twin: ModuleType, word: str) -> None:
    """With others or alone."""
    assert twin.hash_word(word) == fingerprint.hash_words([word]).tobytes()


def test_the_samples_have_the_same_fingerprints(
    twin: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole pages, by the twins and without them."""
    pages = [path.read_bytes().decode("utf-8", "replace") for path in (root / "seeds").rglob("*.*")]
    monkeypatch.setattr(fingerprint, "_compiled", twin)
    found = list(map(fingerprint.fingerprint, pages))
    monkeypatch.setattr(fingerprint, "_compiled", None)
    monkeypatch.setattr(folding, "_FOLDER", None)
    assert list(map(fingerprint.fingerprint, pages)) == found
