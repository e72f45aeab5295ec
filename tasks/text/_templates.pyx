"""The compiled twin of ``templates.py``: masks lines, and gathers those that a page teaches."""

from cpython.unicode cimport (
    PyUnicode_4BYTE_KIND,
    PyUnicode_DATA,
    PyUnicode_FromKindAndData,
    PyUnicode_KIND,
    PyUnicode_READ,
    PyUnicode_Substring,
    Py_UNICODE_ISALPHA,
    Py_UNICODE_ISDECIMAL,
    Py_UNICODE_ISLINEBREAK,
    Py_UNICODE_ISSPACE,
)
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

cdef enum:
    ON_STACK = 1024  # characters: no template is asked of a longer line
    MOST_LETTERS = 31
    SPACE = 1
    ALPHA = 2
    DIGIT = 4
    AROUND = 8
    WITHIN = 16  # between the digits of a number
    INVISIBLE = 32
    BREAK = 64
    FAR = 128  # beyond ASCII

cdef unsigned char near_kinds[256]


cdef unsigned char ask_kind(Py_UCS4 c) noexcept:
    """What a character is, in flags."""
    cdef unsigned char flags = 0 if c < 128 else FAR
    if Py_UNICODE_ISALPHA(c):
        return flags | ALPHA
    if Py_UNICODE_ISSPACE(c):
        return flags | SPACE | (BREAK if Py_UNICODE_ISLINEBREAK(c) else 0)
    if Py_UNICODE_ISDECIMAL(c):
        return flags | DIGIT | WITHIN
    if c == 0x2013 or c in ".,:/-":  # a short dash
        return flags | AROUND | WITHIN
    if c == 0x2014 or c == 0xB7 or c in ";()[]|":
        return flags | AROUND
    if c == 0 or c == 0x200B or c == 0x200C or c == 0x200D or c == 0x2060 or c == 0xFEFF:
        return flags | INVISIBLE
    return flags


cdef void fill_near():
    cdef int c
    for c in range(256):
        near_kinds[c] = ask_kind(c)


fill_near()


cdef inline unsigned char kind_of(Py_UCS4 c) noexcept:
    """What a character is, in flags."""
    return near_kinds[c] if c < 256 else ask_kind(c)


cdef struct Said:
    Py_ssize_t start
    Py_ssize_t end


