"""The compiled twin of ``signs.py``'s look at each line around a story's text."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_READ_CHAR,
    Py_UNICODE_ISALNUM,
)

from tasks.text._authors cimport authors_of
from tasks.text._dates cimport may_hold_date
from tasks.text._names cimport may_be_byline, may_name
from tasks.text.dates import find_date
from tasks.text.marks import is_date_line
from tasks.text.names import REVIEW_LINE, read_written_by
from tasks.text.names import _is_byline as is_byline
from tasks.text.names import _read_authors as read_authors

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)

# The limits of signs.py, titles.py and names.py, by their names there.
cdef enum:
    LONGEST_BYLINE = 160
    LONGEST_DATED = 140
    MOST_WORDS = 25
    DATED_WORDS = 16
    SHORT_NOTE = 8
    FOOT_LINES = 30
    MOST_TOLD = 30
    UNCASED = 0x590  # the first letter of the scripts without capitals that are read


def find_lines(page, story, places, numbers, prose, read_line, without_common):
    """The twin of ``signs._find_lines``.

    Of a line that can name nobody ``read_line`` is not asked: none that reads names finds any.
    """
    cdef Py_ssize_t place, index, size, words
    cdef str text
    cdef dict dates = {}, names = {}
    cdef bint is_hit
    said, texts, hits, page_words = page.said, page.texts, page.hits, page.words
    labels, day_first = story.labels, story.day_first
    for place in places:
        index = said[place]
        text = texts[index]
        size = PyUnicode_GET_LENGTH(text)
        if size > LONGEST_BYLINE:
            continue
        is_hit = bool(hits[index])
        if is_hit and page.cut_by(index) is not None:
            continue
        words = page_words[index]
        if may_hold_date(text) and (
            (numbers and index in numbers) or has_date(page, index, text, words, day_first)
        ):
            found = find_date(text, None, day_first)
            if found is not None:
                dates[place] = found.at.toordinal()
        if words > MOST_WORDS or size < 2:
            continue
        label = labels.get(index) if labels else None
        if label is not None and label[0] == "title":
            continue
        if not PyUnicode_IS_ASCII(text) and is_uncased(text):
            found = read_line(page, place, prose)
        elif may_name(text):
            found = read_names(page, index, text, is_hit, prose, without_common)
        elif PyUnicode_IS_ASCII(text) or not has_by(text):
            continue
        else:
            found = read_line(page, place, prose)
        if found:
            names[place] = found
    return dates, names


cdef bint has_date(page, Py_ssize_t index, str text, Py_ssize_t words, day_first) except -1:
    """Twin of ``titles.has_date``, or whether a date found in the line would make it so."""
    if words > DATED_WORDS or PyUnicode_GET_LENGTH(text) > LONGEST_DATED:
        return False
    if words <= SHORT_NOTE or not page.is_ended[index]:
        return day_first is None or is_date_line(text) or find_date(text) is not None
    return is_date_line(text)


cdef bint is_uncased(str text) except -1:
    """Whether a letter of a line may be of a script without capitals."""
    cdef Py_ssize_t at
    cdef Py_UCS4 char
    for at in range(PyUnicode_GET_LENGTH(text)):
        char = PyUnicode_READ_CHAR(text, at)
        if char >= UNCASED and Py_UNICODE_ISALNUM(char):
            return True
    return False


def find_numbers(page, pattern):
    """The twin of ``signs._find_numbers``."""
    cdef set found = set()
    cdef str text, whole = page.whole
    if not ("/19" in whole or "/20" in whole or "-19" in whole or "-20" in whole):
        return found
    said, texts, words = page.said, page.texts, page.words
    for index in said:
        if <Py_ssize_t> words[index] <= MOST_WORDS:
            text = texts[index]
            if has_parted_year(text) and pattern.search(text) is not None:
                found.add(index)
    return found


def find_told(page):
    """The twin of ``stretches._find_told``."""
    cdef Py_ssize_t place, index, size
    cdef list found = []
    cdef str text
    said, texts, words, hits = page.said, page.texts, page.words, page.hits
    size = len(said)
    for place in range(size - 1):
        if not 2 <= <Py_ssize_t> words[said[place]] <= MOST_TOLD:
            continue
        index = said[place + 1]
        text = texts[index]
        if (
            (may_be_byline(text) and is_byline(text))
            or (may_hold_date(text) and is_date_line(text))
            or (hits[index] and page.mark(index, "by") is not None)
        ):
            found.append(place)
    return found


cdef bint has_parted_year(str text) noexcept:
    """Whether a stroke or a hyphen stands before what may be a year's beginning."""
    cdef Py_ssize_t at, size = PyUnicode_GET_LENGTH(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef unsigned int char, one, two
    for at in range(1, size - 4):
        char = PyUnicode_READ(kind, data, at)
        if char == 45 or char == 47:
            one, two = PyUnicode_READ(kind, data, at + 1), PyUnicode_READ(kind, data, at + 2)
            if (one == 49 and two == 57) or (one == 50 and two == 48):
                return True
    return False


cdef bint has_by(str text) except -1:
    """Whether a line may say by whom it was written."""
    cdef str lowered = text.lower()
    return " by" in lowered or " von" in lowered


cdef tuple read_names(page, Py_ssize_t index, str text, bint is_hit, prose, without_common):
    """Twin of ``signs._read_line``, for a line in a script with capitals that may name somebody."""
    cdef str name
    if is_hit and page.mark(index) and not page.mark(index, "by", "updated", "posted-by"):
        return ()
    found = authors_of(text)
    if found is not None and not found:
        return ()
    if REVIEW_LINE.match(text) is not None:
        return read_written_by(text)
    if found is None:
        found = read_authors(text)
    for name in found:
        if name.count(" ") > 1:
            return tuple([without_common(name, prose) for name in found])
    return found


def find_owned(page):
    """The twin of ``signs._find_owned``."""
    cdef Py_ssize_t place, size
    cdef str text
    cdef list found = []
    said, texts = page.said, page.texts
    size = len(said)
    for place in range(max(0, size - FOOT_LINES), size):
        text = texts[said[place]]
        if PyUnicode_GET_LENGTH(text) <= LONGEST_BYLINE and may_be_owned(text):
            if may_name(text):
                found.append(place)
    return found


cdef bint may_be_owned(str text) except -1:
    """Twin of ``signs._may_be_owned``."""
    cdef Py_ssize_t at, size = PyUnicode_GET_LENGTH(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef unsigned int char
    for at in range(size):
        char = PyUnicode_READ(kind, data, at)
        if char == 0xA9:
            return True
        if char == 40 and at + 2 < size:  # (c)
            if PyUnicode_READ(kind, data, at + 2) == 41 and is_c(PyUnicode_READ(kind, data, at + 1)):
                return True
        elif (char | 32) == 99 and char < 128 and at + 5 <= size:
            if text[at : at + 5].lower() == "copyr":
                return True
    return False


cdef inline bint is_c(unsigned int char) noexcept:
    return char == 67 or char == 99
