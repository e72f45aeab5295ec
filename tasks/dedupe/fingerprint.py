"""What a text is known by: an exact hash, a MinHash signature, and the keys it is looked up by.

Signatures come from rensa, over shingle hashes of our own. Measured on one core, 350 shingles, 128
permutations: rensa 2 µs from hashes made beforehand, against 0.8 ms in datasketch. Its estimates
have no bias (300 random pairs each at Jaccard .3, .5 and .8: .297, .499, .803), and no element
of it is random: seed, hashes and the version of its algorithm are all in ``PARAMETERS``.
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

UInts = npt.NDArray[np.uint64]

PERMUTATIONS = 128
WORDS_PER_SHINGLE = 3
CHARACTERS_PER_SHINGLE = 5  # three Chinese words are some five characters
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

# Marks are part of words: without them Hindi would fall into pieces.
_MARKS = "".join(chr(c) for c in range(0x300, 0x1_E000) if unicodedata.category(chr(c))[0] == "M")
UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17d3"  # Khmer
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Kana
    "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
"""Letters of scripts without spaces between words, as a regular expression's class has them."""
_LETTERS = rf"[^\W_{UNSPACED}]"
_WORDS = re.compile(rf"[{UNSPACED}]|{_LETTERS}+(?:[{_MARKS}]+{_LETTERS}*)*")
_ASCII_WORDS = re.compile(r"[a-z0-9]+")
# Latin letters, punctuation and symbols: no marks there, and no script without spaces. What has
# nothing else is split in a fifth of the time.
_PLAIN = "\u0000-\u02ff\u2000-\u20cf\u2100-\u2bff"
_NOT_PLAIN = re.compile(f"[^{_PLAIN}]")
_PLAIN_WORDS = re.compile(r"[^\W_]+")
_LINK_NUMBERS = re.compile(r"\[\d{1,4}\]")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an article's text is found again by."""

    text_hash: int
    """64 bits, signed, of the normalised text: a look-up key; texts that share one are compared."""
    signature: bytes
    """MinHash, 128 uint32, then the keys of its passages, int64; all little-endian."""
    shingles: int
    """Distinct shingles; 0 for a text without letters and digits, which is no one's copy."""


def split_words(text: str) -> list[str]:
    """The words of a text, NFKC and case-folded: runs of letters, digits and marks.

    All else parts words and is dropped, so that quotes, dashes, spacing and case do not count; nor
    do an extractor's traces, characters written as ``&#8220;`` and numbers of links as ``[12]``.
    In scripts without spaces between words each character is a word.
    """
    if "&" in text:
        text = html.unescape(text)
    if "[" in text:
        text = _LINK_NUMBERS.sub(" ", text)
    if text.isascii():
        return _ASCII_WORDS.findall(text.lower())
    folded = unicodedata.normalize("NFKC", text).casefold()
    # folding may take letters apart (ᾷ) that are one letter in a text that was folded before
    folded = unicodedata.normalize("NFKC", folded)
    words = _PLAIN_WORDS if _NOT_PLAIN.search(folded) is None else _WORDS
    return words.findall(folded)


def normalise(text: str) -> str:
    """The text's words (see ``split_words``), parted by single spaces: what exact copies share."""
    return " ".join(split_words(text))


def hash_shingles(words: Sequence[str], longer_by: int = 0) -> UInts:
    """Hashes of the distinct shingles, sorted: of 3 words, or of 5 characters without spaces.

    Characters are taken where most words are single characters of a script without spaces. A text
    shorter than a shingle is one shingle; one without words has none. ``longer_by`` adds so many
    words or characters to each.
    """
    if not words:
        return np.empty(0, dtype=np.uint64)
    return np.unique(_hash_runs(hash_words(words), _shingle_size(words) + longer_by))


def fingerprint(text: str) -> Fingerprint:
    """The text's exact hash, its MinHash signature, and how many distinct shingles it has."""
    words = split_words(text)
    return fingerprint_words(words, hash_words(words))


def fingerprint_words(words: Sequence[str], hashes: UInts) -> Fingerprint:
    """As ``fingerprint``, of a text whose words are split and hashed already."""
    shingles = np.unique(_hash_runs(hashes, _shingle_size(words))) if len(words) else hashes
    passages = _choose_passages(hashes)
    digest = hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
    return Fingerprint(
        text_hash=int.from_bytes(digest, "little", signed=True),
        signature=_sign(shingles) + passages.astype("<i8").tobytes(),
        shingles=len(shingles),
    )


def hash_words(words: Sequence[str]) -> UInts:
    """A hash of each word."""
    return np.fromiter(map(_hash_word, words), dtype=np.uint64, count=len(words))


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
    used = signatures[:, : BANDS * ROWS_PER_BAND].astype(np.uint64)
    rows = used.reshape(len(signatures), BANDS, ROWS_PER_BAND)
    mixed = np.broadcast_to(np.arange(1, BANDS + 1, dtype=np.uint64), rows.shape[:2])
    for at in range(ROWS_PER_BAND):
        mixed = _spread(mixed * _MULTIPLIER + rows[:, :, at])
    return np.ascontiguousarray(mixed).view(np.int64)


def estimate_jaccard(
    one: npt.NDArray[np.uint32], others: npt.NDArray[np.uint32]
) -> npt.NDArray[np.float64]:
    """Jaccard of one signature with each of a matrix, as estimated: standard error .044 at .5."""
    estimates: npt.NDArray[np.float64] = (others == one).mean(axis=1, dtype=np.float64)
    return estimates


_MINHASH_BYTES = 4 * PERMUTATIONS
_MULTIPLIER = np.uint64(0x9E37_79B9_7F4A_7C15)


def _spread(values: UInts) -> UInts:
    """Mix the bits of each value, so that near values lie far apart. Source: splitmix64."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return values ^ (values >> np.uint64(31))


# 65,536 words are ~10 MB; news repeats its words, so that nine of ten are found here.
@lru_cache(maxsize=65_536)
def _hash_word(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def _hash_runs(hashes: UInts, size: int) -> UInts:
    """A hash of each run of so many words; of all of them, where there are fewer."""
    size = min(size, len(hashes))
    count = len(hashes) - size + 1
    mixed = np.zeros(count, dtype=np.uint64)
    for at in range(size):
        mixed = mixed * _MULTIPLIER + hashes[at : at + count]
    return _spread(mixed)


def _choose_passages(hashes: UInts) -> npt.NDArray[np.int64]:
    """The least hash of every window of runs: the same runs wherever the passage stands."""
    if len(hashes) < PASSAGE_WORDS:
        return np.empty(0, dtype=np.int64)
    least = _hash_runs(hashes, PASSAGE_WORDS)
    width, window = 1, min(PASSAGE_WINDOW, len(least))
    while width < window:
        step = min(width, window - width)
        least = np.minimum(least[:-step], least[step:])
        width += step
    return np.unique(least).view(np.int64)


_ONE_UNSPACED = re.compile(f"[{UNSPACED}]")


def _shingle_size(words: Sequence[str]) -> int:
    single = sum(1 for word in words if len(word) == 1 and _ONE_UNSPACED.match(word))
    return CHARACTERS_PER_SHINGLE if 2 * single > len(words) else WORDS_PER_SHINGLE


def _sign(shingles: UInts) -> bytes:
    ends = np.array([0, len(shingles)], dtype=np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(shingles, ends, PERMUTATIONS, SEED)
    return np.array(matrix.to_rows()[0], dtype="<u4").tobytes()
