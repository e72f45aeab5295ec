"""What a text is known by."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.dedupe.fingerprint import (
    BANDS,
    PARAMETERS,
    PASSAGE_WINDOW,
    PASSAGE_WORDS,
    PERMUTATIONS,
    band_keys,
    estimate_jaccard,
    fingerprint,
    hash_shingles,
    passage_keys,
    stack_signatures,
)
from tasks.dedupe.folding import normalise

STORY = (
    "The harbour board approved a plan on Monday to replace the old swing bridge with a fixed "
    "crossing, ending a dispute that has lasted for eleven years."
)
PASSAGE_REACH = PASSAGE_WINDOW + PASSAGE_WORDS - 1


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("“It’s” — fine!", "it s fine"),
        ("It's - fine?", "it s fine"),
        ("ﬁve  STRASSE\n\n12,5", "five strasse 12 5"),
        ("straße_weg", "strasse weg"),
        ("नमस्ते दुनिया।", "नमस्ते दुनिया"),
        ("中文 新闻", "中 文 新 闻"),
        ("…", ""),
    ],
)
def test_normalised_text_is_words_parted_by_spaces(text, normal):
    """Case, quotes, dashes, spacing and ligatures do not count; marks belong to their words."""
    assert normalise(text) == normal


@given(st.text())
@example("ᾷ ǰ ẞ ŉ")
def test_normalising_twice_changes_nothing(text):
    """Normalised text is normal."""
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_any_text_has_a_fingerprint(text):
    """Every text has a 64-bit hash and 128 values; only one without words has no shingles."""
    found = fingerprint(text)
    assert -(2**63) <= found.text_hash < 2**63
    assert stack_signatures([found.signature]).shape == (1, PERMUTATIONS)
    assert (found.shingles == 0) == (normalise(text) == "")


@given(st.text())
def test_equal_words_have_equal_fingerprints(text):
    """A text and its normalised form are the same to the index."""
    assert fingerprint(normalise(text)) == fingerprint(text)


def test_fingerprints_are_the_same_in_another_process():
    """No element of a fingerprint depends on the process: hashes are not Python's."""
    code = (
        "from tasks.dedupe.fingerprint import fingerprint;"
        f"f = fingerprint({STORY!r}); print(f.text_hash, f.signature.hex())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    here = fingerprint(STORY)
    assert there == [str(here.text_hash), here.signature.hex()]


def test_fingerprints_are_those_of_these_parameters():
    """Whoever changes what a signature is has to change ``PARAMETERS``, and these figures."""
    found = fingerprint(STORY)
    values = stack_signatures([found.signature])[0, :3].tolist()
    assert (PARAMETERS, found.text_hash, found.shingles, values) == (
        "w3c5.p128.b42x3.k8w32.s20141.rensa2.v2",
        5114489428485437312,
        25,
        [3230188492, 3247581944, 3264407035],
    )


def test_scripts_without_spaces_have_character_shingles():
    """A Chinese sentence is not one word: half of it shares half of its shingles."""
    (whole,) = hash_shingles(list("港务局周一批准以固定桥取代旧旋桥的计划结束十一年的争执"))
    (half,) = hash_shingles(list("港务局周一批准以固定桥取代旧旋桥"))
    assert len(half) == 12
    assert set(half.tolist()) <= set(whole.tolist())


def test_a_short_text_is_one_shingle():
    """Two words have no three in a row, but can be told from two others."""
    assert fingerprint("Breaking news").shingles == 1
    assert fingerprint("Breaking news").signature != fingerprint("Other news").signature


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 400))
def test_signatures_estimate_jaccard(only_a, only_b, both):
    """The estimate is within five standard errors of the true Jaccard."""
    words = [f"w{at}" for at in range(only_a + both + only_b)]
    a, b = words[: only_a + both], words[only_a:]
    sets = [set(hash_shingles(one)[0].tolist()) for one in (a, b)]
    true = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    matrix = stack_signatures([fingerprint(" ".join(one)).signature for one in (a, b)])
    error = (true * (1 - true) / PERMUTATIONS) ** 0.5
    assert abs(estimate_jaccard(matrix[0], matrix[1:])[0] - true) <= 5 * error + 0.02


def test_band_keys_have_a_column_a_band():
    """Keys are signed 64-bit; equal signatures have equal keys, and no two bands the same."""
    signatures = stack_signatures([fingerprint(STORY).signature] * 2)
    keys = band_keys(signatures)
    assert keys.shape == (2, BANDS)
    assert keys.dtype == np.int64
    assert (keys[0] == keys[1]).all()
    assert len(set(keys[0].tolist())) == BANDS


def test_no_text_has_no_keys():
    """An empty lake asks for nothing."""
    assert band_keys(stack_signatures([])).shape == (0, BANDS)


def test_half_like_texts_share_a_band():
    """At Jaccard .5 nearly all pairs are candidates: of 200 at most 4 are missed."""
    missed = 0
    for at in range(200):
        words = [f"{at}x{n}" for n in range(300)]
        keys = band_keys(
            stack_signatures(
                [fingerprint(" ".join(one)).signature for one in (words[:200], words[66:266])]
            )
        )
        missed += not (keys[0] == keys[1]).any()
    assert missed <= 4


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_shared_passage_gives_a_shared_key(before, after):
    """A run of 39 words is found wherever it stands, in a text of any length."""
    passage = [f"shared{n}" for n in range(PASSAGE_REACH)]
    long = [f"b{n}" for n in range(before)] + passage + [f"a{n}" for n in range(after)]
    keys = [passage_keys(fingerprint(" ".join(one)).signature) for one in (passage, long)]
    assert np.intersect1d(*keys).size


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("&#8220;Never,&#8221; she said &amp; left", "“Never,” she said & left"),
        ("The bridge[3] was shut.[12]", "The bridge was shut."),
    ],
)
def test_an_extractor_s_traces_are_no_words(a, b):
    """Characters written as entities, and the numbers of links."""
    assert fingerprint(a).text_hash == fingerprint(b).text_hash
