"""What a text is known by: an exact hash, a MinHash signature, and the keys it is looked up by.

Signatures come from rensa, over shingle hashes of our own. Measured on one core, 350 shingles, 128
permutations: rensa 2 µs from hashes made beforehand, against 0.8 ms in datasketch. Its estimates
have no bias (300 random pairs each at Jaccard .3, .5 and .8: .297, .499, .803), and no element
of it is random: seed, hashes and the version of its algorithm are all in ``PARAMETERS``.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from tasks.compiled import twin
from tasks.dedupe.folding import (
    CHARACTERS_PER_SHINGLE,
    WORDS_PER_SHINGLE,
    fold_text,
    shingle_size,
)

_compiled = twin(__name__)

UInts = npt.NDArray[np.uint64]

PERMUTATIONS = 128
SEED = 20_141
BANDS = 42
# 42 bands of 3 rows find 99.6% of pairs at Jaccard .5, 94% at .4 and 68% at .3, where an excerpt
# of a third of a text lies. Unrelated news has Jaccard ~.005, so that a million articles bring
# each new one five candidates by chance. Bands of 4 rows would find 87% at .5.
ROWS_PER_BAND = 3
# An excerpt of a tenth of a text shares no band with it, so passages are keys as well: by winnowing
# (Schleimer, Wilkerson and Aiken 2003) any run of 39 words that two texts share
# gives them a key in common. A text has one for some 16 words.
PASSAGE_WORDS = 8
PASSAGE_WINDOW = 32

PARAMETERS = (
    f"w{WORDS_PER_SHINGLE}c{CHARACTERS_PER_SHINGLE}.p{PERMUTATIONS}.b{BANDS}x{ROWS_PER_BAND}"
    f".k{PASSAGE_WORDS}w{PASSAGE_WINDOW}.s{SEED}.rensa{RMinHash.ALGORITHM_VERSION}.v2"
)
"""Names all that a signature and its bands depend on. An index made with others is of no use."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an article's text is found again by."""

    text_hash: int
    """64 bits, signed, of the normalised text: a look-up key; texts that share one are compared."""
    signature: bytes
    """MinHash, 128 uint32, then the keys of its passages, int64; all little-endian."""
    shingles: int
    """Distinct shingles; 0 for a text without letters and digits, which is no one's copy."""


def hash_shingles(words: Sequence[str], *longer_by: int) -> list[UInts]:
    """Hashes of the distinct shingles, sorted: of 3 words, or of 5 characters without spaces.

    Characters are taken where most words are single characters of a script without spaces. A text
    shorter than a shingle is one shingle; one without words has none. For each ``longer_by``, or
    once, shingles are taken that have so many words or characters more.
    """
    wanted = longer_by or (0,)
    if not words:
        return [np.empty(0, dtype=np.uint64) for _ in wanted]
    hashes, size = hash_words(words), shingle_size(words, " ".join(words))
    return [distinct_runs(hashes, size + more) for more in wanted]


def distinct_runs(hashes: UInts, size: int) -> UInts:
    """Hashes of the distinct runs of so many words, sorted; of all of them, if they are fewer."""
    if not len(hashes):
        return hashes
    if _compiled is None:
        return _distinct(_spread(mix_runs(hashes, size)))
    return _distinct(np.frombuffer(_compiled.hash_runs(hashes, size), np.uint64))


def count_shared(a: UInts, b: UInts) -> int:
    """How many hashes are in both of two arrays, each of them distinct and sorted."""
    if _compiled is not None:
        return int(_compiled.count_shared(a, b))
    both = np.concatenate([a, b])
    both.sort()
    return int(np.count_nonzero(both[1:] == both[:-1]))


def fingerprint(text: str) -> Fingerprint:
    """The text's exact hash, its MinHash signature, and how many distinct shingles it has."""
    folded, size = fold_text(text)
    summarise = _summarise if _compiled is None else _compiled.summarise
    text_hash, shingles, passages = summarise(folded, size, PASSAGE_WORDS, PASSAGE_WINDOW)
    return _fingerprint(text_hash, np.frombuffer(shingles, np.uint64), passages)


