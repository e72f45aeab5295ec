"""The compiled twin of what ``metadata.py`` asks before it reads a story's first paragraph."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISALNUM,
    Py_UNICODE_ISSPACE,
)

cdef enum:
    HAS_PLACE = 1
    HAS_COLON = 2
    MOST_WORDS = 64
    LONGEST = 8  # of what joins a city's words

cdef enum:
    REFUSED, CLEAN, UNSURE


def clues(str text not None, Py_ssize_t size):
    """What a paragraph's first characters may hold, in bits; see ``metadata._look_for_clues``."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t at
    cdef int found
    size = min(size, len(text))
    found = HAS_PLACE if may_begin_with_place(text, kind, data, size) else 0
    for at in range(size):
        if PyUnicode_READ(kind, data, at) == c":":
            return found | HAS_COLON
    return found


cdef bint may_begin_with_place(str text, int kind, const void *data, Py_ssize_t size) except -1:
    """Whether words that may be a place's, or a day, go on up to a colon, a dash or a bracket."""
    cdef Py_ssize_t at = 0, start, stop
    cdef unsigned int char
    cdef int word, told
    for word in range(MOST_WORDS):
        start = at
        if at == size:
            return False
        char = PyUnicode_READ(kind, data, at)
        told = CLEAN
        while at < size:
            char = PyUnicode_READ(kind, data, at)
            if char == 32 or char == 0xA0:
                break
            told = look_at(kind, data, at, size)
            if told != CLEAN:
                return told == UNSURE
            at += 1
        char = PyUnicode_READ(kind, data, start) if at > start else 0
        if char >= 128 or 65 <= char <= 90:
            at += at < size
            continue
        if word == 0:
            return False
        if not 97 <= char <= 122:
            return True
        stop = at - (PyUnicode_READ(kind, data, at - 1) == c",")
        at += at < size
        if stop - start > LONGEST or text[start:stop] not in _OF_CITIES:
            return at < size and Py_UNICODE_ISALNUM(PyUnicode_READ(kind, data, at)) and not (
                is_letter(PyUnicode_READ(kind, data, at))
            )
    return True


cdef int look_at(int kind, const void *data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """Whether a character may be of a place's word; or ends all places; or may stand after one."""
    cdef unsigned int char = PyUnicode_READ(kind, data, at), after
    after = PyUnicode_READ(kind, data, at + 1) if at + 1 < size else 32
    if is_letter(char) or 48 <= char <= 57 or char == 95 or char == 39 or char == 46:
        return CLEAN
    if char == 45:
        return UNSURE if after == 45 or Py_UNICODE_ISSPACE(after) else CLEAN
    if char == 44:
        return CLEAN if after == 32 or after == 0xA0 else UNSURE
    if char >= 128:
        return CLEAN if Py_UNICODE_ISALNUM(char) or char == 0x2019 else UNSURE
    if char == 33 or char == 34 or 35 <= char <= 38 or char == 42 or char == 43:
        return REFUSED
    if 59 <= char <= 64:  # ; < = > ? @
        return REFUSED
    return UNSURE


cdef inline bint is_letter(unsigned int char) noexcept:
    return 97 <= (char | 32) <= 122 and char < 128


from tasks.text.metadata import _OF_CITIES  # its own import of this module needs what is above
