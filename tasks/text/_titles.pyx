"""The compiled twin of ``titles.py``'s search for the headline.

Each candidate's worth is summed as Python sums it. What costs most is asked last, and only of
lines that could still win with all that is left to ask.
"""

import re

from cpython.unicode cimport (
    PyUnicode_GET_LENGTH,
    PyUnicode_READ_CHAR,
    Py_UNICODE_ISALNUM,
    Py_UNICODE_ISDECIMAL,
    Py_UNICODE_ISLOWER,
    Py_UNICODE_ISSPACE,
    Py_UNICODE_TOLOWER,
)
from libc.math cimport log1p

from tasks.text._dates cimport may_hold_date
from tasks.text._lines cimport has_digit
from tasks.text._names cimport may_be_byline
from tasks.text._told cimport Told
from tasks.text.dates import find_date
from tasks.text.marks import is_date_line, same_line
from tasks.text.names import clean_name, is_person
from tasks.text.names import _is_byline as is_byline
from tasks.text.words import NO_NAME

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)

# The limits of titles.py and marks.py, by their names there.
cdef enum:
    HEAD_LINES = 80
    FIRST_LINES = 6
    BELOW = 4
    MOST_LINES = 90
    SHORT_NOTE = 8
    MOST_WORDS = 40
    LONGEST_TITLE = 240
    LONGEST_DATED = 140
    PROSE_WORDS = 12
    KEPT = 200
    OPENING = 5
    SHAPED = 9
    RESTING = 7
    SAYING = 27

cdef enum:
    APART_ABOVE, APART_BELOW, CAPITALS, COLON, COMMA, CREDIT, DATE_ABOVE, DATE_NEAR, DATE_NEXT
    DATED, DEEP, DIGITS, DISTANCE, EDGE, FEW, FIRST, HEADING, HOME, INDENTED, INSIDE, ITEM, LISTED
    LISTED_ABOVE, LONGEST, MANY, MENU, MOST, NUMBERED, OFTEN, ONE, OPENED, OUTDENTED, PATH, PERIOD
    PERSON, PROSE_BETWEEN, PROSE_NEXT, SMALL, SOME, TOLD, TOLD_NUMBER, TOP, TWICE, TWO, WITHIN
    FEATURES

NAMES = (
    "apart_above apart_below capitals colon comma credit date_above date_near date_next "
    "dated deep digits distance edge few first heading home indented inside item listed "
    "listed_above longest many menu most numbered often one opening outdented path period "
    "person prose_between prose_next small some told told_number top twice two within"
).split()
assert len(NAMES) == FEATURES

cdef int *SHAPES = [NUMBERED, HOME, PERIOD, COMMA, COLON, EDGE, SMALL, CAPITALS, DIGITS]
cdef int *REST = [WITHIN, TOP, HEADING, CREDIT, PATH, MENU, PERSON]
# What a line says, in the order in which Python sums it.
cdef int *ORDER = [
    ONE, TWO, FEW, SOME, MANY, MOST, TWICE, OFTEN, WITHIN, TOP, HEADING, NUMBERED, HOME, CREDIT,
    PERIOD, COMMA, COLON, EDGE, SMALL, CAPITALS, PATH, DIGITS, TOLD, TOLD_NUMBER, OPENED, MENU,
    PERSON
]
FIND_WORDS = re.compile(r"[^\W\d_]{4,}").findall
CREDITS = ("photo", "foto", "image", "bild", "picture", "credit", "quelle", "source")
AGENCIES = ("afp", "reuters", "dpa", "afp)", "reuters)", "dpa)")

cdef struct Line:
    Py_ssize_t words
    Py_ssize_t listed  # words; 99 where it ends like a sentence
    Py_ssize_t size  # words; 0 where it could be no headline
    bint is_dated


cdef struct Candidate:
    Py_ssize_t place
    Py_ssize_t words
    int shape  # bits of SHAPES
    double worth  # of where it stands
    double bound  # the most that it can be worth in all
    Py_ssize_t first_word  # among the words looked for
    Py_ssize_t own  # how many of them it has
    double told
    double told_number
    double opening


cdef object last_weights = None
cdef double weights[FEATURES]