def fingerprint_words(words: Sequence[str], hashes: UInts) -> Fingerprint:
    """As ``fingerprint``, of a text whose words are split and hashed already."""
    normalised = " ".join(words)
    shingles = distinct_runs(hashes, shingle_size(words, normalised))
    passages = _choose_passages(hashes, PASSAGE_WORDS, PASSAGE_WINDOW)
    return _fingerprint(_hash_text(normalised.encode()), shingles, passages.tobytes())


def hash_word(word: str) -> bytes:
    """A word's hash: 64 bits, little-endian."""
    found: bytes = _HASHES[word] if _compiled is None else _compiled.hash_word(word)
    return found


def hash_words(words: Sequence[str]) -> UInts:
    """A hash of each word."""
    return np.frombuffer(b"".join(map(_HASHES.__getitem__, words)), dtype="<u8")


def hash_folded(folded: bytes) -> UInts:
    """A hash of each word of bytes parted by spaces, all at once: not those of ``hash_words``.

    Each byte is a number that is multiplied by another for its place in the word.
    """
    if _compiled is not None:
        return np.frombuffer(_compiled.hash_folded(folded), np.uint64)
    return _hash_folded(folded)


def _hash_folded(folded: bytes) -> UInts:
    data = np.frombuffer(folded, dtype=np.uint8)
    is_word = data != _SPACE
    edges = np.flatnonzero(np.diff(is_word, prepend=False, append=False))
    sizes = edges[1::2] - edges[::2]
    if not len(sizes):
        return np.empty(0, dtype=np.uint64)
    first = np.cumsum(sizes) - sizes
    place = np.arange(first[-1] + sizes[-1]) - np.repeat(first, sizes)
    values = _OF_BYTES[data[is_word]] * _OF_PLACES[place % len(_OF_PLACES)]
    return _spread(np.add.reduceat(values, first))


def mix_runs(hashes: UInts, size: int) -> UInts:
    """A number of each run of so many words; of all of them, where there are fewer.

    It is the sum of the hashes, each times a power of the multiplier, put together from the sums
    of runs half as long.
    """
    size = min(size, len(hashes))
    mixed, width = hashes, 1
    for bit in f"{size:b}"[1:]:
        mixed = mixed[:-width] * _power(width) + mixed[width:]
        width *= 2
        if bit == "1":
            mixed = mixed[:-1] * _MULTIPLIER + hashes[width:]
            width += 1
    return mixed


def stack_signatures(signatures: Sequence[bytes]) -> npt.NDArray[np.uint32]:
    """The MinHash part of signatures as a matrix, one a row."""
    flat = np.frombuffer(b"".join(one[:_MINHASH_BYTES] for one in signatures), dtype="<u4")
    return flat.reshape(len(signatures), PERMUTATIONS)


def passage_keys(signature: bytes) -> npt.NDArray[np.int64]:
    """The keys of a text's passages, distinct and sorted; texts that share one are candidates."""
    return np.frombuffer(signature[_MINHASH_BYTES:], dtype="<i8")


