"""The compiled twin of ``boilerplate.py``: the best stretch of a page, and a story's headings."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISALPHA,
)
from libc.math cimport INFINITY
from libc.stdlib cimport free, malloc

# The limits of boilerplate.py and marks.py, by their names there.
cdef enum:
    LONGEST_HEADING = 14
    HEADING_CHARACTERS = 120
    PROSE_WORDS = 12


def best_path(worth, double switch):
    """Which lines are of the article: the best path through before, in, interrupted, after.

    Args:
        worth: What each line adds to an article that holds it.
        switch: What an interruption costs, and its end.
    """
    cdef Py_ssize_t size = len(worth), place
    cdef double before = 0.0, within = -INFINITY, gap = -INFINITY, after = -INFINITY
    cdef double value, enter
    cdef unsigned char *steps = <unsigned char *> malloc(size + 1)
    cdef unsigned char source, paused, ended, at
    if steps == NULL:
        raise MemoryError
    try:
        for place in range(size):
            value = worth[place]
            if before > within and before > gap - switch:
                enter, source = before, 0
            elif within >= gap - switch:
                enter, source = within, 1
            else:
                enter, source = gap - switch, 2
            paused = 1 if within - switch > gap else 2
            ended = 1 if within > after else 3
            steps[place] = source | paused << 2 | ended << 4
            after = within if within > after else after
            gap = within - switch if within - switch > gap else gap
            within = enter + value
        at = 0
        if within > before:
            at = 1
        if after > (within if at else before):
            at = 3
        kept = [False] * size
        for place in range(size - 1, -1, -1):
            if at == 1:
                kept[place] = True
            if at:
                at = steps[place] >> 2 * (at - 1) & 3
        return kept
    finally:
        free(steps)


def find_headings(page, list kept):
    """The twin of ``boilerplate._find_headings``."""
    cdef Py_ssize_t place, index, after, count, below
    cdef bint is_ended
    cdef list found = []
    words, ended, texts, items = page.words, page.is_ended, page.texts, page.lines.items
    for place in range(len(kept) - 1):
        index = kept[place]
        count = words[index]
        if count > LONGEST_HEADING:
            continue
        after = kept[place + 1]
        below = words[after]
        if below <= count:
            continue
        is_ended = ended[after]
        if is_ended or below >= 3 * PROSE_WORDS:
            if not items[index] and is_heading(texts[index], ended[index]):
                found.append(index)
    return found


cdef bint is_heading(str text, bint is_ended) except -1:
    """Whether a short line heads the longer one below, which is prose or ends like it."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef unsigned int last
    if size > HEADING_CHARACTERS or size == 0:
        return False
    last = PyUnicode_READ(kind, data, size - 1)
    if is_ended and last != 63:
        return False
    if last == 58 or last == 59 or last == 44 or last == 45 or last == 0x2013:  # : ; , - –
        return False
    for at in range(size):
        if Py_UNICODE_ISALPHA(PyUnicode_READ(kind, data, at)):
            return True
    return False
