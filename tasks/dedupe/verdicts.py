"""Whether one text is a copy of another: a pure function that measures the pair itself."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tasks.dedupe.fingerprint import UInts, hash_shingles, split_words
from tasks.dedupe.twins import find_twin_reason

Kind = Literal["exact", "near", "contained"]

# Word 3-grams, Jaccard .5 or containment .8: the same article as 28 extractors saw it is joined
# at recall .97 with one false pair in 20,000.
MIN_JACCARD = 0.5
MIN_CONTAINMENT = 0.8
LONGER_BY = 2
MIN_LONG_JACCARD = 0.5
"""Of shingles longer by ``LONGER_BY`` (five words): below it a story was written anew, as are most
notes of one desk on one subject. Of 38 such pairs in the newswire 22 were two stories."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison of two texts found."""

    kind: Kind | None
    """``exact``: the same words; ``near``: a copy with small edits; ``contained``: the shorter
    lies in the longer, which has much besides; None: two stories."""
    jaccard: float
    """Shared shingles over all shingles of both, 0..1."""
    containment: float
    """Share of the smaller text's shingles that the other has, 0..1."""
    reason: str
    """Why, in one short sentence."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A text with what comparisons need of it, made once for many."""

    text: str
    shingles: UInts
    """Hashes, distinct and sorted."""
    normalised: str


def measure(text: str) -> Measured:
    """Prepare a text for comparison."""
    words = split_words(text)
    return Measured(text=text, shingles=hash_shingles(words), normalised=" ".join(words))


def judge(a_text: str, b_text: str) -> Verdict:
    """Whether two texts are copies of one story: the same whichever comes first.

    Texts that share enough shingles are still two stories where what differs are the facts that a
    template leaves open: see ``twins``. Texts without letters and digits are no one's copies.
    """
    return judge_measured(measure(a_text), measure(b_text))


def judge_measured(a: Measured, b: Measured) -> Verdict:
    """``judge``, of texts that were prepared before."""
    if not len(a.shingles) or not len(b.shingles):
        return Verdict(None, 0.0, 0.0, "one of the texts has no words")
    if a.normalised == b.normalised:
        return Verdict("exact", 1.0, 1.0, "the same words")
    jaccard, containment = overlap(a, b)
    is_near = jaccard >= MIN_JACCARD and _long_jaccard(a, b) >= MIN_LONG_JACCARD
    if not is_near and containment < MIN_CONTAINMENT:
        return Verdict(None, jaccard, containment, "too little in common")
    # an alignment may depend on which text comes first, a verdict may not
    twin_reason = find_twin_reason(*sorted((a.text, b.text)))
    if twin_reason is not None:
        return Verdict(None, jaccard, containment, twin_reason)
    if is_near:
        return Verdict("near", jaccard, containment, "a copy with small edits")
    return Verdict("contained", jaccard, containment, "the shorter lies in the longer")


def overlap(a: Measured, b: Measured) -> tuple[float, float]:
    """Jaccard and containment of two texts that both have words, 0..1."""
    shared = len(np.intersect1d(a.shingles, b.shingles, assume_unique=True))
    fewer, more = sorted((len(a.shingles), len(b.shingles)))
    return shared / (fewer + more - shared), shared / fewer


def _long_jaccard(a: Measured, b: Measured) -> float:
    one, other = (hash_shingles(text.normalised.split(" "), LONGER_BY) for text in (a, b))
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)
