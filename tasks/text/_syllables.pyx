"""The compiled twin of ``syllables.py``: a language's patterns and listed words, as flat arrays.

A letter is a byte here, its place in the language's alphabet, in lower case. 0 is any letter that
is not in it: no pattern and no listed word has one.
"""

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy, memset

cdef extern from "Python.h":
    Py_UCS4 Py_UNICODE_TOLOWER(Py_UCS4 letter)

cdef extern from *:
    void __builtin_prefetch(const void *place) noexcept

cdef enum:
    CODES = 1 << 16  # what is behind has no letter of a pattern
    MET = 1 << 15  # 32,768 words of 16 bytes: hot ones stay in the processor's cache
    MET_LETTERS = 14
    LONGEST = 255
    # what is known of a listed word: its syllables, if so it says, and if it is easy
    SYLLABLES = 31
    HAS_SYLLABLES = 32
    EASY = 64
    OFFSET = (1 << 22) - 1  # of a word in listed; above it some bits of its hash


cdef class Lexicon:
    """How many syllables words of a language have, and which are easy."""

    def __cinit__(self):
        self.met = <Met *> calloc(MET, sizeof(Met))
        self.codes = <unsigned char *> calloc(CODES, 1)
        if self.met == NULL or self.codes == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.codes)
        free(self.edges)
        free(self.marks_of)
        free(self.marks)
        free(self.slots)
        free(self.listed)
        free(self.met)

    def __init__(self, dict patterns, bytes sounds, easy):
        """Read all that words are looked up in.

        Args:
            patterns: Pyphen's, by their letters.
            sounds: Lines of a word and a digit for each of its syllables; of two for the same
                word the latter counts.
            easy: Easy words.
        """
        if self.edges != NULL:
            raise ValueError("a lexicon is read once")
        self._read_alphabet({".", "'", *"abcdefghijklmnopqrstuvwxyz", *"".join(patterns)})
        self._read_patterns(patterns)
        self._read_words(sounds, list(easy))

    def count(self, str word):
        """The syllables of a word in lower case, of letters and ``'``."""
        cdef Py_ssize_t size = len(word)
        cdef uint64_t mixed = 0
        cdef unsigned char *dotted = <unsigned char *> malloc(2 * size + 8)
        if dotted == NULL:
            raise MemoryError
        try:
            for place, letter in enumerate(map(ord, word)):
                dotted[<Py_ssize_t> place + 1] = self.codes[<Py_ssize_t> letter] if letter < CODES else 0
                mixed = mix(mixed, dotted[<Py_ssize_t> place + 1])
            return self.look(dotted, size, mixed, dotted + size + 4) >> 1
        finally:
            free(dotted)

    cdef Py_ssize_t look(
        self, unsigned char *dotted, Py_ssize_t size, uint64_t mixed, unsigned char *levels
    ) noexcept:
        """Twice a word's syllables, and 1 more if it is easy.

        Args:
            dotted: Room for a dot, the word's codes, and room for a dot.
            size: The word's letters.
            mixed: Its hash.
            levels: Room for as many and 4 more.
        """
        cdef Met *met
        cdef Met other
        if not 0 < size <= MET_LETTERS:
            return self._sound(dotted, size, mixed, levels)
        met = self.met + (mixed >> 40 & MET - 2)  # two words, the one met later first
        if not _is(met, dotted + 1, size):
            other = met[0]
            met[0] = met[1]
            met[1] = other
            if not _is(met, dotted + 1, size):
                met.found = self._sound(dotted, size, mixed, levels)
                met.size = size
                memcpy(met.letters, dotted + 1, size)
        return met.found

    cdef void foresee(self, uint64_t mixed) noexcept:
        """Have what a word is looked up in brought near, while others are read."""
        __builtin_prefetch(self.met + (mixed >> 40 & MET - 2))
        __builtin_prefetch(self.slots + (mixed >> 24 & self.slots_mask))

    cdef Py_ssize_t _sound(
        self, unsigned char *dotted, Py_ssize_t size, uint64_t mixed, unsigned char *levels
    ) noexcept:
        cdef uint32_t at = self._slot(dotted + 1, size, mixed)[0] & OFFSET
        cdef unsigned char facts = self.listed[at - 1] if at else 0
        if facts & HAS_SYLLABLES:
            return (facts & SYLLABLES) << 1 | (facts & EASY != 0)
        return self._hyphenate(dotted, size, levels) << 1 | (facts & EASY != 0)

    cdef Py_ssize_t _hyphenate(
        self, unsigned char *dotted, Py_ssize_t size, unsigned char *levels
    ) noexcept:
        """One more than the places at which a word may be hyphenated: Liang's algorithm."""
        cdef Py_ssize_t start, at, place, found = 1
        cdef uint32_t node
        cdef unsigned char *marks
        if size < 4:
            return 1
        dotted[0] = dotted[size + 1] = self.dot
        memset(levels, 0, size)
        for start in range(size + 1):
            node = 0
            for at in range(start, size + 2):
                node = self._step(node, dotted[at])
                if node == 0:
                    break
                marks = self.marks + self.marks_of[node]
                while marks[1]:  # a place in the pattern, and its level; behind the last 0
                    place = start + marks[0]
                    if place < size and marks[1] > levels[place]:
                        levels[place] = marks[1]
                    marks += 2
        for place in range(3, size):
            found += levels[place] & 1
        return found

    cdef uint32_t _step(self, uint32_t node, unsigned char code) noexcept:
        """The node behind a letter; 0 where no pattern goes on with it."""
        cdef uint32_t key = node << 8 | code
        cdef uint32_t at = key * <uint32_t> 0x9E3779B1 >> 7 & self.edges_mask
        if code == 0:
            return 0
        while self.edges[at].key != 0 and self.edges[at].key != key:
            at = at + 1 & self.edges_mask
        return self.edges[at].node

    cdef uint32_t *_slot(self, const unsigned char *word, Py_ssize_t size, uint64_t mixed) noexcept:
        """Where a word is noted: behind its facts in ``listed``, or 0 where it would be noted."""
        cdef uint32_t at = mixed >> 24 & self.slots_mask, tag = <uint32_t> (mixed >> 32) & ~OFFSET
        cdef unsigned char *letters
        while self.slots[at]:
            if self.slots[at] & ~OFFSET == tag:  # else it is another: its letters are far away
                letters = self.listed + (self.slots[at] & OFFSET)
                if letters[0] == size and memcmp(letters + 1, word, size) == 0:
                    break
            at = at + 1 & self.slots_mask
        return self.slots + at

    cdef _read_alphabet(self, letters):
        cdef Py_UCS4 letter, lower
        for place, one in enumerate(sorted(letters), 1):
            letter = one
            if letter < CODES:
                self.codes[letter] = place  # an OverflowError from the 256th on
        for letter in range(CODES):
            lower = Py_UNICODE_TOLOWER(letter)
            if lower != letter:
                self.codes[letter] = self.codes[lower] if lower < CODES else 0
        self.dot = self.codes[<Py_UCS4> "."]

    cdef _read_patterns(self, dict patterns):
        cdef unsigned char codes[LONGEST]
        cdef Py_ssize_t size, at
        cdef uint32_t node, end = 2
        cdef str stretch, line
        letters = sum(map(len, patterns))
        room = 2 * (sum(map(len, patterns.values())) + len(patterns) + 1)
        self.edges_mask = (1 << 10) - 1
        self.edges = <Edge *> calloc(self.edges_mask + 1, sizeof(Edge))
        self.marks_of = <uint32_t *> calloc(letters + 1, sizeof(uint32_t))
        self.marks = <unsigned char *> calloc(room, 1)
        if self.edges == NULL or self.marks_of == NULL or self.marks == NULL:
            raise MemoryError
        for stretch, line in patterns.items():
            size = self._encode(stretch, codes)
            if size <= 0:
                continue
            node = 0
            for at in range(size):
                node = self._enter(node, codes[at])
            self.marks_of[node] = end
            end = _write_levels(line, self.marks, end)
        self.marks_of = <uint32_t *> _fitted(self.marks_of, (self.nodes + 1) * sizeof(uint32_t))
        self.marks = <unsigned char *> _fitted(self.marks, end)

    cdef uint32_t _enter(self, uint32_t node, unsigned char code) except 0:
        """The node behind a letter, a new one if need be."""
        cdef uint32_t key = node << 8 | code, at
        cdef uint32_t found = self._step(node, code)
        if found:
            return found
        if 2 * self.nodes > self.edges_mask:
            self._widen()
        self.nodes += 1
        at = _place(self.edges, self.edges_mask, key)
        self.edges[at].key, self.edges[at].node = key, self.nodes
        return self.nodes

    cdef int _widen(self) except -1:
        cdef uint32_t mask = 2 * self.edges_mask + 1, at
        cdef Edge *wider = <Edge *> calloc(<size_t> mask + 1, sizeof(Edge))
        if wider == NULL:
            raise MemoryError
        for at in range(self.edges_mask + 1):
            if self.edges[at].key:
                wider[_place(wider, mask, self.edges[at].key)] = self.edges[at]
        free(self.edges)
        self.edges, self.edges_mask = wider, mask
        return 0

    cdef _read_words(self, bytes sounds, list easy):
        cdef unsigned char codes[LONGEST]
        cdef Py_ssize_t size
        cdef str word
        words = sounds.count(b"\n") + 1 + len(easy)
        room = len(sounds) + sum(map(len, easy)) + 2 * words
        self.slots_mask = (1 << (2 * words).bit_length()) - 1
        self.slots = <uint32_t *> calloc(<size_t> self.slots_mask + 1, sizeof(uint32_t))
        self.listed = <unsigned char *> calloc(room, 1)
        if self.slots == NULL or self.listed == NULL:
            raise MemoryError
        if room > OFFSET:
            raise ValueError("too many words")
        self._read_sounds(sounds)
        for word in easy:
            size = self._encode(word, codes)
            if size > 0:
                self._note(codes, size)[0] |= EASY
        self.listed = <unsigned char *> _fitted(self.listed, self.listed_end)

    cdef _read_sounds(self, bytes sounds):
        cdef unsigned char codes[LONGEST]
        cdef const unsigned char *line = sounds
        cdef Py_ssize_t size, start = 0, stop, end, at
        while start < len(sounds):
            end = _find(sounds, start, len(sounds), b"\n")
            stop = _find(sounds, start, end, b"#")
            size = stop
            while size > start and b"0" <= line[size - 1] <= b"2":
                size -= 1
            syllables, size = stop - size, size - start
            if 0 < size <= LONGEST and syllables <= SYLLABLES:
                for at in range(size):
                    codes[at] = self.codes[line[start + at]] if line[start + at] < 128 else 0
                    if codes[at] == 0:
                        break
                else:
                    self._note(codes, size)[0] = HAS_SYLLABLES | <unsigned char> syllables
            start = end + 1

    cdef unsigned char *_note(self, unsigned char *word, Py_ssize_t size) noexcept:
        """The facts of a word, which is noted if it is not yet."""
        cdef Py_ssize_t at
        cdef uint64_t mixed = 0
        cdef uint32_t *slot
        for at in range(size):
            mixed = mix(mixed, word[at])
        slot = self._slot(word, size, mixed)
        if slot[0] == 0:
            slot[0] = self.listed_end + 1 | <uint32_t> (mixed >> 32) & ~OFFSET
            self.listed[self.listed_end + 1] = size
            memcpy(self.listed + self.listed_end + 2, word, size)
            self.listed_end += size + 2
        return self.listed + (slot[0] & OFFSET) - 1

    cdef Py_ssize_t _encode(self, str word, unsigned char *codes) noexcept:
        """Write a word's codes, at most 255: how many, 0 if a letter has none."""
        cdef Py_ssize_t at, size = len(word)
        cdef Py_UCS4 letter
        if size > LONGEST:
            return 0
        for at in range(size):
            letter = word[at]
            codes[at] = self.codes[letter] if letter < CODES else 0
            if codes[at] == 0 or Py_UNICODE_TOLOWER(letter) != letter:
                return 0
        return size


