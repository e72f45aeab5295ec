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

cdef enum:
    SIZE = 16  # of a word or subword: so many numbers
    CODES = 8  # which give them, two each
    LEVELS = 256
    SLOTS = 1 << 14  # of 7,000 words
    GUESSES = 3

_LABEL = b"__label__"
_END = b"</s>"  # to the model a word, at the end of each text
_HEADER = struct.Struct("<2i 12i d 3i 2q")
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
    cdef uint64_t *bitmap  # of each hash of a subword, whether there is a row for it
    cdef uint32_t *ranks  # how many there are before each 64, and of words
    cdef Row *rows  # of words, then of subwords in order of their hashes
    cdef float[LEVELS] norms
    cdef float[CODES][LEVELS][2] centroids
    cdef Node *nodes  # of the tree: leaves are labels, the root is last
    cdef float *weights  # of its other nodes

    def __dealloc__(self):
        free(self.bitmap)
        free(self.ranks)
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
        except struct.error as error:
            raise ValueError("the model's file ends early") from error

    cdef _read(self, bytes data):
        header = _HEADER.unpack_from(data)
        if (*header[:3], header[7], header[8], header[9]) != _KIND or self.rows != NULL:
            raise ValueError("not a model like lid.176.ftz")
        self.bucket, self.minn, self.maxn = header[10:13]
        size, words, labels, _, pruned = header[15:]
        names, counts, at = [], [], _HEADER.size
        for _ in range(size):
            end = data.index(b"\0", at)
            names.append(data[at:end])
            counts.append(struct.unpack_from("<q", data, end + 1)[0])
            at = end + 10
        self._read_words(names[:words])
        self.labels = [name.removeprefix(_LABEL).decode() for name in names[words:]]
        order = sorted(struct.iter_unpack("<2i", _part(data, at, 8 * pruned)))
        self._note_subwords([subword for subword, _ in order], words)
        at = self._read_rows(data, at + 8 * pruned, [*range(words), *(words + n for _, n in order)])
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

    cdef _note_subwords(self, list hashes, uint32_t words):
        cdef uint32_t at, one
        cdef Py_ssize_t size = (self.bucket >> 6) + 1
        self.bitmap = <uint64_t *> calloc(size, sizeof(uint64_t))
        self.ranks = <uint32_t *> calloc(size, sizeof(uint32_t))
        if self.bitmap == NULL or self.ranks == NULL:
            raise MemoryError
        for one in hashes:
            if one >= self.bucket:
                raise ValueError("the model has a subword out of range")
            self.bitmap[one >> 6] |= <uint64_t> 1 << (one & 63)
        for at in range(size):
            self.ranks[at] = words
            words += __builtin_popcountll(self.bitmap[at])

    cdef _read_rows(self, bytes data, Py_ssize_t at, list order):
        """Read what words and subwords are, in that order; where it ends."""
        cdef Py_ssize_t place, row
        cdef const unsigned char *codes
        cdef const unsigned char *norms
        rows = len(order)
        if struct.unpack_from("<2B2qi", data, at) != (1, 1, rows, SIZE, CODES * rows):
            raise ValueError("the input of the model is not quantised, with norms")
        first = _part(data, at + 22, CODES * rows)
        at += 22 + CODES * rows
        centroids = _part(data, at + 16, sizeof(self.centroids))
        at += 16 + sizeof(self.centroids)
        second = _part(data, at, rows)
        levels = _part(data, at + rows + 16, sizeof(self.norms))
        self.rows = <Row *> calloc(rows, sizeof(Row))
        if self.rows == NULL:
            raise MemoryError
        codes, norms = first, second
        for place in range(rows):
            row = order[place]
            if not 0 <= row < rows:
                raise ValueError("the model has a row out of range")
            memcpy(self.rows[place].codes, codes + CODES * row, CODES)
            self.rows[place].norm = norms[row]
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
        cdef Py_ssize_t size, start = 0, end
        cdef const unsigned char *letters = <const unsigned char *> PyUnicode_AsUTF8AndSize(text, &size)
        cdef unsigned char *word = <unsigned char *> malloc(size + 6)  # and its brackets
        cdef float[SIZE] sums
        cdef int terms = 0, at
        cdef Guesses best
        if word == NULL:
            raise MemoryError
        for at in range(SIZE):
            sums[at] = 0
        while start < size:
            end = start
            while end < size and not _parts(letters[end]):
                end += 1
            if end > start:
                memcpy(word + 1, letters + start, end - start)
                if _is(word + 1, end - start, _END):
                    break
                if not _is(word + 1, min(end - start, 9), _LABEL):
                    terms += self._add_word(word, end - start, sums)
            start = end + 1
        memcpy(word + 1, b"</s>", 4)
        terms += self._add_known(word + 1, 4, sums)
        free(word)
        if terms == 0:
            return []
        for at in range(SIZE):
            sums[at] *= <float> (1.0 / terms)
        best.size = 0
        self._descend(sums, 2 * len(self.labels) - 2, 0, &best)
        return [(self.labels[best.labels[at]], expf(best.scores[at])) for at in range(best.size)]

    cdef int _add_word(self, unsigned char *word, Py_ssize_t size, float *sums) noexcept:
        """Add a word, which has room before and behind, and its subwords; how many that are."""
        cdef Py_ssize_t start, end
        cdef int terms = self._add_known(word + 1, size, sums), letters
        cdef uint32_t mixed, at
        cdef uint64_t bits
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
                at = mixed % self.bucket
                bits = self.bitmap[at >> 6] >> (at & 63)
                if bits & 1:
                    bits = self.bitmap[at >> 6] & ((<uint64_t> 1 << (at & 63)) - 1)
                    self._add_row(self.ranks[at >> 6] + __builtin_popcountll(bits), sums)
                    terms += 1
        return terms

    cdef int _add_known(self, const unsigned char *word, Py_ssize_t size, float *sums) noexcept:
        """Add a word itself, if it is known."""
        cdef uint32_t slot = self._slot(word, size)
        if self.slots[slot] == 0:
            return 0
        self._add_row(self.places[slot], sums)
        return 1

    cdef void _add_row(self, uint32_t row, float *sums) noexcept:
        cdef unsigned char *codes = self.rows[row].codes
        cdef float norm = self.norms[self.rows[row].norm]
        cdef int at
        for at in range(CODES):
            sums[2 * at] += norm * self.centroids[at][codes[at]][0]
            sums[2 * at + 1] += norm * self.centroids[at][codes[at]][1]

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


cdef bint _is(const unsigned char *word, Py_ssize_t size, bytes other) noexcept:
    return size == len(other) and memcmp(word, <const char *> other, size) == 0


cdef bytes _part(bytes data, Py_ssize_t start, Py_ssize_t size):
    if start + size > len(data):
        raise ValueError("the model's file ends early")
    return data[start : start + size]


cdef void *_kept(bytes data) except NULL:
    cdef void *kept = malloc(len(data))
    if kept == NULL:
        raise MemoryError
    return memcpy(kept, <const char *> data, len(data))