def find_best(page, Py_ssize_t start, kept, prose, dict given, double least):
    """The twin of ``titles._find_best``."""
    cdef Line lines[MOST_LINES]
    cdef Candidate found[MOST_LINES]
    cdef Candidate *one
    cdef Py_ssize_t size, at, best = -1
    cdef double worth, best_worth = least
    cdef Texts texts
    read_weights(given)
    size = find_candidates(page, start, kept, lines, found, least)
    if size == 0:
        return None
    texts = Texts(page, start, kept, prose)
    texts.tell(found, size)
    while size:
        one = &found[0]
        for at in range(1, size):
            if found[at].bound > one.bound:
                one = &found[at]
        if one.bound < best_worth:
            break
        worth = texts.weigh(one, best_worth)
        if worth > best_worth or (worth == best_worth and 0 <= one.place < best):
            best, best_worth = one.place, worth
        size -= 1
        one[0] = found[size]
    return None if best < 0 else best


def find_same(page, Py_ssize_t first, Py_ssize_t stop, str wanted):
    """The twin of ``titles._find_same``."""
    cdef Py_ssize_t place
    cdef list found = []
    said, texts = page.said, page.texts
    for place in range(first, stop):
        text = texts[said[place]]
        if may_be_same(text, wanted) and same_line(text, wanted):
            found.append(place)
    return found


cdef bint may_be_same(str one, str other) except -1:
    """Whether two lines may say the same: no two end in other letters, figures or points.

    What rules do not see of a line ends in a bracket or a low line.
    """
    cdef Py_ssize_t sizes = min(PyUnicode_GET_LENGTH(one), PyUnicode_GET_LENGTH(other))
    cdef Py_UCS4 left, right
    if sizes == 0:
        return True
    left, right = one[PyUnicode_GET_LENGTH(one) - 1], other[PyUnicode_GET_LENGTH(other) - 1]
    if left >= 128 or right >= 128 or left == right:
        return True
    if not (may_end(left) and may_end(right)):
        return True
    return Py_UNICODE_TOLOWER(left) == Py_UNICODE_TOLOWER(right)


cdef inline bint may_end(Py_UCS4 char) noexcept:
    return Py_UNICODE_ISALNUM(char) or char == 33 or char == 46 or char == 63


cdef int read_weights(dict given) except -1:
    global last_weights
    if given is not last_weights:
        for at, name in enumerate(NAMES):
            weights[at] = given[name]
        last_weights = given
    return 0


cdef inline double most(int feature) noexcept:
    return weights[feature] if weights[feature] > 0 else 0.0


cdef Py_ssize_t find_candidates(
    page, Py_ssize_t start, kept, Line *lines, Candidate *found, double least
) except -1:
    """Note the lines that could be a headline, and win, with what their places are worth."""
    cdef Py_ssize_t first = max(0, start - HEAD_LINES), size = 0, place, stop, indent
    cdef Candidate *one
    cdef str text
    said = page.said
    stop = min(start + FIRST_LINES + BELOW, <Py_ssize_t> len(said))
    for place in range(first, stop):
        read_line(page, said[place], &lines[place - first])
    indent = usual_indent(page, kept)
    for place in range(first, min(start + FIRST_LINES, stop)):
        if lines[place - first].size:
            one = &found[size]
            one.place, one.words = place, lines[place - first].words
            one.worth = weigh_place(page, place, first, start, stop, indent, lines)
            text = page.texts[said[place]]
            one.shape = find_shape(text, page.is_ended[said[place]])
            one.bound = one.worth + weigh_size(one.words) + weigh_shape(one.shape)
            one.bound += most_of_rest() + most_told(most_words(text))
            size += one.bound >= least
    return size


cdef int read_line(page, Py_ssize_t index, Line *line) except -1:
    """Note whether a line could be a headline, and whether it is dated."""
    cdef str text = page.texts[index]
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), words = page.words[index], at
    cdef bint is_ended = page.is_ended[index], is_date = False, is_by, is_hit = bool(page.hits[index])
    cdef Py_UCS4 last
    line.words = words
    line.listed = words if words <= 12 and not is_ended else 99
    line.size, line.is_dated = 0, False
    if words > MOST_WORDS or size == 0:
        return 0
    if size <= LONGEST_DATED and may_hold_date(text):
        is_date = is_date_line(text)
        if words <= 16:
            line.is_dated = is_date or (
                (words <= SHORT_NOTE or not is_ended) and find_date(text) is not None
            )
    is_by = may_be_byline(text) and is_byline(text)
    if words <= 16 and not line.is_dated:
        line.is_dated = is_by or (is_hit and page.mark(index, "by", "updated") is not None)
    if is_date or is_by or size > LONGEST_TITLE or (words < 2 and size < 12):
        return 0
    if words < 4 and size < 12 and page.lines.items[index]:
        return 0
    last = text[size - 1]
    if words >= 10 and (last == u"." or last == u"。") and (words >= 30 or is_ended):
        if not text.endswith("..."):
            return 0
    if is_hit and (page.mark(index) or page.cut_by(index)):
        return 0
    for at in range(size):
        if Py_UNICODE_ISALNUM(PyUnicode_READ_CHAR(text, at)):
            line.size = words
            break
    return 0


