"""The compiled twin of ``dates.py``'s clues: what kinds of date a text may hold."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISALPHA,
    Py_UNICODE_ISDECIMAL,
    Py_UNICODE_ISSPACE,
)
from libc.stdint cimport uint64_t

cdef enum:
    ROOM = 512
    NO_WORD = 0
    MONTH = 1
    OF = 2  # stands between the parts of a date, or after a day's number

cdef uint64_t SEED = 14695981039346656037u, PRIME = 1099511628211u
cdef uint64_t hashes[ROOM]
cdef unsigned char kinds[ROOM]
JOINTS = "of de del di van st nd rd th er"


def clues(str text not None):
    """Which kinds of date a text may hold, in bits; see ``dates._look_for_clues``.

    Fewer than Python's: a year has a month or a day before it, or it is of no date.
    """
    return clues_of(PyUnicode_KIND(text), PyUnicode_DATA(text), len(text))


cdef bint may_hold_date(str text):
    """As ``dates.may_hold_date``."""
    return clues_of(PyUnicode_KIND(text), PyUnicode_DATA(text), len(text)) & HAS_DATE != 0


cdef int clues_of(int kind, const void *data, Py_ssize_t size) noexcept:
    cdef Py_ssize_t at = 0, then
    cdef int found = 0
    cdef unsigned int c, mark
    cdef bint has_year = False, is_odd = False
    while at < size:
        c = PyUnicode_READ(kind, data, at)
        if not is_decimal(c):
            is_odd |= c == 0x5E74 or c == 0xB144  # the year's sign in Japanese, in Korean
            at += 1
            continue
        if at + 3 >= size:
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
                has_year = True
                if not found & HAS_YEAR and may_end_date(kind, data, at):
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
    if has_year and not found & HAS_YEAR and (found & HAS_YEAR_FIRST or is_odd):
        found |= HAS_YEAR
    return found


cdef bint may_end_date(int kind, const void *data, Py_ssize_t at) noexcept:
    """Whether a year that begins there may end a date: a month stands before it, or month and day.

    Letters beyond ASCII may be of any month.
    """
    cdef Py_ssize_t start = skip_back(kind, data, at), then
    cdef int word
    if start == 0:
        return False
    if is_decimal(PyUnicode_READ(kind, data, start - 1)):  # May 3, 2024
        then = start - 1
        while then > 0 and is_decimal(PyUnicode_READ(kind, data, then - 1)):
            if start - then == 2:  # no day; a run of figures has a year in each, maybe
                return False
            then -= 1
        then = skip_back(kind, data, then)
        return then > 0 and word_before(kind, data, then, &then) == MONTH
    word = word_before(kind, data, start, &then)
    if then > 0 and is_decimal(PyUnicode_READ(kind, data, then - 1)):  # 3rd, after May; 3rdMay
        return True
    if word == OF:  # 3 de mayo de 2024
        start = skip_back(kind, data, then)
        word = word_before(kind, data, start, &then)
    if word != MONTH:
        return False
    then = skip_back(kind, data, then)
    return then > 0 and (
        is_decimal(PyUnicode_READ(kind, data, then - 1))
        or word_before(kind, data, then, &then) != NO_WORD
    )


cdef Py_ssize_t skip_back(int kind, const void *data, Py_ssize_t at) noexcept:
    """The place after what stands before a part of a date and its points, commas and spaces."""
    cdef unsigned int c
    while at > 0:
        c = PyUnicode_READ(kind, data, at - 1)
        if c != 44 and c != 45 and c != 46 and not Py_UNICODE_ISSPACE(c):
            break
        at -= 1
    return at


cdef int word_before(int kind, const void *data, Py_ssize_t stop, Py_ssize_t *start) noexcept:
    """What the word that ends there is to a date, and where it begins."""
    cdef uint64_t hash = SEED
    cdef Py_ssize_t at = stop, place
    cdef unsigned int c
    while at > 0:
        c = PyUnicode_READ(kind, data, at - 1)
        if c >= 128:
            if Py_UNICODE_ISALPHA(c):
                start[0] = at
                return MONTH  # in another alphabet, maybe
            break
        if not 97 <= c | 32 <= 122:
            break
        hash = (hash ^ (c | 32)) * PRIME
        at -= 1
    start[0] = at
    place = <Py_ssize_t> (hash >> 32) & (ROOM - 1)
    while kinds[place]:
        if hashes[place] == hash:
            return kinds[place]
        place = (place + 1) & (ROOM - 1)
    return NO_WORD


cdef void note(str word, int kind) except *:
    """Note what a word is to a date; its letters are read from the last."""
    cdef uint64_t hash = SEED
    cdef Py_ssize_t place
    for char in reversed(word):
        hash = (hash ^ <unsigned int> ord(char)) * PRIME
    place = <Py_ssize_t> (hash >> 32) & (ROOM - 1)
    while kinds[place] and hashes[place] != hash:
        place = (place + 1) & (ROOM - 1)
    hashes[place], kinds[place] = hash, kind


cdef inline bint is_decimal(unsigned int c) noexcept:
    return 48 <= c <= 57 if c < 128 else Py_UNICODE_ISDECIMAL(c)


from tasks.text.dates import MONTHS, fold_case  # its own import of this module needs what is above

for _word in JOINTS.split():
    note(_word, OF)
for _word in MONTHS:
    if fold_case(_word).isascii():
        note(fold_case(_word), MONTH)
