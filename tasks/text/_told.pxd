"""Words of lines, looked for in a text."""

from libc.stdint cimport uint64_t


cdef struct Word:
    uint64_t hash
    const void *data  # of the line that it stands in
    int kind
    Py_ssize_t start
    Py_ssize_t size
    Py_ssize_t same  # the first of its like, whose flags hold
    bint is_told
    bint is_opening


cdef class Told:
    cdef Word *words
    cdef Py_ssize_t size, room, untold, mask
    cdef Py_ssize_t *slots
    cdef unsigned int sizes[32]  # of the words that begin with a letter, a bit each
    cdef list lines

    cdef Py_ssize_t add(self, str lowered) except -1
    cdef int prepare(self) except -1
    cdef int read(self, str text, bint is_opening) except -1
    cdef bint is_begun(self, unsigned int first, Py_ssize_t size) noexcept
    cdef void look_up(
        self, int kind, const void *data, Py_ssize_t start, Py_ssize_t size, bint is_opening
    ) noexcept
    cdef void push(self, uint64_t hash, Py_ssize_t start, Py_ssize_t size, str line) except *
    cdef Py_ssize_t find(
        self, uint64_t hash, int kind, const void *data, Py_ssize_t start, Py_ssize_t size
    ) noexcept
