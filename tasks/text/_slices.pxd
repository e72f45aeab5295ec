"""Parts of a text as it lies in memory: what they weigh, whether they are the same."""

from libc.stdint cimport uint8_t, uint64_t
from libc.stdlib cimport realloc
from libc.string cimport memcmp, memcpy


cdef struct Slice:
    Py_ssize_t start
    Py_ssize_t end
    uint64_t hash


cdef struct Slices:
    Slice *at
    Py_ssize_t count
    Py_ssize_t room


cdef inline int add_slice(
    Slices *slices, const uint8_t *data, int kind, Py_ssize_t start, Py_ssize_t end
) except -1:
    """Add what stands from ``start`` to ``end`` in a text of ``kind`` bytes a character."""
    cdef Slice *wider
    if slices.count == slices.room:
        wider = <Slice *> realloc(slices.at, (2 * slices.room + 64) * sizeof(Slice))
        if wider == NULL:
            raise MemoryError
        slices.at = wider
        slices.room = 2 * slices.room + 64
    slices.at[slices.count] = Slice(start, end, hash_bytes(data + kind * start, kind * (end - start)))
    slices.count += 1
    return 0


cdef inline bint is_same(const uint8_t *data, int kind, const Slice *one, const Slice *other) noexcept:
    """Whether two slices of one text have the same characters."""
    return (
        one.hash == other.hash
        and one.end - one.start == other.end - other.start
        and memcmp(data + kind * one.start, data + kind * other.start, kind * (one.end - one.start))
        == 0
    )


cdef inline uint64_t hash_bytes(const uint8_t *data, Py_ssize_t size) noexcept:
    cdef uint64_t mixed = size, word
    cdef Py_ssize_t place
    while size >= 8:
        memcpy(&word, data, 8)
        mixed = (mixed ^ word) * <uint64_t> 0x9E3779B97F4A7C15
        mixed ^= mixed >> 32
        data += 8
        size -= 8
    word = 0
    for place in range(size):
        word |= <uint64_t> data[place] << 8 * place
    mixed = (mixed ^ word) * <uint64_t> 0x9E3779B97F4A7C15
    return mixed ^ mixed >> 32


cdef inline Py_ssize_t table_room(Py_ssize_t entries) noexcept:
    """Places of a hash table that is at most half full: a power of two."""
    cdef Py_ssize_t room = 16
    while room < 2 * entries:
        room *= 2
    return room