cdef class Masks:
    """Masks lines by a calendar.

    Args:
        calendar: Words that are masked, in small letters.
        after_times: Words that are masked after a mask.
    """

    cdef frozenset calendar, after_times
    cdef unsigned int lengths[1024]  # of the calendar's words by their first two letters, in bits
    cdef unsigned char starts[65536]  # whether a word may begin so: 0 not yet asked, 1 no, 2 yes
    cdef Py_ssize_t longest
    cdef frozenset initials

    def __init__(self, calendar, after_times):
        cdef Py_ssize_t at
        self.calendar, self.after_times = frozenset(calendar), frozenset(after_times)
        self.longest = max(map(len, self.calendar))
        self.initials = frozenset([word[0] for word in self.calendar])
        memset(self.lengths, 0, sizeof(self.lengths))
        memset(self.starts, 0, sizeof(self.starts))
        for word in filter(str.isascii, self.calendar):
            at = pair(ord(word[0]), ord(word[1]) if len(word) > 1 else 0)
            self.lengths[at] |= <unsigned int> 1 << min(<int> len(word), MOST_LETTERS)

    def mask(self, str line not None):
        """The line masked; None where nothing but masks is left."""
        cdef Py_ssize_t size = len(line)
        cdef Py_UCS4 near[ON_STACK]
        cdef Py_UCS4 *out = near
        if size > ON_STACK:
            out = <Py_UCS4 *> malloc(size * sizeof(Py_UCS4))
            if out == NULL:
                raise MemoryError
        try:
            return self.mask_part(line, 0, size, line, out)
        finally:
            if out != near:
                free(out)

    def seen(self, str text not None, spans, kept, metadata, make, Py_ssize_t longest,
             Py_ssize_t longest_paragraph, Py_ssize_t paragraph):
        """The lines of a cut page that may be furniture, one a template, in the page's order.

        Args:
            text: The page's.
            spans: Its spans.
            kept: Labels of a story's text.
            metadata: Labels of lines that teach nothing.
            make: Makes of five values what is given of a line.
            longest: Characters of a line; a longer one may be a paragraph.
            longest_paragraph: Characters of a paragraph.
            paragraph: Characters beyond which a kept line is a paragraph, for those around it.
        """
        cdef Py_ssize_t size = len(text), room = 64, count = 0, number, first, last, length, at
        cdef Py_ssize_t start, end
        cdef Said *said = <Said *> malloc(room * sizeof(Said))
        cdef Py_UCS4 out[ON_STACK]
        cdef bint is_kept, is_within
        cdef double most
        if said == NULL:
            raise MemoryError
        if longest > ON_STACK or longest_paragraph > ON_STACK:
            free(said)
            raise ValueError
        try:
            stops, paragraphs = [], {}
            for span in spans:
                if span.label != "blank":
                    start, end, _ = slice(span.start, span.end).indices(size)
                    at = count
                    add_lines(text, start, end, &said, &room, &count)
                    if span.label == "body":
                        first = last = -1
                        for number in range(at, count):
                            if said[number].end - said[number].start > paragraph:
                                last = number
                                if first < 0:
                                    first = number
                        if last >= 0:
                            before = paragraphs.get(span.article)
                            paragraphs[span.article] = (before[0] if before else first, last)
                stops.append(count)
            most = max(count - 1, 1)
            found = {}
            number = 0
            for span, stop in zip(spans, stops, strict=True):
                if span.label in metadata:
                    number = stop
                if number == stop:
                    continue
                is_kept = span.label in kept
                first = last = -1
                if span.article in paragraphs:
                    first, last = paragraphs[span.article]
                at = number
                for number in range(at, <Py_ssize_t> stop):
                    length = said[number].end - said[number].start
                    if length > longest and not (is_kept and length <= longest_paragraph):
                        continue
                    line = PyUnicode_Substring(text, said[number].start, said[number].end)
                    template = self.mask_part(
                        text, said[number].start, said[number].end, line, out
                    )
                    if template is None or (length > longest and len(template) <= longest):
                        continue
                    is_within = is_kept and first >= 0 and first < number < last
                    before = found.get(template)
                    if before is None or (is_kept and not before[3]):
                        found[template] = make((template, line, number / most, is_kept, is_within))
                    elif is_kept and before[4] and not is_within:
                        found[template] = make((template, line, number / most, True, False))
                number = stop
            return list(found.values())
        finally:
            free(said)

    cdef object mask_part(
        self, str text, Py_ssize_t start, Py_ssize_t end, str line, Py_UCS4 *out
    ):
        """A part of a text masked, ``line`` itself where that is the same; None without a word."""
        cdef int kind = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef Py_ssize_t at = start, stop, size = 0, word, first, last
        cdef unsigned char flags, every, some
        cdef bint is_masked, after_mask = False, has_word = False, is_same = True
        while True:
            while at < end and kind_of(PyUnicode_READ(kind, data, at)) & SPACE:
                at += 1
            if at == end:
                break
            stop, every, some = at, 255, 0
            while stop < end:
                flags = kind_of(PyUnicode_READ(kind, data, stop))
                if flags & SPACE:
                    break
                every &= flags
                some |= flags
                stop += 1
            if some & DIGIT:
                is_masked = False
            else:
                first, last = at, stop
                if not every & ALPHA:
                    while first < last and kind_of(PyUnicode_READ(kind, data, first)) & AROUND:
                        first += 1
                    while first < last and kind_of(PyUnicode_READ(kind, data, last - 1)) & AROUND:
                        last -= 1
                is_masked = (
                    (last - first == 1 and PyUnicode_READ(kind, data, first) == 35)
                    or self.is_of_calendar(text, kind, data, first, last, some & FAR)
                    or (after_mask and self.is_after_time(text, first, last))
                )
            # What is written is only copied where it is not as it was.
            word = size + 1 if size else 0
            if is_same and (
                is_masked
                or some & DIGIT
                or at != start + word
                or (size and PyUnicode_READ(kind, data, at - 1) != 32)
            ):
                is_same = False
                for first in range(size):
                    out[first] = PyUnicode_READ(kind, data, start + first)
            if is_same:
                size = word + stop - at
            else:
                if size and not (is_masked and after_mask):
                    out[size] = 32
                if some & DIGIT:
                    size = copy_masked(kind, data, at, stop, out, word)
                    is_masked = is_mask(out + word, size - word)
                elif not is_masked:
                    size = word
                    for first in range(at, stop):
                        out[size] = PyUnicode_READ(kind, data, first)
                        size += 1
                if is_masked and after_mask:
                    size = word - 1
                elif is_masked:
                    out[word] = 35
                    size = word + 1
            if not has_word and not is_masked:
                has_word = any_alpha(out + word, size - word) if some & DIGIT else some & ALPHA
            after_mask = is_masked
            at = stop
        if not has_word:
            return None
        if not is_same:
            return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out, size)
        return line if size == end - start else PyUnicode_Substring(text, start, start + size)

    cdef bint is_of_calendar(
        self, str text, int kind, void *data, Py_ssize_t first, Py_ssize_t last, bint may_be_far
    ) except -1:
        """Whether a word is one of the calendar's, but for case."""
        cdef Py_UCS4 initial
        cdef Py_ssize_t at, size = last - first
        if size == 0 or size > self.longest:  # no character is left out when folded
            return False
        initial = PyUnicode_READ(kind, data, first)
        if initial < 128:
            at = pair(initial, PyUnicode_READ(kind, data, first + 1) if size > 1 else 0)
            if not self.lengths[at] >> min(size, MOST_LETTERS) & 1:
                if not may_be_far:
                    return False
                for at in range(first + 1, last):
                    if PyUnicode_READ(kind, data, at) >= 128:  # may be several when folded
                        break
                else:
                    return False
        elif initial < 65536:
            if self.starts[initial] == 0:
                folded = chr(initial).casefold()
                self.starts[initial] = 1 + (folded[0] in self.initials)
            if self.starts[initial] == 1:
                return False
        return PyUnicode_Substring(text, first, last).casefold() in self.calendar

    cdef bint is_after_time(self, str text, Py_ssize_t first, Py_ssize_t last) except -1:
        """Whether a word stands after times, but for case."""
        return PyUnicode_Substring(text, first, last).casefold() in self.after_times


