"""What other twins ask of two lines before they ask Python."""

cdef bint may_be_same(str one, str other) except -1
