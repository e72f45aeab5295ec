"""The compiled twin of ``measures.py``."""

from cpython.unicode cimport (
    Py_UNICODE_ISSPACE,
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memchr, memcmp

from tasks.text._slices cimport Slices, add_slice, is_same, table_room


def measure_lines(str text, str ends, str bullets, str dashes, Py_ssize_t short):
    """The values of ``measures.LineShares``, in order."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Slices lines = Slices(NULL, 0, 0)
    cdef Slices paragraphs = Slices(NULL, 0, 0)
    cdef Py_ssize_t place = 0, end, line, paragraph, feeds
    cdef Py_ssize_t ended = 0, bulleted = 0, trailing = 0, shorter = 0
    cdef uint32_t code
    cdef bint is_broken
    try:
        while place < size and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, place)):
            place += 1
        line = paragraph = place
        while place < size:
            while place < size and not Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, place)):
                place += 1
            end = place
            feeds, is_broken = 0, False
            while place < size:
                code = PyUnicode_READ(kind, data, place)
                if not Py_UNICODE_ISSPACE(code):
                    break
                feeds += code == 10
                is_broken = is_broken or _breaks(code)
                place += 1
            if is_broken or place == size:
                add_slice(&lines, <uint8_t *> data, kind, line, end)
                ended += _ends_in(kind, data, line, end, ends)
                bulleted += _starts_with(kind, data, line, end, bullets, dashes)
                trailing += _trails_off(kind, data, line, end)
                shorter += end - line < short
                line = place
            if feeds > 1 or place == size:
                add_slice(&paragraphs, <uint8_t *> data, kind, paragraph, end)
                paragraph = place
        if lines.count == 0:
            return (0.0,) * 8
        return (
            <double> ended / lines.count,
            <double> bulleted / lines.count,
            <double> trailing / lines.count,
            <double> shorter / lines.count,
            *_shares_of_duplicates(&lines, <uint8_t *> data, kind),
            *_shares_of_duplicates(&paragraphs, <uint8_t *> data, kind),
        )
    finally:
        free(lines.at)
        free(paragraphs.at)


cdef inline bint _breaks(uint32_t code) noexcept:
    """Whether ``str.splitlines`` parts lines there."""
    return 10 <= code <= 13 or 0x1C <= code <= 0x1E or code in (0x85, 0x2028, 0x2029)


cdef inline bint _is_one_of(uint32_t code, str marks) noexcept:
    cdef int kind = PyUnicode_KIND(marks)
    cdef void *data = PyUnicode_DATA(marks)
    cdef Py_ssize_t place
    for place in range(PyUnicode_GET_LENGTH(marks)):
        if PyUnicode_READ(kind, data, place) == code:
            return True
    return False


cdef bint _ends_in(int kind, void *data, Py_ssize_t start, Py_ssize_t end, str ends) noexcept:
    """Whether one of ``ends`` closes a line, but for brackets."""
    cdef uint32_t code
    while end > start:
        code = PyUnicode_READ(kind, data, end - 1)
        if code != 41 and code != 93:  # ) ]
            return _is_one_of(code, ends)
        end -= 1
    return False


cdef bint _starts_with(
    int kind, void *data, Py_ssize_t start, Py_ssize_t end, str bullets, str dashes
) noexcept:
    cdef uint32_t code = PyUnicode_READ(kind, data, start)
    if end - start > 1 and PyUnicode_READ(kind, data, start + 1) == 32 and _is_one_of(code, dashes):
        return True
    return _is_one_of(code, bullets)


cdef bint _trails_off(int kind, void *data, Py_ssize_t start, Py_ssize_t end) noexcept:
    """Whether a line ends with an ellipsis, of one character or three."""
    cdef Py_ssize_t place
    if PyUnicode_READ(kind, data, end - 1) == 0x2026:
        return True
    if end - start < 3:
        return False
    for place in range(end - 3, end):
        if PyUnicode_READ(kind, data, place) != 46:
            return False
    return True


cdef _shares_of_duplicates(const Slices *slices, const uint8_t *data, int kind):
    """As ``repetition.shares_of_duplicates``, of at least one slice."""
    cdef Py_ssize_t room = table_room(slices.count), place, again = 0, held = 0, characters = 0, size
    cdef Py_ssize_t *seen = <Py_ssize_t *> calloc(room, sizeof(Py_ssize_t))
    cdef uint64_t at
    if seen == NULL:
        raise MemoryError
    for place in range(slices.count):
        size = slices.at[place].end - slices.at[place].start
        characters += size
        at = slices.at[place].hash & room - 1
        while seen[at] and not is_same(data, kind, &slices.at[seen[at] - 1], &slices.at[place]):
            at = at + 1 & room - 1
        if seen[at]:
            again += 1
            held += size
        else:
            seen[at] = place + 1
    free(seen)
    return <double> again / slices.count, <double> held / characters


cdef class Finder:
    """Finds which of some phrases a text has, whatever its case. They are of ASCII."""

    cdef tuple phrases
    cdef list written
    cdef list anchors

    def __init__(self, phrases):
        self.phrases = tuple(phrases)
        self.written = [phrase.encode("ascii") for phrase in phrases]
        # where the letter stands by which a phrase is looked for: the rarest
        self.anchors = [
            min(range(len(phrase)), key=lambda at: _COMMON.find(phrase[at])) for phrase in phrases
        ]

    def find(self, str text):
        """A frozenset of phrases; None of a text that has letters whose folding is Python's."""
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), place
        cdef uint8_t *folded = <uint8_t *> malloc(2 * size + 1)
        cdef bytes written
        if folded == NULL:
            raise MemoryError
        try:
            size = _fold(text, size, folded, text.isascii())
            if size < 0:
                return None
            found = []
            for place in range(len(self.phrases)):
                written = self.written[place]
                if _has(folded, size, written, len(written), self.anchors[place]):
                    found.append(self.phrases[place])
            return frozenset(found)
        finally:
            free(folded)


