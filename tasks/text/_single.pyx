"""The compiled twin of what ``single.py`` asks of a page's lines before it reads them."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISALPHA,
    Py_UNICODE_ISSPACE,
)

from tasks.text._lines cimport has_digit
from tasks.text.boilerplate import binds_words as binds_in_python
from tasks.text.words import FUNCTION_WORDS

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)

cdef Py_ssize_t LONGEST_BINDING = max(map(len, FUNCTION_WORDS))

# The limits of single.py, by their names there.
cdef enum:
    LEAST_WORDS = 10
    LETTERS = 500  # characters of a line among which a letter is looked for
    BINDING = 400  # characters among which boilerplate.binds_words looks for words
    MOST_BINDING = 60
    LATIN = 100  # characters that tell the script
    LEAST_LATIN = 20
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


cpdef bint binds_words(str text) except -1:
    """The twin of ``boilerplate.binds_words``."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t at = 0, start, size = min(BINDING, PyUnicode_GET_LENGTH(text)), latin = 0
    cdef unsigned int char
    cdef int words = 0, found = 0
    if not PyUnicode_IS_ASCII(text):
        for at in range(min(LATIN, size)):
            char = PyUnicode_READ(kind, data, at)
            latin += 97 <= (char | 32) <= 122
        if latin < LEAST_LATIN:
            return binds_in_python(text)
    at = 0
    while at < size and words < MOST_BINDING:
        while at < size and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
            at += 1
        start = at
        while at < size and not Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
            at += 1
        words += 1
        if 0 < at - start <= LONGEST_BINDING and text[start:at].casefold() in FUNCTION_WORDS:
            found += 1
            if found == 2:
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


def is_text(page, Py_ssize_t most_junk, double share):
    """The twin of ``single._is_text``."""
    cdef list counts = page.words, ended = page.is_ended, hits = page.hits
    cdef Py_ssize_t size, words = 0, good = 0, junk = 0, junk_words = 0
    for index in page.said:
        size = counts[index]
        words += size
        rules = hits[index]
        if rules and page.mark(index, "date-control") is None:
            junk += 1
            junk_words += size
        elif size >= 8 or ended[index]:
            good += size
        elif size <= 4:
            junk += 1
            junk_words += size
    return good >= share * (good + junk_words) and good * 2 >= words and junk <= most_junk


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