cdef Py_ssize_t usual_indent(page, kept) except -2:
    """The white space before most of the text's sentences; -1 where there is none."""
    cdef Py_ssize_t index, indent, last = -1, run = 0
    cdef dict counts = {}
    words, indents = page.words, page.lines.indents
    for index in kept:
        if words[index] >= PROSE_WORDS:
            indent = indents[index]
            if indent != last and run:
                counts[last] = counts.get(last, 0) + run
                run = 0
            last = indent
            run += 1
    if run:
        counts[last] = counts.get(last, 0) + run
    return max(counts, key=counts.__getitem__) if len(counts) > 1 else last


cdef double weigh_place(
    page,
    Py_ssize_t place,
    Py_ssize_t first,
    Py_ssize_t start,
    Py_ssize_t stop,
    Py_ssize_t usual,
    Line *lines,
) except? -1:
    """Twin of ``titles._describe_place``, weighed."""
    cdef Py_ssize_t index, at = place - first, before = start - place, size = len(page.said), other
    cdef Py_ssize_t indent, words = lines[at].words
    cdef Py_ssize_t last = stop - first
    cdef double worth = 0.0
    cdef Line *line = &lines[at]
    cdef bint is_longest = True
    said, prose = page.said, page.prose
    index = said[place]
    if before > 0:
        worth += weights[DISTANCE] * log1p(before)
    else:
        worth += weights[INSIDE]
        if before < 0:
            worth += weights[DEEP] * min(3, -before)
    if place == 0:
        worth += weights[FIRST]
    if place == 0 or index - <Py_ssize_t> said[place - 1] > 1:
        worth += weights[APART_ABOVE]
    if place + 1 == size or <Py_ssize_t> said[place + 1] - index > 1:
        worth += weights[APART_BELOW]
    if at + 1 < last and line[1].is_dated:
        worth += weights[DATE_NEXT]
    for other in range(at + 2, min(at + 5, last)):
        if lines[other].is_dated:
            worth += weights[DATE_NEAR]
            break
    if (at >= 1 and lines[at - 1].is_dated) or (at >= 2 and lines[at - 2].is_dated):
        worth += weights[DATE_ABOVE]
    if line.is_dated:
        worth += weights[DATED]
    if place + 1 < size and prose[place + 2] > prose[place + 1]:
        worth += weights[PROSE_NEXT]
    other = <Py_ssize_t> prose[start] - <Py_ssize_t> prose[place]
    if other > 0:
        worth += weights[PROSE_BETWEEN] * log1p(<double> other / PROSE_WORDS)
    if place + 4 < size:
        if line[1].listed <= 12 and line[2].listed <= 12 and line[3].listed <= 12:
            worth += weights[LISTED]
    if at >= 3:
        if lines[at - 1].listed <= 4 and lines[at - 2].listed <= 4 and lines[at - 3].listed <= 4:
            worth += weights[LISTED_ABOVE]
    for other in range(max(0, at - 3), min(at + 4, last)):
        if lines[other].size > words:
            is_longest = False
    if is_longest:
        worth += weights[LONGEST]
    if page.lines.items[index]:
        worth += weights[ITEM]
    if usual >= 0:
        indent = page.lines.indents[index]
        if indent < usual:
            worth += weights[OUTDENTED]
        elif indent > usual:
            worth += weights[INDENTED]
    return worth


cdef int size_feature(Py_ssize_t words) noexcept:
    """Which feature tells how many words a line has; -1 where none does."""
    if words <= 2:
        return ONE if words == 1 else TWO if words == 2 else -1
    if words <= 7:
        return FEW if words <= 4 else SOME
    if words < 13:
        return -1
    return MANY if words <= 20 else MOST


cdef double weigh_size(Py_ssize_t words) noexcept:
    cdef int feature = size_feature(words)
    return weights[feature] if feature >= 0 else 0.0


