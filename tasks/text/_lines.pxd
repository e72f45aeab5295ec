"""What other twins ask of a line."""

cpdef bint has_digit(str text)
