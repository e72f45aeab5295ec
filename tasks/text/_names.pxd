"""What other twins ask of a line before they ask Python."""

cdef bint may_be_byline(str text)
cdef bint may_name(str text)
