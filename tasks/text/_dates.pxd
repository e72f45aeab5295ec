"""What other twins ask of a line before they ask Python for its date."""

cdef bint may_hold_date(str text)