_COMMON = "{}zqxjkvbpygfwmucldrhsnioate "


cdef Py_ssize_t _fold(str text, Py_ssize_t size, uint8_t *folded, bint is_ascii) noexcept:
    """What is ASCII in the case-folded text, and a byte of 255 for all else; -1 for odd letters."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef const uint8_t *bytes_ = <const uint8_t *> data
    cdef Py_ssize_t place, used = 0
    cdef uint32_t code
    if is_ascii:
        for place in range(size):
            folded[place] = bytes_[place] | <uint8_t> (65 <= bytes_[place] <= 90) << 5
        return size
    for place in range(size):
        code = PyUnicode_READ(kind, data, place)
        if code < 0x80:
            folded[used] = code | <uint8_t> (65 <= code <= 90) << 5
        elif code == 0xDF:  # ß
            folded[used] = folded[used + 1] = 115
            used += 1
        elif _folds_to_ascii(code):
            return -1
        else:
            folded[used] = 0xFF
        used += 1
    return used


cdef inline bint _folds_to_ascii(uint32_t code) noexcept:
    """Whether there may be ASCII in what a character beyond ASCII becomes, ß aside."""
    if code < 0x1E96:
        return code in (0x130, 0x149, 0x17F, 0x1F0)
    return code <= 0x1E9E or code == 0x212A or 0xFB00 <= code <= 0xFB06


cdef bint _has(
    const uint8_t *folded,
    Py_ssize_t size,
    const uint8_t *phrase,
    Py_ssize_t length,
    Py_ssize_t anchor,
) noexcept:
    cdef const uint8_t *at = folded + anchor
    cdef const uint8_t *end = folded + size - (length - 1 - anchor)  # of where the anchor may stand
    if size < length:
        return False
    while at < end:
        at = <const uint8_t *> memchr(at, phrase[anchor], end - at)
        if at == NULL:
            return False
        if memcmp(at - anchor, phrase, length) == 0:
            return True
        at += 1
    return False


def has_two(str text, words, Py_ssize_t longest):
    """Whether two of a text's pieces are ``words``, of at most ``longest`` letters, in any case."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), start = 0, end, found = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    while start < size:
        end = start
        while end < size and not Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, end)):
            end += 1
        # folded it may have more letters, but not fewer
        if 0 < end - start <= longest and text[start:end].casefold() in words:
            found += 1
            if found == 2:
                return True
        start = end + 1
    return False


def ends_sentences(str text, Py_ssize_t least, str marks, str closers, str others):
    """Whether so many sentences end in a text.

    One ends with a run of marks, maybe closed by others, before white space or the text's end; or
    with a run of the other marks, whatever follows. In ASCII marks lie between ``!`` and ``?``.
    """
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), place = 0, found = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef uint32_t code
    while place < size and found < least:
        code = PyUnicode_READ(kind, data, place)
        if 63 < code < 128 or code < 33:  # letters and spaces: most of a text
            place += 1
        elif _is_one_of(code, marks):
            place = _skip(kind, data, place, size, marks)
            place = _skip(kind, data, place, size, closers)
            found += place == size or Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, place))
        elif code > 127 and _is_one_of(code, others):
            place = _skip(kind, data, place, size, others)
            found += 1
        else:
            place += 1
    return found >= least


cdef Py_ssize_t _skip(
    int kind, void *data, Py_ssize_t place, Py_ssize_t size, str marks
) noexcept:
    """Where a run of some marks ends."""
    while place < size and _is_one_of(PyUnicode_READ(kind, data, place), marks):
        place += 1
    return place


def count_characters(str text, Py_ssize_t start, Py_ssize_t end):
    """Characters from ``start`` to ``end`` that are not white space."""
    cdef Py_ssize_t place, found = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    for place in range(max(start, 0), min(end, PyUnicode_GET_LENGTH(text))):
        found += not Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, place))
    return found
