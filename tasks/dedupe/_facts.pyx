"""The compiled twin of ``facts.py``'s way from lines to tokens."""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.object cimport PyObject
from cpython.unicode cimport (
    Py_UNICODE_ISALNUM,
    Py_UNICODE_ISDECIMAL,
    Py_UNICODE_ISSPACE,
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset


def may_have_marks(str text):
    """Whether a text may hold a renderer's marks: ``facts.py`` looks for them where it may."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), place
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef bint is_margin = True
    cdef uint32_t code
    for place in range(size):
        code = PyUnicode_READ(kind, data, place)
        if code == 10:
            is_margin = True
        elif code == 91 or code == 58 and _at(kind, data, size, place + 1) == 47:  # [ ://
            return True
        elif is_margin and not Py_UNICODE_ISSPACE(code):
            is_margin = False
            if Py_UNICODE_ISDECIMAL(code):
                return True
    return False


def may_have_initials(str text):
    """Whether a text may hold initials: a letter and a full stop, twice."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), place
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    for place in range(1, size - 2):
        if (
            PyUnicode_READ(kind, data, place) == 46
            and PyUnicode_READ(kind, data, place + 2) == 46
            and _is_letter(PyUnicode_READ(kind, data, place + 1))
            and _is_letter(PyUnicode_READ(kind, data, place - 1))
        ):
            return True
    return False


def has_words(str line, Py_ssize_t most):
    """Whether a line has more words than that; False too where others must look."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(line), place, words = 0
    cdef int kind = PyUnicode_KIND(line)
    cdef void *data = PyUnicode_DATA(line)
    cdef bint is_in = False, is_word
    cdef uint32_t code
    for place in range(size):
        code = PyUnicode_READ(kind, data, place)
        if code > 127:  # case folding may part it, or make no word of it
            return False
        is_word = code == 95 or Py_UNICODE_ISALNUM(code)
        words += is_word and not is_in
        is_in = is_word
    return words > most


cdef inline uint32_t _at(int kind, void *data, Py_ssize_t size, Py_ssize_t place) noexcept:
    return PyUnicode_READ(kind, data, place) if place < size else 0


cdef inline bint _is_letter(uint32_t code) noexcept:
    return Py_UNICODE_ISALNUM(code) and not Py_UNICODE_ISDECIMAL(code)


cdef Py_ssize_t _end_of_token(int kind, void *data, Py_ssize_t size, Py_ssize_t start) noexcept:
    """Where the token that starts there ends; there, if none does."""
    cdef Py_ssize_t end = start
    cdef uint32_t code = PyUnicode_READ(kind, data, start)
    if _is_letter(code):
        end = _end_of_letters(kind, data, size, start)
        if _at(kind, data, size, end) in (0x27, 0x2019):
            if end + 1 < size and _is_letter(PyUnicode_READ(kind, data, end + 1)):
                return _end_of_letters(kind, data, size, end + 1)
        return end
    if not Py_UNICODE_ISDECIMAL(code):
        return start + (code == 10)
    while True:
        while end < size and Py_UNICODE_ISDECIMAL(PyUnicode_READ(kind, data, end)):
            end += 1
        if (
            end + 1 < size
            and PyUnicode_READ(kind, data, end) in (0x2E, 0x2C, 0x3A, 0x2F)  # . , : /
            and Py_UNICODE_ISDECIMAL(PyUnicode_READ(kind, data, end + 1))
        ):
            end += 1
        else:
            return end


cdef inline Py_ssize_t _end_of_letters(
    int kind, void *data, Py_ssize_t size, Py_ssize_t start
) noexcept:
    while start < size and _is_letter(PyUnicode_READ(kind, data, start)):
        start += 1
    return start


cdef enum:
    MOST = 65_536
    MOST_LETTERS = 1 << 22  # nine times as many as so many words of news have
    PLACES = 4 * MOST


cdef struct Met:
    PyObject *written  # the token holds it, and the list of tokens that
    uint64_t hash
    uint64_t digest
    uint8_t kind


@cython.final
cdef class Tokens:
    """Tokens by spelling, so many at most; then anew. News repeats its words.

    Also anew from so many letters on: a page may be one word of some megabytes.
    """

    cdef object read_token
    cdef list tokens
    cdef Py_ssize_t letters  # of all tokens
    cdef Met *met
    cdef uint32_t *places  # the number of a token, and 1; 0 where there is none

    def __cinit__(self, read_token):
        self.read_token = read_token
        self.tokens = []
        self.met = <Met *> malloc(MOST * sizeof(Met))
        self.places = <uint32_t *> calloc(PLACES, sizeof(uint32_t))
        if self.met == NULL or self.places == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.met)
        free(self.places)

    def read(self, str text):
        """A text's tokens; their hashes and kinds, as bytes; and where each line begins."""
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), start = 0, end, count = 0, number
        cdef int kind = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef uint64_t *digests = <uint64_t *> malloc((size + 1) * sizeof(uint64_t))
        cdef uint8_t *kinds = <uint8_t *> malloc(size + 1)
        cdef list tokens = [], begins = [0]
        try:
            if digests == NULL or kinds == NULL:
                raise MemoryError
            while start < size:
                end = _end_of_token(kind, data, size, start)
                if end == start:
                    start += 1
                    continue
                if PyUnicode_READ(kind, data, start) == 10:
                    begins.append(count)
                else:
                    number = self._find(text, kind, data, start, end)
                    tokens.append(self.tokens[number])
                    digests[count] = self.met[number].digest
                    kinds[count] = self.met[number].kind
                    count += 1
                start = end
            return (
                tokens,
                PyBytes_FromStringAndSize(<char *> digests, count * sizeof(uint64_t)),
                PyBytes_FromStringAndSize(<char *> kinds, count),
                begins,
            )
        finally:
            free(digests)
            free(kinds)

    cdef Py_ssize_t _find(
        self, str text, int kind, void *data, Py_ssize_t start, Py_ssize_t end
    ) except -1:
        """The number of the token that is written there; it is read, if it is new."""
        cdef uint64_t mixed = end - start
        cdef Py_ssize_t place
        cdef uint64_t at
        cdef uint32_t number
        for place in range(start, end):
            mixed = (mixed ^ <uint32_t> PyUnicode_READ(kind, data, place)) * MULTIPLIER
            mixed ^= mixed >> 32
        at = mixed & PLACES - 1
        while self.places[at]:
            number = self.places[at] - 1
            if self.met[number].hash == mixed and self._is(number, kind, data, start, end):
                return number
            at = at + 1 & PLACES - 1
        written = text[start:end]
        token = self.read_token(written)
        digest = int.from_bytes(token.digest, "little")
        of_kind = token.kind[0]
        if len(self.tokens) == MOST or self.letters > MOST_LETTERS:
            self.tokens, self.letters = [], 0
            memset(self.places, 0, PLACES * sizeof(uint32_t))
            at = mixed & PLACES - 1
        number = <uint32_t> len(self.tokens)
        self.met[number] = Met(<PyObject *> token[0], mixed, digest, of_kind)
        self.tokens.append(token)
        self.letters += end - start
        self.places[at] = number + 1
        return number

    cdef bint _is(
        self, uint32_t number, int kind, void *data, Py_ssize_t start, Py_ssize_t end
    ) noexcept:
        """Whether a token is written that way."""
        cdef PyObject *written = self.met[number].written
        cdef int of_kind = PyUnicode_KIND(<object> written)
        cdef void *letters = PyUnicode_DATA(<object> written)
        cdef Py_ssize_t place
        if PyUnicode_GET_LENGTH(<object> written) != end - start:
            return False
        for place in range(end - start):
            if PyUnicode_READ(of_kind, letters, place) != PyUnicode_READ(kind, data, start + place):
                return False
        return True


cdef uint64_t MULTIPLIER = 0x9E37_79B9_7F4A_7C15u