def band_keys(signatures: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """The keys by which texts are looked up: shape (texts, bands), 64 bits, signed.

    Two texts that share a key in the same band are candidates. A band's number is mixed into its
    keys, so equal rows in two bands have unlike keys.
    """
    keys = np.empty((len(signatures), BANDS), dtype=np.int64)
    for band, column in enumerate(band_columns(signatures)):
        keys[:, band] = column
    return keys


def band_columns(
    signatures: npt.NDArray[np.uint32], first: int = 0
) -> Iterator[npt.NDArray[np.int64]]:
    """The columns of ``band_keys``, one after the other.

    ``first`` is the band with which the signatures begin; with them end the bands.
    """
    for band in range(min(BANDS - first, signatures.shape[1] // ROWS_PER_BAND)):
        mixed = np.full(len(signatures), first + band + 1, dtype=np.uint64)
        for at in range(ROWS_PER_BAND):
            mixed = _spread(mixed * _MULTIPLIER + signatures[:, band * ROWS_PER_BAND + at])
        yield mixed.view(np.int64)


def estimate_jaccard(
    one: npt.NDArray[np.uint32], others: npt.NDArray[np.uint32]
) -> npt.NDArray[np.float64]:
    """Jaccard of one signature with each of a matrix, as estimated: standard error .044 at .5."""
    estimates: npt.NDArray[np.float64] = (others == one).mean(axis=1, dtype=np.float64)
    return estimates


_MINHASH_BYTES = 4 * PERMUTATIONS
_MULTIPLIER = np.uint64(0x9E37_79B9_7F4A_7C15)


_STEPS = tuple(
    (np.uint64(shift), np.uint64(factor))
    for shift, factor in ((30, 0xBF58_476D_1CE4_E5B9), (27, 0x94D0_49BB_1331_11EB), (31, 1))
)


def _spread(values: UInts) -> UInts:
    """Mix the bits of each value, so that near values lie far apart. Source: splitmix64."""
    mixed = values.copy()
    for shift, factor in _STEPS:
        mixed ^= mixed >> shift
        mixed *= factor
    return mixed


_SPACE = 32
_OF_BYTES = _spread(np.arange(1, 257, dtype=np.uint64) * _MULTIPLIER)
_OF_PLACES = _spread(np.arange(1_001, 2_025, dtype=np.uint64) * _MULTIPLIER) | np.uint64(1)


class _WordHashes(dict[str, bytes]):
    """64-bit hashes of words, little-endian. News repeats its words: nine of ten are found."""

    most = 65_536
    """Words that are kept: ~14 MB."""

    def __missing__(self, word: str) -> bytes:
        if len(self) >= self.most:
            self.clear()
        found = self[word] = hashlib.blake2b(word.encode(), digest_size=8).digest()
        return found


_HASHES = _WordHashes()


@cache
def _power(exponent: int) -> np.uint64:
    return np.uint64(pow(int(_MULTIPLIER), exponent, 1 << 64))


def _distinct(values: UInts) -> UInts:
    """The values, each once, sorted; as ``np.unique``, which takes twice the time for so few."""
    ordered = np.sort(values)
    is_first = np.empty(len(ordered), dtype=np.bool_)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def _summarise(folded: bytes, size: int, passage: int, window: int) -> tuple[int, bytes, bytes]:
    """A text's hash, those of its distinct shingles, and those of its passages, sorted."""
    hashes = hash_words(folded.decode().split())
    shingles = distinct_runs(hashes, size)
    passages = _choose_passages(hashes, passage, window)
    return _hash_text(folded), shingles.tobytes(), passages.tobytes()


def _hash_text(folded: bytes) -> int:
    digest = hashlib.blake2b(folded, digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def _choose_passages(hashes: UInts, passage: int, window: int) -> UInts:
    """The least hash of every window of runs: the same runs wherever the passage stands."""
    if len(hashes) < passage:
        return np.empty(0, dtype=np.uint64)
    least = _spread(mix_runs(hashes, passage))
    width, window = 1, min(window, len(least))
    while width < window:
        step = min(width, window - width)
        least = np.minimum(least[:-step], least[step:])
        width += step
    return _distinct(least)


def _fingerprint(text_hash: int, shingles: UInts, passages: bytes) -> Fingerprint:
    return Fingerprint(text_hash, _sign(shingles) + passages, len(shingles))


def _sign(shingles: UInts) -> bytes:
    ends = np.array([0, len(shingles)], dtype=np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(shingles, ends, PERMUTATIONS, SEED)
    return _PACK.pack(*matrix.to_rows()[0])


_PACK = struct.Struct(f"<{PERMUTATIONS}I")
