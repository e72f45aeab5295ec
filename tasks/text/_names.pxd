"""What other twins ask of a line before they ask Python."""

cdef bint has_digit(str text)
cdef bint may_be_dated(str text)
cdef bint may_be_byline(str text)
cdef bint may_name(str text)
