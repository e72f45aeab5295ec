"""What ``_tally.pyx`` uses of ``_syllables.pyx``."""

from libc.stdint cimport uint32_t, uint64_t


cdef struct Edge:
    uint32_t key
    uint32_t node


cdef struct Met:
    unsigned char size
    unsigned char found
    unsigned char letters[14]


cdef class Lexicon:
    cdef unsigned char *codes
    cdef unsigned char dot
    cdef Edge *edges
    cdef uint32_t edges_mask, nodes
    cdef uint32_t *marks_of
    cdef unsigned char *marks
    cdef uint32_t *slots
    cdef uint32_t slots_mask
    cdef unsigned char *listed
    cdef uint32_t listed_end
    cdef Met *met
    cdef Py_ssize_t look(
        self, unsigned char *dotted, Py_ssize_t size, uint64_t mixed, unsigned char *levels
    ) noexcept
    cdef void foresee(self, uint64_t mixed) noexcept
    cdef Py_ssize_t _sound(
        self, unsigned char *dotted, Py_ssize_t size, uint64_t mixed, unsigned char *levels
    ) noexcept
    cdef Py_ssize_t _hyphenate(
        self, unsigned char *dotted, Py_ssize_t size, unsigned char *levels
    ) noexcept
    cdef uint32_t _step(self, uint32_t node, unsigned char code) noexcept
    cdef uint32_t *_slot(self, const unsigned char *word, Py_ssize_t size, uint64_t mixed) noexcept
    cdef _read_alphabet(self, letters)
    cdef _read_patterns(self, dict patterns)
    cdef uint32_t _enter(self, uint32_t node, unsigned char code) except 0
    cdef int _widen(self) except -1
    cdef _read_words(self, bytes sounds, list easy)
    cdef _read_sounds(self, bytes sounds)
    cdef unsigned char *_note(self, unsigned char *word, Py_ssize_t size) noexcept
    cdef Py_ssize_t _encode(self, str word, unsigned char *codes) noexcept


cdef inline uint64_t mix(uint64_t mixed, unsigned char code) noexcept:
    """Go on with a word's hash; that of no letter is 0."""
    return (mixed + code + 1) * <uint64_t> 0x9E3779B97F4A7C15 ^ mixed >> 29
