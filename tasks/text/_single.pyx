"""The compiled twin of what ``single.py`` asks of a page's lines before it reads them."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISALPHA,
)

from tasks.text._lines cimport has_digit
from tasks.text.boilerplate import binds_words

# The limits of single.py, by their names there.
cdef enum:
    LEAST_WORDS = 10
    LETTERS = 500  # characters of a line among which a letter is looked for
    PROSE = 8


def has_text(page, indexes):
    """The twin of ``single._has_text``."""
    cdef Py_ssize_t words = 0, count
    cdef list counts = page.words, hits = page.hits, ended = page.is_ended, texts = page.texts
    cdef list told = []
    for index in indexes:
        rules = hits[index]
        if rules and (page.cut_by(index) is not None or page.mark(index) is not None):
            continue
        words += <Py_ssize_t> counts[index]
    if words < LEAST_WORDS:
        return False
    for index in indexes:
        count = counts[index]
        if count >= 5 and not hits[index] and has_letter(texts[index]):
            if ended[index]:
                return True
            told.append(index)
    for index in told:
        if binds_words(texts[index]):
            return True
    return False


cpdef bint has_letter(str text) except -1:
    """Whether one of a line's first characters is a letter."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t at
    for at in range(min(LETTERS, PyUnicode_GET_LENGTH(text))):
        if Py_UNICODE_ISALPHA(PyUnicode_READ(kind, data, at)):
            return True
    return False


def count_short(page):
    """How many lines have three words at most, no figure, and no end as a sentence has it."""
    cdef list counts = page.words, ended = page.is_ended, texts = page.texts
    cdef Py_ssize_t found = 0
    for index in page.said:
        if <Py_ssize_t> counts[index] <= 3 and not ended[index]:
            found += not has_digit(texts[index])
    return found


def first_prose(page):
    """The place of the first line that is a sentence of eight words or more; None without one."""
    cdef list counts = page.words, ended = page.is_ended
    cdef Py_ssize_t place = 0, count
    for index in page.said:
        count = counts[index]
        if count >= 3 * PROSE or (count >= PROSE and ended[index]):
            return place
        place += 1
    return None
