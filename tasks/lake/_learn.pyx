"""The compiled twin of ``learn.py``'s way from lines to numbers."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memcpy

cdef uint64_t ODD = 0x9E3779B97F4A7C15


def hash_lines(
    const int32_t[::1] ends, const uint8_t[::1] text, const int32_t[::1] owners, int64_t[::1] keys
):
    """As ``learn._hash_lines``, with other numbers.

    Args:
        ends: Where in ``text`` each line begins, and the end of the last.
        text: The lines in UTF-8, one after the other; a byte at least.
        owners: A number a line.
        keys: What is found.
    """
    cdef Py_ssize_t at, size = keys.shape[0]
    cdef const uint8_t *first = &text[0]
    if owners.shape[0] != size or ends.shape[0] != size + 1 or ends[size] > text.shape[0]:
        raise ValueError("a number, a beginning and an end are needed of each line")
    with nogil:
        for at in range(size):
            keys[at] = <int64_t> _hash(first + ends[at], ends[at + 1] - ends[at], owners[at])


cdef uint64_t _hash(const uint8_t *text, Py_ssize_t length, uint64_t owner) noexcept nogil:
    """Eight bytes at a time; the length is mixed in, so that bytes of 0 at the end count."""
    cdef uint64_t value = (owner + 1) * ODD ^ <uint64_t> length, word
    while length > 0:
        word = 0
        memcpy(&word, text, 8 if length >= 8 else length)
        value = (value ^ word) * ODD
        value ^= value >> 29
        text += 8
        length -= 8
    value *= ODD
    return value ^ value >> 32
