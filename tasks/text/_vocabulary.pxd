from libc.stdint cimport int32_t, uint64_t

cdef enum:
    MOST_LETTERS = 1200  # of the words of one line


cdef struct Word:
    uint64_t hash
    Py_ssize_t at  # place of its first letter
    int32_t length
    int32_t about  # see ABOUT in shapes.py
    int32_t seen  # the last line that has it
    int32_t prose  # lines of prose that have it


cdef class Vocabulary:
    cdef Word *words
    cdef Py_UCS4 *letters  # of the words, one after another
    cdef int32_t *slots  # place in ``words`` and 1, by hash
    cdef int32_t *pairs  # the weighty words of each line in turn, each once
    cdef Py_ssize_t count, room, slot_mask, letter_count, letter_room, pair_count, pair_room
    cdef int make_room(self) except -1
    cdef int32_t find(self, const Py_UCS4 *letters, int length, uint64_t hashed) except -1
    cdef int spread(self) except -1


cdef uint64_t SEED


cdef inline uint64_t mix(uint64_t hashed, Py_UCS4 code) noexcept nogil:
    hashed = (hashed ^ <uint64_t>code) * <uint64_t>0x9E3779B97F4A7C15ULL
    return hashed ^ (hashed >> 29)


cdef void *new(Py_ssize_t count, size_t size) except NULL
