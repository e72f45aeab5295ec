"""Compiled twin of ``features.py``: goes over a page's lines once, and then over their places.

numpy's some hundred calls cost more than the work where a page has few lines.
"""

import numpy as np

from cpython.object cimport PyObject_Hash
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.math cimport log1p
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport free

from tasks.text._shapes cimport TEXTS, TOPIC_COUNT, Line, log_of, read_line
from tasks.text._vocabulary cimport SEED, Vocabulary, mix, new

cdef enum:
    START = 12  # characters by which lines are alike
    MOST_INDENT = 40
    RULES = 6
    MOST_BLANKS = 6  # all that a median of at most 3 asks for

# Places in a row after those of rules, in the order of ``features.PLACE``.
cdef enum:
    AT_INDENT, AT_USUAL_INDENT, AT_BLANK_BEFORE, AT_BLANK_AFTER, AT_TWICE, AT_ALIKE,
    AT_FROM_TOP, AT_FROM_BOTTOM, AT_NEAR, AT_ABOVE, AT_BELOW, AT_SHORTS, AT_COHESION,
    AT_HEARD, AT_FIRST_WORD, AT_PROSE_SHARE, AT_LINES, AT_USUAL_BLANK, AT_MARKED,
    AT_DENSE_AROUND, PLACES

cdef int BESIDE = TEXTS + TOPIC_COUNT + RULES  # where the features of place begin
cdef int WIDTH = BESIDE + PLACES


cdef class Lines:
    """What is known of a page's lines while they are read."""

    cdef Py_ssize_t size, mask
    cdef Line *lines
    cdef int32_t *same  # place of a line and 1, by the hash of what it says
    cdef int32_t *alike  # and by that of how it begins
    cdef int64_t *running  # words of prose before each line, and at last in all
    cdef int64_t *shorts  # short lines likewise
    cdef Vocabulary words

    def __cinit__(self, Py_ssize_t size):
        if size >= 1 << 30:
            raise MemoryError
        self.size, self.mask = size, 7
        while self.mask < 2 * size:
            self.mask = 2 * self.mask + 1
        self.lines = <Line *>new(size, sizeof(Line))
        self.same = <int32_t *>new(self.mask + 1, sizeof(int32_t))
        self.alike = <int32_t *>new(self.mask + 1, sizeof(int32_t))
        self.running = <int64_t *>new(size + 1, sizeof(int64_t))
        self.shorts = <int64_t *>new(size + 1, sizeof(int64_t))
        self.words = Vocabulary()

    def __dealloc__(self):
        free(self.lines)
        free(self.same)
        free(self.alike)
        free(self.running)
        free(self.shorts)


def line_features(page, known, bits):
    """Features of each line in ``page.said``; ``bits`` is what the rules say of those ``known``."""
    cdef Py_ssize_t size = len(page.said)
    features = np.empty((size, WIDTH), np.float32)
    cdef float[:, ::1] view = features
    if size == 0:
        return features
    cdef Lines found = Lines(size)
    _read_lines(found, page, &view[0, 0])
    _read_rules(found, page.said, known, bits, &view[0, 0])
    _place_lines(found, len(page.lines) - page.said[size - 1] - 1, &view[0, 0])
    return features


cdef int _read_lines(Lines found, page, float *rows) except -1:
    """What each line says and looks like."""
    cdef list said = list(page.said), texts = list(page.texts), words = list(page.words)
    cdef list ended = list(page.is_ended), indents = list(page.lines.indents)
    cdef Py_ssize_t index, before = -1, count = len(texts)
    cdef int32_t place
    cdef int64_t total = 0, shorts = 0
    cdef Line *line
    if not count == len(words) == len(ended) == len(indents):
        raise ValueError("a page's columns are of several lengths")
    for place in range(<int32_t>found.size):
        index = said[place]
        if not before < index < count:
            raise IndexError(index)
        line = &found.lines[place]
        line.words = words[index]
        line.indent = min(<Py_ssize_t>indents[index], MOST_INDENT)
        line.blanks = <int32_t>(index - before - 1)
        before = index
        _find_twin(found, place, texts[index], texts, said)
        read_line(
            found.words, line, place, texts[index], ended[index], rows + place * WIDTH,
            BESIDE + AT_FIRST_WORD,
        )
        total += min(line.words, 150) if line.is_prose else 0
        shorts += line.words <= 4
        found.running[place + 1], found.shorts[place + 1] = total, shorts
    return 0


