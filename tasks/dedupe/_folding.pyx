"""The compiled twin of ``folding.py``'s way from a text to its words."""

import unicodedata

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

cdef enum:
    CODES = 0x10000  # the Basic Multilingual Plane
    PICTURES = 0x1F300  # emoji: none is a letter
    PICTURES_END = 0x1FB00
    ODD = 1  # what a character adds hangs on its neighbours, or is longer than LONGEST
    LONGEST = 7


@cython.final
cdef class Folder:
    """Folds texts, each character by itself, as most can be."""

    cdef object is_unspaced
    # What a character adds to a text's words, as UTF-8 with spaces around words, the first byte
    # lowest, and in the highest how many letters it has of scripts without spaces; 0 until it is
    # met.
    cdef uint64_t *folds

    def __cinit__(self, is_unspaced):
        self.is_unspaced = is_unspaced
        self.folds = <uint64_t *> calloc(CODES, sizeof(uint64_t))
        if self.folds == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.folds)

    def fold(self, str text):
        """The text's words in UTF-8, parted by single spaces; None where Python has to find them.

        And whether most of them are single letters of scripts without spaces.
        """
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), place, used = 0, words = 0, single = 0
        cdef int kind = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef uint8_t *folded = <uint8_t *> malloc((1 if text.isascii() else LONGEST) * size + 1)
        cdef uint32_t code, is_space, was_space = 1
        cdef uint64_t adds
        if folded == NULL:
            raise MemoryError
        try:
            for place in range(size):
                code = PyUnicode_READ(kind, data, place)
                if code < CODES:
                    adds = self.folds[code]
                    if adds == 0:
                        adds = self.folds[code] = self._fold_alone(chr(code))
                elif PICTURES <= code < PICTURES_END:
                    adds = 32
                else:
                    return None
                if adds == ODD:
                    return None
                single += adds >> 56
                adds &= <uint64_t> -1 >> 8
                while adds:
                    folded[used] = adds & 0xFF
                    # no branch: that would be guessed wrong at each word
                    is_space = folded[used] == 32
                    used += 1 ^ is_space & was_space
                    words += was_space & (is_space ^ 1)
                    was_space = is_space
                    adds >>= 8
            if used and was_space:
                used -= 1
            return PyBytes_FromStringAndSize(<char *> folded, used), 2 * single > words
        finally:
            free(folded)

    def _fold_alone(self, letter):
        """What ``folds`` has for a character."""
        composed = unicodedata.normalize("NFKC", letter)
        lower = composed.casefold()
        folded = unicodedata.normalize("NFKC", lower)
        for one in letter + composed + lower + folded:
            # marks, and the parts of Korean syllables, join the letter before
            if unicodedata.category(one)[0] == "M" or "\u1100" <= one <= "\u11ff":
                return ODD
        adds, single = b"", 0
        for one in folded:
            if self.is_unspaced(one):
                adds += f" {one} ".encode()
                single += 1
            else:
                adds += one.encode() if one.isalnum() else b" "
        if not 0 < len(adds) <= LONGEST:
            return ODD
        return int.from_bytes(adds, "little") | single << 56
