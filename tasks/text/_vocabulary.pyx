"""The words of one page, each once: what the compiled twins of the line model share.

Words are code points; their hashes are told by whoever reads them.
"""

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy

from tasks.text.shapes import ABOUT

# Nobody knows beforehand which words share a slot.
SEED = <uint64_t>hash("words") | 1


cdef class Vocabulary:
    """The words that a page has, with what is counted of each."""

    def __cinit__(self):
        self.room, self.letter_room, self.pair_room = 256, 4 * MOST_LETTERS, 4 * MOST_LETTERS
        self.slot_mask = 1023
        self.words = <Word *>new(self.room, sizeof(Word))
        self.letters = <Py_UCS4 *>new(self.letter_room, sizeof(Py_UCS4))
        self.slots = <int32_t *>new(self.slot_mask + 1, sizeof(int32_t))
        self.pairs = <int32_t *>new(self.pair_room, sizeof(int32_t))

    def __dealloc__(self):
        free(self.words)
        free(self.letters)
        free(self.slots)
        free(self.pairs)

    cdef int make_room(self) except -1:
        """Have room for what one line can bring: its letters, and as many words."""
        if self.letter_count + MOST_LETTERS > self.letter_room:
            self.letters = <Py_UCS4 *>_more(self.letters, &self.letter_room, sizeof(Py_UCS4))
        if self.pair_count + MOST_LETTERS > self.pair_room:
            self.pairs = <int32_t *>_more(self.pairs, &self.pair_room, sizeof(int32_t))
        return 0

    cdef int32_t find(self, const Py_UCS4 *letters, int length, uint64_t hashed) except -1:
        """Place in the page's vocabulary of a word, which is put there where it is new."""
        cdef Py_ssize_t slot = hashed & self.slot_mask
        cdef Word *word
        while self.slots[slot]:
            word = &self.words[self.slots[slot] - 1]
            if (
                word.hash == hashed
                and word.length == length
                and memcmp(self.letters + word.at, letters, length * sizeof(Py_UCS4)) == 0
            ):
                return self.slots[slot] - 1
            slot = (slot + 1) & self.slot_mask
        if self.count == self.room:
            self.words = <Word *>_more(self.words, &self.room, sizeof(Word))
        if 2 * self.count > self.slot_mask:
            self.spread()
            slot = hashed & self.slot_mask
            while self.slots[slot]:
                slot = (slot + 1) & self.slot_mask
        word = &self.words[self.count]
        word.hash, word.length, word.seen, word.prose = hashed, length, -1, 0
        word.about = _about.find(letters, length, hashed)
        word.at = self.letter_count
        memcpy(self.letters + word.at, letters, length * sizeof(Py_UCS4))
        self.letter_count += length
        self.count += 1
        self.slots[slot] = <int32_t>self.count
        return <int32_t>self.count - 1

    cdef int spread(self) except -1:
        """Double the slots."""
        cdef Py_ssize_t place, slot, mask = 2 * self.slot_mask + 1
        cdef int32_t *slots = <int32_t *>new(mask + 1, sizeof(int32_t))
        for place in range(self.count):
            slot = self.words[place].hash & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = <int32_t>place + 1
        free(self.slots)
        self.slots, self.slot_mask = slots, mask
        return 0


cdef void *new(Py_ssize_t count, size_t size) except NULL:
    cdef void *found = calloc(count, size)
    if found is NULL:
        raise MemoryError
    return found


cdef void *_more(void *held, Py_ssize_t *room, size_t size) except NULL:
    """Twice the room; what was held stays where it was if there is none."""
    cdef void *found = realloc(held, 2 * room[0] * size)
    if found is NULL:
        raise MemoryError
    room[0] *= 2
    return found


cdef class About:
    """The words whose meaning is known, by hash."""

    cdef uint64_t *hashes
    cdef int32_t *abouts
    cdef int32_t *lengths
    cdef Py_UCS4 *letters
    cdef Py_ssize_t mask
    cdef int longest

    def __cinit__(self, words):
        cdef Py_ssize_t slot
        cdef uint64_t hashed
        cdef Py_UCS4 code
        self.longest = max(map(len, words))
        self.mask = 1023
        while self.mask < 3 * len(words):
            self.mask = 2 * self.mask + 1
        self.hashes = <uint64_t *>new(self.mask + 1, sizeof(uint64_t))
        self.abouts = <int32_t *>new(self.mask + 1, sizeof(int32_t))
        self.lengths = <int32_t *>new(self.mask + 1, sizeof(int32_t))
        self.letters = <Py_UCS4 *>new((self.mask + 1) * self.longest, sizeof(Py_UCS4))
        for word, about in words.items():
            hashed = SEED
            for code in word:
                hashed = mix(hashed, code)
            slot = hashed & self.mask
            while self.lengths[slot]:
                slot = (slot + 1) & self.mask
            self.hashes[slot], self.abouts[slot], self.lengths[slot] = hashed, about, len(word)
            for place, code in enumerate(word):
                self.letters[slot * self.longest + place] = code

    def __dealloc__(self):
        free(self.hashes)
        free(self.abouts)
        free(self.lengths)
        free(self.letters)

    cdef int32_t find(self, const Py_UCS4 *letters, int length, uint64_t hashed) noexcept nogil:
        """What a word is; 0 for most."""
        cdef Py_ssize_t slot = hashed & self.mask
        while self.lengths[slot]:
            if (
                self.hashes[slot] == hashed
                and self.lengths[slot] == length
                and memcmp(
                    self.letters + slot * self.longest, letters, length * sizeof(Py_UCS4)
                ) == 0
            ):
                return self.abouts[slot]
            slot = (slot + 1) & self.mask
        return 0


cdef About _about = About(ABOUT)
