"""The compiled twin of ``folding.py``'s way from a text to its words."""

import unicodedata

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport free, malloc

cdef enum:
    ALPHABETS = 0x530
    SIGNS = 0x2000
    SIGNS_END = 0x2C00

# What a character adds to a text's words, up to four bytes of UTF-8 with spaces around words, the
# first in the lowest bits; 0 where that depends on its neighbours, or is longer.
cdef uint32_t FOLDS[ALPHABETS]  # Latin, Greek, Cyrillic
cdef uint32_t SIGN_FOLDS[SIGNS_END - SIGNS]  # punctuation and symbols


def fold(str text):
    """The text's words in UTF-8, parted by single spaces; None where Python has to find them."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), place, used = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef uint8_t *folded = <uint8_t *> malloc(4 * size + 1)
    cdef uint32_t code, adds, is_space, was_space = 1
    if folded == NULL:
        raise MemoryError
    try:
        for place in range(size):
            code = PyUnicode_READ(kind, data, place)
            if code < ALPHABETS:
                adds = FOLDS[code]
            elif SIGNS <= code < SIGNS_END:
                adds = SIGN_FOLDS[code - SIGNS]
            else:
                return None
            if adds == 0:
                return None
            while adds:
                folded[used] = adds & 0xFF
                is_space = folded[used] == 32
                used += 1 ^ is_space & was_space  # no branch: that would be guessed wrong at each word
                was_space = is_space
                adds >>= 8
        if used and was_space:
            used -= 1
        return PyBytes_FromStringAndSize(<char *> folded, used)
    finally:
        free(folded)


def _fold_alone(letter):
    """What ``fold`` has for a character; 0 where its neighbours count."""
    composed = unicodedata.normalize("NFKC", letter)
    lower = composed.casefold()
    folded = unicodedata.normalize("NFKC", lower)
    if any(unicodedata.category(one)[0] == "M" for one in letter + composed + lower + folded):
        return 0
    adds = "".join(one if one.isalnum() else " " for one in folded).encode()
    return int.from_bytes(adds, "little") if len(adds) <= 4 else 0


for _code in range(ALPHABETS):
    FOLDS[_code] = _fold_alone(chr(_code))
for _code in range(SIGNS, SIGNS_END):
    SIGN_FOLDS[_code - SIGNS] = _fold_alone(chr(_code))