cdef bint is_mask(Py_UCS4 *word, Py_ssize_t size) noexcept:
    """Whether a word in which numbers are masked is a mask, but for what stands around it."""
    cdef Py_ssize_t first = 0
    while first < size and kind_of(word[first]) & AROUND:
        first += 1
    while first < size and kind_of(word[size - 1]) & AROUND:
        size -= 1
    return size - first == 1 and word[first] == 35


cdef inline Py_ssize_t pair(unsigned int one, unsigned int two) noexcept:
    """A number below 1,024 that is the same for two letters of ASCII whatever their case."""
    return (one & 31) << 5 | two & 31


cdef bint any_alpha(Py_UCS4 *word, Py_ssize_t size) noexcept:
    cdef Py_ssize_t at
    for at in range(size):
        if kind_of(word[at]) & ALPHA:
            return True
    return False


cdef Py_ssize_t copy_masked(
    int kind, void *data, Py_ssize_t at, Py_ssize_t stop, Py_UCS4 *out, Py_ssize_t size
) noexcept:
    """Copy a word with a mask for each of its numbers; the size of what is written then."""
    cdef Py_UCS4 c
    cdef Py_ssize_t last, digit
    while at < stop:
        c = PyUnicode_READ(kind, data, at)
        digit = at
        if c == 35 or c == 36 or c == 0x20AC or c == 0xA3:
            digit = at + 1
        if digit == stop or not kind_of(PyUnicode_READ(kind, data, digit)) & DIGIT:
            out[size] = c
            size += 1
            at += 1
            continue
        at = last = digit + 1
        while at < stop and kind_of(PyUnicode_READ(kind, data, at)) & WITHIN:
            at += 1
            if kind_of(PyUnicode_READ(kind, data, at - 1)) & DIGIT:
                last = at
        at = last + tail(kind, data, last, stop)
        out[size] = 35
        size += 1
    return size


cdef inline unsigned int small(int kind, void *data, Py_ssize_t at, Py_ssize_t stop) noexcept:
    """The character there as patterns that ignore case take it, where it is of a tail."""
    cdef unsigned int c = 0
    if at < stop:
        c = PyUnicode_READ(kind, data, at)
        if c == 0x17F:  # the long s
            return 115
        if 65 <= c <= 90:
            return c | 32
    return c


cdef Py_ssize_t tail(int kind, void *data, Py_ssize_t at, Py_ssize_t stop) noexcept:
    """Characters of what belongs to a number after its digits: ``st nd rd th am pm h %``."""
    cdef unsigned int one = small(kind, data, at, stop), two = small(kind, data, at + 1, stop)
    if (
        (one == 115 and two == 116)
        or ((one == 110 or one == 114) and two == 100)
        or (one == 116 and two == 104)
        or ((one == 97 or one == 112) and two == 109)
    ):
        return 2
    return 1 if one == 104 or one == 37 else 0


cdef int add_lines(
    str text, Py_ssize_t start, Py_ssize_t end, Said **said, Py_ssize_t *room, Py_ssize_t *count
) except -1:
    """Add the lines of a part of a text that say something, stripped."""
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t at = start, first = -1, last = -1
    cdef unsigned char flags
    cdef Said *more
    while at <= end:
        flags = SPACE | BREAK if at == end else kind_of(PyUnicode_READ(kind, data, at))
        if not flags & (SPACE | INVISIBLE):
            if first < 0:
                first = at
            at += 1
            while at < end and not kind_of(PyUnicode_READ(kind, data, at)) & (SPACE | INVISIBLE):
                at += 1
            last = at
            continue
        if flags & BREAK and first >= 0:
            if count[0] == room[0]:
                more = <Said *> realloc(said[0], 2 * room[0] * sizeof(Said))
                if more == NULL:
                    raise MemoryError
                said[0] = more
                room[0] *= 2
            said[0][count[0]] = Said(first, last)
            count[0] += 1
            first = -1
        at += 1
    return 0