cdef int _find_twin(Lines found, int32_t place, str text, list texts, list said) except -1:
    """Count a line with those that say the same, and with those that begin alike."""
    cdef str other
    cdef Py_ssize_t length = len(text), start = min(length, START), at, slot
    cdef uint64_t hashed = <uint64_t><Py_ssize_t>PyObject_Hash(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    slot = mix(hashed, 0) & found.mask
    while found.same[slot]:
        at = found.same[slot] - 1
        other = texts[said[at]]
        if other is text or (len(other) == length and other == text):
            break
        slot = (slot + 1) & found.mask
    else:
        at = place
        found.same[slot] = place + 1
    found.lines[place].same = <int32_t>at
    found.lines[at].are_same += 1
    hashed = SEED
    for at in range(start):
        hashed = mix(hashed, PyUnicode_READ(kind, data, at))
    slot = hashed & found.mask
    while found.alike[slot]:
        at = found.alike[slot] - 1
        if _begins_alike(text, texts[said[at]], start):
            break
        slot = (slot + 1) & found.mask
    else:
        at = place
        found.alike[slot] = place + 1
    found.lines[place].alike = <int32_t>at
    found.lines[at].are_alike += 1
    return 0


cdef bint _begins_alike(str one, str other, Py_ssize_t start) except -1:
    """Whether another line begins with the same ``start`` characters, and has no fewer."""
    cdef int kind = PyUnicode_KIND(one), other_kind = PyUnicode_KIND(other)
    cdef void *data = PyUnicode_DATA(one)
    cdef void *other_data = PyUnicode_DATA(other)
    cdef Py_ssize_t place
    if min(len(other), START) != start:
        return False
    for place in range(start):
        if PyUnicode_READ(kind, data, place) != PyUnicode_READ(other_kind, other_data, place):
            return False
    return True


cdef int _read_rules(Lines found, said, known, bits, float *rows) except -1:
    """What the rules say of each line."""
    cdef Py_ssize_t place = 0, count = len(known), at, index
    cdef int64_t marked = 0
    cdef int rule, of_line
    cdef float *row
    for place in range(found.size):
        for rule in range(RULES):
            rows[place * WIDTH + BESIDE - RULES + rule] = 0
    place = 0
    for at in range(count):
        index = known[at]
        while <Py_ssize_t>said[place] != index:
            place += 1
            if place == found.size:
                raise IndexError(index)
        of_line = bits[at]
        row = rows + place * WIDTH + BESIDE - RULES
        for rule in range(RULES):
            row[rule] = of_line >> rule & 1
        marked += (of_line & 1) + (of_line >> 1 & 1)
    for place in range(found.size):
        rows[place * WIDTH + BESIDE + AT_MARKED] = <double>marked / <double>found.size * 2
    return 0


cdef int _place_lines(Lines found, Py_ssize_t blanks_below, float *rows) except -1:
    """How each line stands among the others."""
    cdef Py_ssize_t place, pair = 0, size = found.size, low, high, known, stop, below
    cdef int64_t words = 0, near
    cdef int64_t *running = found.running
    cdef double total = max(<double>running[size], 1.0), log_total = log1p(total)
    cdef double usual_blank, prose_share, log_size = log1p(size) / 4
    cdef int usual = _usual_indent(found)
    cdef Line *line
    cdef float *row
    cdef double[::1] logs = np.log1p(np.arange(size))
    for place in range(size):
        words += found.lines[place].words
    prose_share = total / max(<double>words, 1.0)
    usual_blank = _usual_blank(found, blanks_below)
    for place in range(size):
        line = &found.lines[place]
        row = rows + place * WIDTH + BESIDE
        below = found.lines[place + 1].blanks if place + 1 < size else blanks_below
        low, high = max(place - 5, 0), min(place + 6, size)
        near = _around(running, size, place, 3) - (running[place + 1] - running[place])
        known, stop = 0, pair + line.bag
        while pair < stop:
            known += found.words.words[found.words.pairs[pair]].prose > line.is_prose
            pair += 1
        row[AT_INDENT] = <float>line.indent / <float>10
        row[AT_USUAL_INDENT] = line.indent == usual
        row[AT_BLANK_BEFORE] = min(line.blanks, 4) / 2.0
        row[AT_BLANK_AFTER] = min(below, 4) / 2.0
        row[AT_TWICE] = found.lines[line.same].are_same > 1
        row[AT_ALIKE] = min(found.lines[line.alike].are_alike - 1, 6) / 3.0
        row[AT_FROM_TOP] = logs[place] / 4
        row[AT_FROM_BOTTOM] = logs[size - 1 - place] / 4
        row[AT_NEAR] = log_of(near) / log_total
        row[AT_ABOVE] = running[place] / total
        row[AT_BELOW] = 1 - running[place + 1] / total
        row[AT_SHORTS] = <double>(found.shorts[high] - found.shorts[low]) / <double>(high - low)
        row[AT_COHESION] = <double>known / <double>max(line.bag, 2)
        row[AT_HEARD] = log_of(known) / 2
        row[AT_PROSE_SHARE] = prose_share
        row[AT_LINES] = log_size
        row[AT_USUAL_BLANK] = usual_blank
        row[AT_DENSE_AROUND] = _around(running, size, place, 30) / total
    return 0


cdef inline int64_t _around(
    const int64_t *running, Py_ssize_t size, Py_ssize_t place, Py_ssize_t reach
) noexcept:
    """Sum of what ``running`` sums up over so many lines to each side of a line."""
    return running[min(place + reach + 1, size)] - running[max(place - reach, 0)]


cdef int _usual_indent(Lines found) noexcept:
    """The indent that most lines of prose have, the earliest of several; -1 where none is prose."""
    cdef int counts[MOST_INDENT + 1]
    cdef int best = -1, indent
    cdef Py_ssize_t place
    for indent in range(MOST_INDENT + 1):
        counts[indent] = 0
    for place in range(found.size):
        if found.lines[place].is_prose:
            counts[found.lines[place].indent] += 1
    for place in range(found.size):
        indent = found.lines[place].indent
        if found.lines[place].is_prose and (best < 0 or counts[indent] > counts[best]):
            best = indent
    return best


cdef double _usual_blank(Lines found, Py_ssize_t blanks_below) noexcept:
    """The median of the blank lines under lines of prose, as a feature; 1 where none is prose."""
    cdef int64_t counts[MOST_BLANKS + 1]
    cdef Py_ssize_t place, total = 0, blanks
    for blanks in range(MOST_BLANKS + 1):
        counts[blanks] = 0
    for place in range(found.size):
        if found.lines[place].is_prose:
            blanks = found.lines[place + 1].blanks if place + 1 < found.size else blanks_below
            counts[min(blanks, MOST_BLANKS)] += 1
            total += 1
    if total == 0:
        return 0.5
    return min(
        <double>(_ranked(counts, total // 2) + _ranked(counts, (total - 1) // 2)) / 2, 3.0
    ) / 2


cdef int _ranked(const int64_t *counts, int64_t rank) noexcept:
    """Which number is the one of a rank, from 0, where each number is counted."""
    cdef int number = 0
    while rank >= counts[number]:
        rank -= counts[number]
        number += 1
    return number
