"""What other twins ask of a line before they ask Python."""

cdef bint may_be_byline(str text)
cdef bint may_begin_byline(int kind, const void *data, Py_ssize_t at, Py_ssize_t size) noexcept
cdef bint may_name(str text)
