"""What ``language.py`` asks of fastText, at a fourth of its time: prediction with lid.176.ftz.

The same sums in the same order, of the same 32 bits; but what is looked up lies close together,
and a bitmap of their hashes tells which subwords the model has. Source: Joulin et al. 2016,
FastText.zip (arXiv 1612.03651), and fastText 0.9.2's file format.
"""

import struct

from libc.math cimport expf, log
from libc.stdint cimport int8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcmp, memcpy

cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL

cdef extern from *:
    int __builtin_popcountll(uint64_t bits) noexcept
    void __builtin_prefetch(const void *place) noexcept

cdef enum:
    SIZE = 16  # of a word or subword: so many numbers
    CODES = 8  # which give them, two each
    LEVELS = 256
    SLOTS = 1 << 14  # of 7,000 words
    CELL = 48  # hashes that one number tells of; above their bits it has the row of the first
    KNOWN = 1 << 31  # marks a row, where else is a hash
    GUESSES = 3

_LABEL = b"__label__"
_HEADER = struct.Struct("<2i 12i d 3i 2q")
cdef uint64_t FIRST = (<uint64_t> 1 << CELL) - 1
# magic number, version; numbers of a word, of words a term, loss (tree), model (supervised)
_KIND = (793712314, 12, SIZE, 1, 1, 3)


cdef struct Row:
    unsigned char codes[CODES]
    unsigned char norm


cdef struct Node:
    int left, right


cdef struct Guesses:
    int size
    float scores[GUESSES]  # highest first
    int labels[GUESSES]


