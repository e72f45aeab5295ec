"""What other twins ask of a line before they ask Python for its authors."""

cdef bint names_no_author(str text)
