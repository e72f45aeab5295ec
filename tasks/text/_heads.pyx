"""The compiled part of ``heads.py``: which lines are of no head, before Python is asked."""

from cpython.unicode cimport PyUnicode_GET_LENGTH

from tasks.text._dates cimport may_hold_date
from tasks.text._names cimport may_be_byline
from tasks.text._titles cimport may_be_same

cdef enum:
    LONGEST_DATE_LINE = 90  # marks.LONGEST_DATE_LINE


def may_be_of_head(page, Py_ssize_t index, title):
    """Whether ``heads._read_head_line`` is to be asked of a line; where not, it is of no head."""
    cdef str text = page.texts[index]
    if page.hits[index] or may_be_byline(text):
        return True
    if PyUnicode_GET_LENGTH(text) <= LONGEST_DATE_LINE and may_hold_date(text):
        return True
    return bool(title) and may_be_same(text, title)
