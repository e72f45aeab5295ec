"""Whether one text is a copy of another: a pure function that measures the pair itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal

from tasks.dedupe.fingerprint import UInts, count_shared, distinct_runs, hash_folded
from tasks.dedupe.folding import fold_text
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


BEGINNING_WORDS = 60
"""Words of a text that ``revisions`` looks at."""


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
    long_shingles: UInts
    """Those of shingles longer by ``LONGER_BY``."""
    digest: bytes
    """Of all words in order: texts that share it have the same."""

    @property
    def beginning(self) -> Sequence[str]:
        """The first ``BEGINNING_WORDS`` words; few pairs ask for them."""
        folded, _ = fold_text(self.text)
        return folded.decode().split(maxsplit=BEGINNING_WORDS)[:BEGINNING_WORDS]


def measure(text: str) -> Measured:
    """Prepare a text for comparison."""
    folded, size = fold_text(text)
    hashes = hash_folded(folded)
    return Measured(
        text=text,
        shingles=distinct_runs(hashes, size),
        long_shingles=distinct_runs(hashes, size + LONGER_BY),
        digest=blake2b(hashes.tobytes(), digest_size=16).digest(),
    )


def judge(a_text: str, b_text: str) -> Verdict:
    """Whether two texts are copies of one story: the same whichever comes first.

    Texts that share enough shingles are still two stories where what differs are the facts that a
    template leaves open: see ``twins``. Texts without letters and digits are no one's copies.
    """
    weighed = weigh(measure(a_text), measure(b_text))
    return weighed if weighed.kind is None else tell_twins(weighed, find_twin(a_text, b_text))


def weigh(a: Measured, b: Measured) -> Verdict:
    """What two texts are by their measures alone, were they no template twins."""
    if not len(a.shingles) or not len(b.shingles):
        return Verdict(None, 0.0, 0.0, "one of the texts has no words")
    if a.digest == b.digest:
        return Verdict("exact", 1.0, 1.0, "the same words")
    jaccard, containment = overlap(a, b)
    if jaccard >= MIN_JACCARD and _long_jaccard(a, b) >= MIN_LONG_JACCARD:
        return Verdict("near", jaccard, containment, "a copy with small edits")
    if containment < MIN_CONTAINMENT:
        return Verdict(None, jaccard, containment, "too little in common")
    return Verdict("contained", jaccard, containment, "the shorter lies in the longer")


def find_twin(a_text: str, b_text: str) -> str | None:
    """``twins.find_twin_reason``, the same whichever text comes first; None for the same words."""
    # an alignment may depend on which text comes first, a verdict may not
    return find_twin_reason(*sorted((a_text, b_text)))


def tell_twins(weighed: Verdict, twin_reason: str | None) -> Verdict:
    """The verdict on two texts that were weighed, by why they are twins, if they are."""
    if twin_reason is None or weighed.kind == "exact":
        return weighed
    return replace(weighed, kind=None, reason=twin_reason)


def overlap(a: Measured, b: Measured) -> tuple[float, float]:
    """Jaccard and containment of two texts that both have words, 0..1."""
    shared = count_shared(a.shingles, b.shingles)
    fewer, more = sorted((len(a.shingles), len(b.shingles)))
    return shared / (fewer + more - shared), shared / fewer


def _long_jaccard(a: Measured, b: Measured) -> float:
    shared = count_shared(a.long_shingles, b.long_shingles)
    return shared / (len(a.long_shingles) + len(b.long_shingles) - shared)