cdef class Model:
    """The model, ready to predict."""

    cdef list labels
    cdef bytes names  # of words, each behind its size
    cdef uint32_t[SLOTS] slots  # where a word's size is in names, and which it is
    cdef uint32_t[SLOTS] places
    cdef uint32_t bucket
    cdef int minn, maxn
    cdef uint64_t *cells  # of each hash of a subword, whether there is a row for it
    cdef Row *rows  # of words, then of subwords in order of their hashes
    cdef float[LEVELS] norms
    cdef float[CODES][LEVELS][2] centroids
    cdef Node *nodes  # of the tree: leaves are labels, the root is last
    cdef float *weights  # of its other nodes

    def __dealloc__(self):
        free(self.cells)
        free(self.rows)
        free(self.nodes)
        free(self.weights)

    def __init__(self, bytes data):
        """Read a model.

        Raises:
            ValueError: it is of another kind than lid.176.ftz.
        """
        try:
            self._read(data)
        except (struct.error, OverflowError) as error:
            raise ValueError("the model's file is broken") from error

    cdef _read(self, bytes data):
        header = _HEADER.unpack_from(data)
        if (*header[:3], header[7], header[8], header[9]) != _KIND or self.rows != NULL:
            raise ValueError("not a model like lid.176.ftz")
        self.bucket, self.minn, self.maxn = header[10:13]
        size, words, labels, _, pruned = header[15:]
        if not 0 < self.minn <= self.maxn < 256 or self.bucket == 0 or size != words + labels > words:
            raise ValueError("not a model like lid.176.ftz")
        names, counts, at = [], [], _HEADER.size
        for _ in range(size):
            end = data.index(b"\0", at)
            names.append(data[at:end])
            counts.append(struct.unpack_from("<q", data, end + 1)[0])
            at = end + 10
        self._read_words(names[:words])
        self.labels = [name.removeprefix(_LABEL).decode() for name in names[words:]]
        subwords = _part(data, at, 8 * pruned)
        self._note_subwords(subwords, words)
        at = self._read_rows(data, at + 8 * pruned, subwords, words)
        self._grow_tree(counts[words:])
        if struct.unpack_from("<?2q", data, at) != (False, labels, SIZE):
            raise ValueError("the output of the model is quantised")
        weights = _part(data, at + 17, 4 * SIZE * labels)
        self.weights = <float *> _kept(weights)

    cdef _read_words(self, list names):
        cdef uint32_t at, place, slot
        if 2 * len(names) > SLOTS:
            raise ValueError("the model has too many words")
        kept = [name for name in names if len(name) < 256]
        self.names = b"\0" + b"".join(bytes([len(name)]) + name for name in kept)
        at = 1
        for place, name in enumerate(names):
            if len(name) < 256:
                slot = self._slot(name, len(name))
                self.slots[slot], self.places[slot] = at, place
                at += 1 + len(name)

    cdef _note_subwords(self, bytes subwords, Py_ssize_t words):
        """Note which hashes there are, by pairs of a hash and which of their rows it has."""
        cdef Py_ssize_t size = self.bucket // CELL + 1, at
        cdef uint64_t row = words
        cdef uint32_t[2] pair
        if words + len(subwords) // 8 >= 1 << 16:
            raise ValueError("the model has too many rows")
        self.cells = <uint64_t *> calloc(size, sizeof(uint64_t))
        if self.cells == NULL:
            raise MemoryError
        for at in range(0, len(subwords), 8):
            memcpy(pair, <const char *> subwords + at, 8)
            if pair[0] >= self.bucket:
                raise ValueError("the model has a subword out of range")
            self.cells[pair[0] // CELL] |= <uint64_t> 1 << pair[0] % CELL
        for at in range(size):
            self.cells[at] |= row << CELL
            row += __builtin_popcountll(self.cells[at] & FIRST)

    cdef Py_ssize_t _read_rows(
        self, bytes data, Py_ssize_t at, bytes subwords, Py_ssize_t words
    ) except -1:
        """Read what words are, and subwords, in order of their hashes; where it ends."""
        cdef Py_ssize_t place, rows = words + len(subwords) // 8
        cdef uint32_t[2] pair
        if struct.unpack_from("<2B2qi", data, at) != (1, 1, rows, SIZE, CODES * rows):
            raise ValueError("the input of the model is not quantised, with norms")
        codes = _part(data, at + 22, CODES * rows)
        at += 22 + CODES * rows
        centroids = _part(data, at + 16, sizeof(self.centroids))
        at += 16 + sizeof(self.centroids)
        norms = _part(data, at, rows)
        levels = _part(data, at + rows + 16, sizeof(self.norms))
        self.rows = <Row *> calloc(rows, sizeof(Row))
        if self.rows == NULL:
            raise MemoryError
        for place in range(words):
            _fill(self.rows + place, codes, norms, place)
        for place in range(0, len(subwords), 8):
            memcpy(pair, <const char *> subwords + place, 8)
            if pair[1] >= rows - words:
                raise ValueError("the model has a row out of range")
            _fill(self.rows + self._row(pair[0]), codes, norms, words + pair[1])
        memcpy(self.centroids, <const char *> centroids, sizeof(self.centroids))
        memcpy(self.norms, <const char *> levels, sizeof(self.norms))
        return at + rows + 16 + sizeof(self.norms)

    cdef _grow_tree(self, list counts):
        """Join the two rarest until all are one: Huffman's code. Labels come by falling count."""
        size = len(counts)
        self.nodes = <Node *> calloc(2 * size, sizeof(Node))
        if self.nodes == NULL:
            raise MemoryError
        counts = counts + [1 << 60] * size
        leaf, node = size - 1, size
        for joined in range(size, 2 * size - 1):
            pair = []
            for _ in range(2):
                if leaf >= 0 and counts[leaf] < counts[node]:
                    pair.append(leaf)
                    leaf -= 1
                else:
                    pair.append(node)
                    node += 1
            counts[joined] = counts[pair[0]] + counts[pair[1]]
            self.nodes[<Py_ssize_t> joined] = Node(pair[0], pair[1])

    def predict(self, str text):
        """The three languages that a text is most probably in, and how probably; best first."""
        cdef Py_ssize_t size
        cdef const char *letters = PyUnicode_AsUTF8AndSize(text, &size)
        cdef float[SIZE] sums
        cdef Py_ssize_t terms
        cdef int at
        cdef Guesses best
        # a word in brackets, and for each of its bytes, brackets too, terms
        cdef unsigned char *word = <unsigned char *> malloc(size + 6)
        cdef uint32_t *found = <uint32_t *> malloc((2 * size + 8) * self.maxn * sizeof(uint32_t))
        try:
            if word == NULL or found == NULL:
                raise MemoryError
            terms = self._find_terms(<const unsigned char *> letters, size, word, found)
            terms = self._add_up(found, terms, sums)
        finally:
            free(word)
            free(found)
        if terms == 0:
            return []
        for at in range(SIZE):
            sums[at] *= <float> (1.0 / terms)
        best.size = 0
        self._descend(sums, 2 * len(self.labels) - 2, 0, &best)
        return [(self.labels[best.labels[at]], expf(best.scores[at])) for at in range(best.size)]

    cdef Py_ssize_t _find_terms(
        self, const unsigned char *letters, Py_ssize_t size, unsigned char *word, uint32_t *found
    ) noexcept:
        """List the words of a text that are known, by row, and the hashes of all subwords."""
        cdef Py_ssize_t start = 0, end, terms = 0
        while start < size:
            end = start
            while end < size and not _parts(letters[end]):
                end += 1
            if end > start:
                memcpy(word + 1, letters + start, end - start)
                if end - start == 4 and memcmp(word + 1, b"</s>", 4) == 0:
                    break
                if end - start < 9 or memcmp(word + 1, b"__label__", 9) != 0:
                    terms += self._list_word(word, end - start, found + terms)
            start = end + 1
        memcpy(word + 1, b"</s>", 4)  # to the model a word, at the end of each text
        return terms + self._list_known(word + 1, 4, found + terms)

    cdef Py_ssize_t _list_word(
        self, unsigned char *word, Py_ssize_t size, uint32_t *found
    ) noexcept:
        """List a word, which has room before and behind, and its subwords; how many that are."""
        cdef Py_ssize_t start, end, terms = self._list_known(word + 1, size, found)
        cdef int letters
        cdef uint32_t mixed
        word[0], word[size + 1] = b"<", b">"
        for start in range(size + 2):
            if word[start] & 0xC0 == 0x80:
                continue
            mixed, end = 2166136261, start
            for letters in range(1, self.maxn + 1):
                if end == size + 2:
                    break
                mixed, end = _mix(mixed, word[end]), end + 1
                while end < size + 2 and word[end] & 0xC0 == 0x80:
                    mixed, end = _mix(mixed, word[end]), end + 1
                if letters < self.minn or letters == 1 and (start == 0 or end == size + 2):
                    continue
                found[terms] = mixed % self.bucket
                __builtin_prefetch(self.cells + found[terms] // CELL)
                terms += 1
        return terms

    cdef Py_ssize_t _list_known(
        self, const unsigned char *word, Py_ssize_t size, uint32_t *found
    ) noexcept:
        """List a word itself, if it is known."""
        cdef uint32_t slot = self._slot(word, size)
        if self.slots[slot] == 0:
            return 0
        found[0] = KNOWN | self.places[slot]
        __builtin_prefetch(self.rows + self.places[slot])
        return 1

    cdef Py_ssize_t _add_up(self, uint32_t *found, Py_ssize_t terms, float *sums) noexcept:
        """Add up the rows of what is listed; how many there are."""
        cdef Py_ssize_t term, rows = 0
        cdef unsigned char *codes
        cdef float norm
        cdef int at
        for term in range(terms):
            if found[term] & KNOWN:
                found[rows] = found[term] ^ KNOWN
                rows += 1
                continue
            if self.cells[found[term] // CELL] >> found[term] % CELL & 1:
                found[rows] = self._row(found[term])
                __builtin_prefetch(self.rows + found[rows])
                rows += 1
        for at in range(SIZE):
            sums[at] = 0
        for term in range(rows):
            codes = self.rows[found[term]].codes
            norm = self.norms[self.rows[found[term]].norm]
            for at in range(CODES):
                sums[2 * at] += norm * self.centroids[at][codes[at]][0]
                sums[2 * at + 1] += norm * self.centroids[at][codes[at]][1]
        return rows

    cdef inline uint32_t _row(self, uint32_t mixed) noexcept:
        """The row of a subword that has one."""
        cdef uint64_t cell = self.cells[mixed // CELL]
        cdef uint64_t before = (<uint64_t> 1 << mixed % CELL) - 1
        return (cell >> CELL) + __builtin_popcountll(cell & before)

    cdef uint32_t _slot(self, const unsigned char *word, Py_ssize_t size) noexcept:
        """Where a word is noted, or would be."""
        cdef const unsigned char *names = self.names
        cdef uint32_t mixed = 2166136261, slot
        cdef Py_ssize_t at
        for at in range(size):
            mixed = _mix(mixed, word[at])
        slot = (mixed ^ mixed >> 15) & SLOTS - 1
        while self.slots[slot]:
            at = self.slots[slot]
            if names[at] == size and memcmp(names + at + 1, word, size) == 0:
                break
            slot = slot + 1 & SLOTS - 1
        return slot

    cdef void _descend(self, const float *sums, int node, float score, Guesses *best) noexcept:
        """Find the most probable labels under a node, which has that logarithm of a chance."""
        cdef int labels = len(self.labels), at
        cdef float weight = 0, chance
        cdef const float *weights
        if score < _logarithm(0) or best.size == GUESSES and score < best.scores[GUESSES - 1]:
            return
        if node < labels:
            at = best.size if best.size < GUESSES else GUESSES - 1
            best.size = at + 1
            while at and best.scores[at - 1] < score:
                best.scores[at], best.labels[at] = best.scores[at - 1], best.labels[at - 1]
                at -= 1
            best.scores[at], best.labels[at] = score, node
            return
        weights = self.weights + SIZE * (node - labels)
        for at in range(SIZE):
            weight += weights[at] * sums[at]
        chance = <float> (1.0 / <float> (1 + expf(-weight)))
        self._descend(sums, self.nodes[node].left, score + _logarithm(<float> (1.0 - chance)), best)
        self._descend(sums, self.nodes[node].right, score + _logarithm(chance), best)


cdef inline uint32_t _mix(uint32_t mixed, unsigned char byte) noexcept:
    """FNV-1a, of bytes with a sign, as fastText has it."""
    return (mixed ^ <uint32_t> <int8_t> byte) * 16777619


cdef inline float _logarithm(float chance) noexcept:
    return <float> log(chance + 1e-5)


cdef inline bint _parts(unsigned char letter) noexcept:
    """Whether it parts words."""
    return letter == 32 or 9 <= letter <= 13 or letter == 0


cdef void _fill(Row *row, bytes codes, bytes norms, Py_ssize_t place) noexcept:
    memcpy(row.codes, <const char *> codes + CODES * place, CODES)
    row.norm = (<const unsigned char *> norms)[place]


cdef bytes _part(bytes data, Py_ssize_t start, Py_ssize_t size):
    if start + size > len(data):
        raise ValueError("the model's file ends early")
    return data[start : start + size]


cdef void *_kept(bytes data) except NULL:
    cdef void *kept = malloc(len(data))
    if kept == NULL:
        raise MemoryError
    return memcpy(kept, <const char *> data, len(data))