cdef int find_shape(str text, bint is_ended) except -1:
    """What is sooner seen than said of a line: a bit for each of SHAPES."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at
    cdef Py_UCS4 first = text[0], last = text[size - 1], char
    cdef bint goes_on = text.endswith("...")
    cdef int shape = 0
    if Py_UNICODE_ISDECIMAL(first):
        at = 2 if size > 1 and Py_UNICODE_ISDECIMAL(text[1]) else 1
        if at + 1 < size and text[at] == u"." and Py_UNICODE_ISSPACE(text[at + 1]):
            shape |= 1
    if (first == u"h" or first == u"H") and text[:4].lower() == "home":
        shape |= 1 << 1
    if is_ended and last != u"?" and last != u"!" and not goes_on:
        shape |= 1 << 2
    if last == u"," or last == u";":
        shape |= 1 << 3
    if last == u":":
        shape |= 1 << 4
    if goes_on or last == u">" or last == u"|" or last == u"»" or last == u"…":
        shape |= 1 << 5
    if Py_UNICODE_ISLOWER(first):
        shape |= 1 << 6
    if text.isupper():
        shape |= 1 << 7
    if has_digit(text):
        shape |= 1 << 8
    return shape


cdef double weigh_shape(int shape) noexcept:
    cdef double worth = 0.0
    cdef int at
    for at in range(SHAPED):
        if shape >> at & 1:
            worth += weights[SHAPES[at]]
    return worth


cdef Py_ssize_t most_words(str text) noexcept:
    """How many words of four letters a line has at most, with what parts them."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    if PyUnicode_IS_ASCII(text):
        return (size + 1) // 5
    return size * 3 // 5 + 1  # a character is three at most in small letters


cdef double most_told(Py_ssize_t words) noexcept:
    """The most that so many words that the text says too can add."""
    return most(TOLD) + most(OPENED) + most(TOLD_NUMBER) * log1p(words)


cdef double most_of_rest() noexcept:
    """The most that all else can add; a little more, as sums are rounded."""
    cdef double worth = 1e-6
    cdef int at
    for at in range(RESTING):
        worth += most(REST[at])
    return worth + max(most(TWICE), most(OFTEN))


cdef class Texts:
    """A page's texts, asked for what a line says."""

    cdef object page, kept, prose, texts, said
    cdef Py_ssize_t start
    cdef str above, top

    def __cinit__(self, page, Py_ssize_t start, kept, prose):
        self.page, self.start, self.kept, self.prose = page, start, kept, prose
        self.texts, self.said = page.texts, page.said

    cdef int tell(self, Candidate *found, Py_ssize_t size) except -1:
        """Note what of each candidate the text says too, and bound what it is worth by that."""
        cdef Told told = Told()
        cdef Candidate *one
        cdef Py_ssize_t number, at, words, opening
        for number in range(size):
            one = &found[number]
            one.first_word = told.size
            one.own = told.add((<str> self.texts[self.said[one.place]]).casefold())
        told.prepare()
        for at in range(min(KEPT, <Py_ssize_t> len(self.kept))):
            if told.untold == 0 and at >= OPENING:
                break
            told.read(self.texts[self.kept[at]], at < OPENING)
        for number in range(size):
            one = &found[number]
            words = opening = 0
            for at in range(one.first_word, one.first_word + one.own):
                words += told.words[told.words[at].same].is_told
                opening += told.words[told.words[at].same].is_opening
            one.told = <double> words / max(1, one.own)
            one.told_number = log1p(words)
            one.opening = <double> opening / max(1, one.own)
            one.bound = one.worth + weigh_size(one.words) + weigh_shape(one.shape)
            one.bound += weights[TOLD] * one.told + weights[TOLD_NUMBER] * one.told_number
            one.bound += weights[OPENED] * one.opening + most_of_rest()
        return 0

    cdef double weigh(self, Candidate *one, double least) except? -1:
        """What a candidate is worth; less than ``least`` where it is worth less than that."""
        cdef str text = self.texts[self.said[one.place]], lowered = text.casefold()
        cdef double values[FEATURES]
        cdef double worth
        cdef Py_ssize_t at, count
        for at in range(FEATURES):
            values[at] = 0.0
        if size_feature(one.words) >= 0:
            values[size_feature(one.words)] = 1.0
        for at in range(SHAPED):
            values[SHAPES[at]] = one.shape >> at & 1
        values[TOLD], values[TOLD_NUMBER] = one.told, one.told_number
        values[OPENED] = one.opening
        count = self.count_above(lowered)
        values[TWICE], values[OFTEN] = count == 2, count > 2
        values[WITHIN] = one.words > 1 and self.all_above().count(lowered) > count
        values[TOP] = one.place > 0 and one.words >= 3 and lowered in self.first_line()
        values[HEADING] = self.is_heading(lowered)
        values[CREDIT] = is_credit(lowered)
        values[PATH] = is_path(text)
        values[MENU] = <double> count_no_names(lowered) / max(1, one.words)
        worth = one.worth + add_up(values)
        if 2 <= one.words <= 5 and worth + most(PERSON) + 1e-6 >= least:
            if is_person(clean_name(text)) and not self.are_told(lowered):
                values[PERSON] = 1.0
                worth = one.worth + add_up(values)
        return worth

    cdef str all_above(self):
        cdef Py_ssize_t first = max(0, self.start - HEAD_LINES)
        if self.above is None:
            lines = self.said[first : self.start + FIRST_LINES]
            self.above = "\n".join([(<str> self.texts[index]).casefold() for index in lines])
        return self.above

    cdef str first_line(self):
        if self.top is None:
            self.top = (<str> self.texts[self.said[0]]).casefold()
        return self.top

    cdef Py_ssize_t count_above(self, str lowered) except -1:
        """How many lines above the text say the same, with its first."""
        cdef Py_ssize_t place, count = 0
        for place in range(min(self.start + 1, <Py_ssize_t> len(self.said))):
            count += is_same(self.texts[self.said[place]], lowered)
        return count

    cdef bint is_heading(self, str lowered) except -1:
        """Whether a line of the text says the same, but for its first."""
        cdef Py_ssize_t at
        for at in range(1, min(KEPT, <Py_ssize_t> len(self.kept))):
            if is_same(self.texts[self.kept[at]], lowered):
                return True
        return False

    cdef bint are_told(self, str lowered) except -1:
        """Whether the page's sentences have all words of a line, in small letters."""
        cdef str word
        for word in FIND_WORDS(lowered):
            if not self.prose.has(word):
                return False
        return True


