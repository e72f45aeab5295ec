"""Words of lines, looked for in a text: what ``titles._words_of`` tells, in one pass over the text.

A word is a run of four letters or more, in small letters.
"""

from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Realloc
from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISALNUM,
    Py_UNICODE_ISDECIMAL,
)

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)

cdef enum:
    LEAST = 4  # letters

cdef uint64_t SEED = 14695981039346656037u, PRIME = 1099511628211u
# Each ASCII letter in small; 0 for any other character.
cdef unsigned char small[128]
cdef int code
for code in range(128):
    small[code] = ord(chr(code).lower()) if chr(code).isalpha() else 0


cdef inline unsigned int letter(unsigned int char) noexcept:
    """A letter of a folded text or an ASCII one, in small; 0 for any other character."""
    if char < 128:
        return small[char]
    return char if Py_UNICODE_ISALNUM(char) and not Py_UNICODE_ISDECIMAL(char) else 0


cdef bint may_fold(str text) noexcept:
    """Whether a character beyond ASCII may have a small letter: a quote or a dash has none."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t at
    cdef unsigned int char
    for at in range(PyUnicode_GET_LENGTH(text)):
        char = PyUnicode_READ(kind, data, at)
        if char >= 128 and (Py_UNICODE_ISALNUM(char) or char == 0x345):  # a mark that is iota, too
            return True
    return False


cdef class Told:
    """Words of lines: add the lines, prepare, read texts, then see which words they have."""

    def __cinit__(self):
        self.lines = []

    def __dealloc__(self):
        PyMem_Free(self.words)
        PyMem_Free(self.slots)

    cdef Py_ssize_t add(self, str lowered) except -1:
        """Add a line in small letters; how many words it has."""
        cdef Py_ssize_t before = self.size, at, start = 0, size = PyUnicode_GET_LENGTH(lowered)
        cdef int kind = PyUnicode_KIND(lowered)
        cdef void *data = PyUnicode_DATA(lowered)
        cdef uint64_t hash = SEED
        cdef unsigned int char
        self.lines.append(lowered)
        for at in range(size):
            char = letter(PyUnicode_READ(kind, data, at))
            if char:
                hash = (hash ^ char) * PRIME
                continue
            if at - start >= LEAST:
                self.push(hash, start, at - start, lowered)
            start, hash = at + 1, SEED
        if size - start >= LEAST:
            self.push(hash, start, size - start, lowered)
        return self.size - before

    cdef void push(self, uint64_t hash, Py_ssize_t start, Py_ssize_t size, str line) except *:
        cdef Word *words
        if self.size == self.room:
            words = <Word *> PyMem_Realloc(self.words, (2 * self.room + 64) * sizeof(Word))
            if words == NULL:
                raise MemoryError
            self.words, self.room = words, 2 * self.room + 64
        cdef Word *word = &self.words[self.size]
        word.hash, word.start, word.size, word.same = hash, start, size, self.size
        word.data, word.kind = PyUnicode_DATA(line), PyUnicode_KIND(line)
        word.is_told = word.is_opening = False
        self.size += 1

    cdef int prepare(self) except -1:
        """Make the words ready to be found, once all lines are added."""
        cdef Py_ssize_t room = 64, number, at
        cdef unsigned int first
        cdef Word *word
        while room < 4 * self.size:
            room *= 2
        self.slots = <Py_ssize_t *> PyMem_Calloc(room, sizeof(Py_ssize_t))
        if self.slots == NULL:
            raise MemoryError
        self.mask = room - 1
        for number in range(self.size):
            word = &self.words[number]
            first = letter(PyUnicode_READ(word.kind, word.data, word.start))
            self.sizes[first & 31] |= <unsigned int> 1 << min(word.size, 31)
            word.same = self.find(word.hash, word.kind, word.data, word.start, word.size)
            if word.same < 0:
                word.same = number
                at = <Py_ssize_t> (word.hash >> 32) & self.mask
                while self.slots[at]:
                    at = (at + 1) & self.mask
                self.slots[at] = number + 1
                self.untold += 1
        return 0

    cdef Py_ssize_t find(
        self, uint64_t hash, int kind, const void *data, Py_ssize_t start, Py_ssize_t size
    ) noexcept:
        """Number of the first word that is a stretch of a text; -1 where none is."""
        cdef Py_ssize_t at = <Py_ssize_t> (hash >> 32) & self.mask, place
        cdef Word *word
        while self.slots[at]:
            word = &self.words[self.slots[at] - 1]
            if word.hash == hash and word.size == size:
                place = 0
                while place < size:
                    if letter(PyUnicode_READ(kind, data, start + place)) != letter(
                        PyUnicode_READ(word.kind, word.data, word.start + place)
                    ):
                        break
                    place += 1
                if place == size:
                    return self.slots[at] - 1
            at = (at + 1) & self.mask
        return -1

    cdef int read(self, str text, bint is_opening) except -1:
        """Note which words a text has."""
        if not PyUnicode_IS_ASCII(text) and may_fold(text):
            text = text.casefold()
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at = 0, start
        cdef int kind = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef const unsigned char *chars = <const unsigned char *> data
        while at < size:
            start = at
            if PyUnicode_IS_ASCII(text):
                while at < size and small[chars[at]]:
                    at += 1
            else:
                while at < size and letter(PyUnicode_READ(kind, data, at)):
                    at += 1
            if at - start >= LEAST and self.is_begun(
                letter(PyUnicode_READ(kind, data, start)), at - start
            ):
                self.look_up(kind, data, start, at - start, is_opening)
            at += 1
        return 0

    cdef inline bint is_begun(self, unsigned int first, Py_ssize_t size) noexcept:
        """Whether a word of that size may begin with that letter."""
        return self.sizes[first & 31] >> min(size, 31) & 1

    cdef void look_up(
        self, int kind, const void *data, Py_ssize_t start, Py_ssize_t size, bint is_opening
    ) noexcept:
        """Note that a text has a word."""
        cdef uint64_t hash = SEED
        cdef Py_ssize_t at, number
        for at in range(start, start + size):
            hash = (hash ^ letter(PyUnicode_READ(kind, data, at))) * PRIME
        number = self.find(hash, kind, data, start, size)
        if number >= 0:
            if not self.words[number].is_told:
                self.words[number].is_told = True
                self.untold -= 1
            if is_opening:
                self.words[number].is_opening = True