cdef inline bint _is(const Met *met, const unsigned char *letters, Py_ssize_t size) noexcept:
    return met.size == size and memcmp(met.letters, letters, size) == 0


cdef uint32_t _place(Edge *edges, uint32_t mask, uint32_t key) noexcept:
    """Where there is room for a new edge."""
    cdef uint32_t at = key * <uint32_t> 0x9E3779B1 >> 7 & mask
    while edges[at].key:
        at = at + 1 & mask
    return at


cdef uint32_t _write_levels(str line, unsigned char *marks, uint32_t end) noexcept:
    """Write the places and levels of a pattern such as ``a1bc3d4``; the end of what is written."""
    cdef Py_ssize_t at = 0, size = len(line)
    cdef unsigned char place = 0
    while at < size:
        if u"0" <= line[at] <= u"9":
            marks[end], marks[end + 1] = place, <unsigned char> line[at] - 48
            end += 2 * (line[at] != u"0")
            at += 1
        if at < size and not u"0" <= line[at] <= u"9":
            at += 1
        place += 1
    marks[end] = marks[end + 1] = 0
    return end + 2


cdef Py_ssize_t _find(const unsigned char *line, Py_ssize_t start, Py_ssize_t end, char mark) noexcept:
    while start < end and line[start] != mark:
        start += 1
    return start


cdef void *_fitted(void *room, size_t size) noexcept:
    """The room made as small as what is in it."""
    cdef void *fitted = realloc(room, max(size, 1))  # of nothing it would free the room
    return room if fitted == NULL else fitted