cdef double add_up(double *values) noexcept:
    """What is known of a line, weighed and summed as Python does."""
    cdef double worth = 0.0
    cdef int at
    for at in range(SAYING):
        if values[ORDER[at]] != 0.0:
            worth += weights[ORDER[at]] * values[ORDER[at]]
    return worth


cdef bint is_same(str text, str lowered) except -1:
    """Whether a line says the same as one that is in small letters."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at
    cdef unsigned int char
    if not PyUnicode_IS_ASCII(text):
        # A character is three at most in small letters.
        if not size <= PyUnicode_GET_LENGTH(lowered) <= 3 * size:
            return False
        return text.casefold() == lowered
    if size != PyUnicode_GET_LENGTH(lowered):
        return False
    for at in range(size):
        char = PyUnicode_READ_CHAR(text, at)
        if 65 <= char <= 90:
            char += 32
        if char != <unsigned int> PyUnicode_READ_CHAR(lowered, at):
            return False
    return True


cdef Py_ssize_t count_no_names(str lowered) except -1:
    cdef Py_ssize_t count = 0
    for word in lowered.split():
        count += word in NO_NAME
    return count


cdef bint is_credit(str lowered) except -1:
    """Whether a line in small letters credits a picture, or an agency."""
    cdef Py_UCS4 after
    cdef str word
    for word in CREDITS:
        if lowered.startswith(word):
            if len(lowered) == len(word):
                return True
            after = lowered[len(word)]
            if not (Py_UNICODE_ISALNUM(after) or after == u"_"):
                return True
    if lowered.endswith(AGENCIES):
        return True
    return "getty" in lowered or "shutterstock" in lowered or "cookie" in lowered


cdef bint is_path(str text) except -1:
    """Twin of ``titles._PATH``."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at, stop
    cdef Py_UCS4 char
    for at in range(size):
        char = PyUnicode_READ_CHAR(text, at)
        if char == u"{" or char == u"}" or char == u"=" or char == u"→":
            return True
        if char == u">" or char == u"»" or char == u"/" or char == u"›" or char == u"|":
            if 0 < at < size - 1 and text[at - 1] == u" " and text[at + 1] == u" ":
                return True
        elif char == u"(":
            if text[at : at + 8] == "(BUTTON)":
                return True
        elif char == u":":
            if text[max(0, at - 4) : at] == "http" or text[max(0, at - 5) : at] == "https":
                return True
        elif char == u"[":
            for stop in range(at + 1, size):
                if Py_UNICODE_ISSPACE(text[stop]):
                    break
                if stop > at + 1 and text[stop] == u"]":
                    return True
    return False
