"""What other twins ask of a line before they ask Python for its authors."""

cdef tuple authors_of(str text)
