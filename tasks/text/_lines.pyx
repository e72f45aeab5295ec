"""The compiled twin of ``lines.py`` and of what ``marks.py`` asks of lines: all in one pass."""

from cpython.unicode cimport (
    PyUnicode_1BYTE_DATA,
    PyUnicode_1BYTE_KIND,
    PyUnicode_2BYTE_DATA,
    PyUnicode_2BYTE_KIND,
    PyUnicode_4BYTE_DATA,
    PyUnicode_DATA,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_Substring,
    Py_UNICODE_ISDIGIT,
    Py_UNICODE_ISSPACE,
)
from libc.stdlib cimport free, malloc, realloc

cdef enum:
    BREAK = 1
    SPACE = 2
    HIDDEN = 4  # nobody sees it at the ends of a line
    CLOSING = 8  # may stand after the end of a sentence
    END = 16  # ends a sentence
    DENSE = 32  # of a script that writes no spaces

cdef enum:
    PROSE_WORDS = 12  # marks.PROSE_WORDS

ctypedef fused Char:
    unsigned char
    unsigned short
    unsigned int

cdef struct Shape:
    Py_ssize_t start  # of the line
    Py_ssize_t first  # of what it says
    Py_ssize_t last  # one past it
    Py_ssize_t end  # of the line, its break included
    Py_ssize_t indent
    Py_ssize_t words
    bint is_ended
    bint is_item

cdef unsigned char table[256]


def columns(str text not None):
    """A text's lines in columns.

    Returns:
        Starts, ends, what each line says, indents and whether it is a list's item, as ``Lines``
        has them; then words, whether each is ended as a sentence is, the indexes of those that are
        not blank, and the words of sentences before each of these.
    """
    cdef Py_ssize_t size = 0, at, prose = 0
    cdef Shape *shapes = read_all(text, &size)
    cdef list running = [0]
    try:
        for at in range(size):
            if shapes[at].last > shapes[at].first:
                if shapes[at].words >= (PROSE_WORDS if shapes[at].is_ended else 3 * PROSE_WORDS):
                    prose += shapes[at].words
                running.append(prose)
        return (
            [shapes[at].start for at in range(size)],
            [shapes[at].end for at in range(size)],
            [PyUnicode_Substring(text, shapes[at].first, shapes[at].last) for at in range(size)],
            [shapes[at].indent for at in range(size)],
            [shapes[at].is_item for at in range(size)],
            [shapes[at].words for at in range(size)],
            [shapes[at].is_ended for at in range(size)],
            [at for at in range(size) if shapes[at].last > shapes[at].first],
            running,
        )
    finally:
        free(shapes)


cpdef bint has_digit(str text):
    """Whether a character of it is a figure, in any script."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t at
    cdef Py_UCS4 c
    for at in range(len(text)):
        c = PyUnicode_READ(kind, data, at)
        if 48 <= c <= 57 or (c >= 128 and Py_UNICODE_ISDIGIT(c)):
            return True
    return False


cdef Shape *read_all(str text, Py_ssize_t *count) except NULL:
    """The shapes of a text's lines, to be freed."""
    cdef unsigned int kind = PyUnicode_KIND(text)
    cdef Py_ssize_t size = len(text), room = size // 64 + 16, at = 0
    cdef Shape *shapes = <Shape *> malloc(room * sizeof(Shape))
    cdef Shape *more
    if shapes == NULL:
        raise MemoryError
    while at < size:
        if count[0] == room:
            more = <Shape *> realloc(shapes, 2 * room * sizeof(Shape))
            if more == NULL:
                free(shapes)
                raise MemoryError
            shapes = more
            room *= 2
        if kind == PyUnicode_1BYTE_KIND:
            at = read_line(<unsigned char *> PyUnicode_1BYTE_DATA(text), at, size, &shapes[count[0]])
        elif kind == PyUnicode_2BYTE_KIND:
            at = read_line(<unsigned short *> PyUnicode_2BYTE_DATA(text), at, size, &shapes[count[0]])
        else:
            at = read_line(<unsigned int *> PyUnicode_4BYTE_DATA(text), at, size, &shapes[count[0]])
        count[0] += 1
    return shapes


cdef Py_ssize_t read_line(Char *data, Py_ssize_t at, Py_ssize_t size, Shape *shape) noexcept:
    """The shape of the line that begins there, and one past its end."""
    cdef Py_ssize_t first = -1, last = at, words = 0, met = 0, dense = 0, start = at
    cdef unsigned char flags
    cdef bint is_ended = False, was_ended = False, is_within = False, is_blank
    while at < size and table_of(data[at]) & (SPACE | BREAK) == SPACE:
        at += 1
    shape.indent = at - start
    is_blank = at == size or table_of(data[at]) & BREAK
    while at < size:
        flags = table_of(data[at])
        if flags == 0:  # most letters
            if first < 0:
                first, met = at, 1
            elif not is_within:
                met += 1
            at += 1
            while at < size and table_of(data[at]) == 0:
                at += 1
            is_within, is_ended = True, False
            last, words, was_ended = at, met, False
            continue
        if flags & BREAK:
            break
        if flags & SPACE:
            is_within = False
        else:
            if not is_within:
                is_within = True
                met += 1
            if flags & DENSE:
                dense += 1
        if first < 0 and not flags & (SPACE | HIDDEN):
            first, met, is_ended = at, 1, False
        if not flags & CLOSING:
            is_ended = flags & END
        if not flags & (SPACE | HIDDEN):
            last, words, was_ended = at + 1, met, is_ended
        at += 1
    if at < size:
        at += 2 if data[at] == 13 and at + 1 < size and data[at + 1] == 10 else 1
    if is_blank:
        shape.indent = at - start
    shape.start, shape.end = start, at
    shape.first, shape.last = (first, last) if first >= 0 else (start, start)
    shape.words, shape.is_ended = max(words, dense // 2), was_ended
    shape.is_item = first >= 0 and has_bullet(data, first, last)
    return at


cdef bint has_bullet(Char *data, Py_ssize_t at, Py_ssize_t last) noexcept:
    """Whether what a line says begins with a list's bullet and white space."""
    cdef Py_ssize_t stop = at + 1
    if not <Py_UCS4> data[at] in "*+•◦▪▸►●○‣∙·–—-o":
        return False
    while stop < last and table_of(data[stop]) & SPACE:
        stop += 1
    return stop > at + 1 and (data[at] != 111 or stop <= at + 5)  # o


cdef inline unsigned char table_of(unsigned int c) noexcept:
    return table[c] if c < 256 else flags_of(c)


cdef unsigned char flags_of(Py_UCS4 c) noexcept:
    cdef unsigned char flags = 0
    if c in "\n\r\x0b\x0c\x85\u2028\u2029":
        flags |= BREAK
    if Py_UNICODE_ISSPACE(c):
        flags |= SPACE
    if c in "\u200b\u200c\u200d\u2060\ufeff\x00":
        flags |= HIDDEN
    if c in "\"'”’»)]›“‘」』* \xa0":
        flags |= CLOSING
    if c in ".!?…。！？؟۔।｡":
        flags |= END
    if 0x3040 <= c <= 0x30FF or 0x3400 <= c <= 0x9FFF or 0x0E00 <= c <= 0x0E7F:
        flags |= DENSE
    return flags


for _code in range(256):
    table[_code] = flags_of(_code)
