"""What other twins ask of a line before they ask Python for its date."""

cdef enum:
    HAS_YEAR = 1
    HAS_NUMBERS = 2
    HAS_YEAR_FIRST = 4
    HAS_DATE = HAS_YEAR | HAS_NUMBERS

cdef bint may_hold_date(str text)
cdef int clues_of(int kind, const void *data, Py_ssize_t size) noexcept
