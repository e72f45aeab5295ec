"""The compiled twin of ``dates.py``'s clues: what kinds of date a text may hold."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISDECIMAL,
)


def clues(str text not None):
    """Which kinds of date a text may hold, in bits; see ``dates._look_for_clues``."""
    return clues_of(PyUnicode_KIND(text), PyUnicode_DATA(text), len(text))


cdef bint may_hold_date(str text):
    """As ``dates.may_hold_date``."""
    return clues_of(PyUnicode_KIND(text), PyUnicode_DATA(text), len(text)) & HAS_DATE != 0


cdef int clues_of(int kind, const void *data, Py_ssize_t size) noexcept:
    cdef Py_ssize_t at = 0, then
    cdef int found = 0
    cdef unsigned int c, mark
    while at + 3 < size:
        c = PyUnicode_READ(kind, data, at)
        if not is_decimal(c):
            at += 1
            continue
        mark = PyUnicode_READ(kind, data, at + 1)
        if is_decimal(mark):
            if (
                (c == 49 or c == 50)
                and (mark == 48 or mark == 57)
                and is_decimal(PyUnicode_READ(kind, data, at + 2))
                and is_decimal(PyUnicode_READ(kind, data, at + 3))
            ):
                found |= HAS_YEAR
        elif mark == 45 or mark == 46 or mark == 47:  # - . /
            then = at + 2
            if is_decimal(PyUnicode_READ(kind, data, then)):
                then += 1
                if then < size and is_decimal(PyUnicode_READ(kind, data, then)):
                    then += 1
                if then + 1 < size and 45 <= PyUnicode_READ(kind, data, then) <= 47:
                    if is_decimal(PyUnicode_READ(kind, data, then + 1)):
                        found |= HAS_YEAR_FIRST
                        if then + 2 < size and is_decimal(PyUnicode_READ(kind, data, then + 2)):
                            found |= HAS_NUMBERS
        at += 1
    return found


cdef inline bint is_decimal(unsigned int c) noexcept:
    return 48 <= c <= 57 if c < 128 else Py_UNICODE_ISDECIMAL(c)
