"""Compiled twin of ``features.py``: goes over a page's lines once, and then over their places.

It gives the numbers that ``shapes.py``, ``characters.py`` and ``features.py`` give in numpy, whose
some hundred calls cost more than the work where a page has few lines.
"""

import numpy as np

from cpython.object cimport PyObject_Hash
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.math cimport log1p
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy

from tasks.text import characters
from tasks.text.characters import learn
from tasks.text.marks import LONGEST_DATE_LINE, is_date_line
from tasks.text.names import _BEGINS, LONGEST_BYLINE, is_byline
from tasks.text.shapes import ABOUT, ADDRESS, LOOKED_AT
from tasks.text.topics import TOPICS

cdef enum:
    SHOWN = 400  # characters of a line that are looked at: LOOKED_AT
    MOST_LETTERS = 3 * SHOWN  # a character becomes three small ones at most
    FUNCTION = 1
    WEIGHTY = 4  # letters
    START = 12  # characters by which lines are alike
    MOST_INDENT = 40
    RULES = 6
    MOST_BLANKS = 6  # all that a median of at most 3 asks for
    LOGS = 4096
    MOST_BEGINS = 64
    LONGEST_BEGIN = 12

# Places in a row: the order is that of ``features.NAMES``, with the topics and rules between.
cdef enum:
    AT_WORDS, AT_CHARACTERS, AT_SENTENCE, AT_ELLIPSIS, AT_COLON, AT_QUESTION, AT_COMMA,
    AT_LOWER, AT_UPPER, AT_DIGIT, AT_QUOTE, AT_ITEM, AT_CAPITALS, AT_DIGITS, AT_SHOUT,
    AT_FUNCTION, AT_COMMAS, AT_BARS, AT_COPYRIGHT, AT_ADDRESS, AT_DEBRIS, AT_DASH, AT_LONG,
    AT_DENSE, AT_DATE, AT_BYLINE, AT_STOPS, AT_STOP_RATE, TEXTS

cdef enum:  # after those
    AT_INDENT, AT_USUAL_INDENT, AT_BLANK_BEFORE, AT_BLANK_AFTER, AT_TWICE, AT_ALIKE,
    AT_FROM_TOP, AT_FROM_BOTTOM, AT_NEAR, AT_ABOVE, AT_BELOW, AT_SHORTS, AT_COHESION,
    AT_HEARD, AT_FIRST_WORD, AT_PROSE_SHARE, AT_LINES, AT_USUAL_BLANK, AT_MARKED,
    AT_DENSE_AROUND, PLACES

if LOOKED_AT != SHOWN:
    raise ImportError("_features.pyx looks at another number of characters than shapes.py")
if len(_BEGINS) > MOST_BEGINS or max(map(len, _BEGINS)) > LONGEST_BEGIN:
    raise ImportError("_features.pyx has no room for the words that bylines begin with")

cdef uint32_t SPACE = characters.SPACE
cdef uint32_t UPPER = characters.UPPER
cdef uint32_t LOWER = characters.LOWER
cdef uint32_t DIGIT = characters.DIGIT
cdef uint32_t LETTER = characters.LETTER
cdef uint32_t LONG = characters.LONG
cdef uint32_t QUOTE = characters.QUOTE
cdef uint32_t COLON = characters.COLON
cdef uint32_t QUESTION = characters.QUESTION
cdef uint32_t COMMA = characters.COMMA
cdef uint32_t ANY_COMMA = characters.ANY_COMMA
cdef uint32_t BAR = characters.BAR
cdef uint32_t SIGN = characters.SIGN
cdef uint32_t DASH = characters.DASH
cdef uint32_t BRACKET = characters.BRACKET
cdef uint32_t DEBRIS = characters.DEBRIS
cdef uint32_t STOP = characters.STOP
cdef uint32_t BULLET = characters.BULLET
cdef uint32_t[::1] _kinds_view = characters.KINDS
cdef uint32_t[::1] _small_view = characters.SMALL
cdef uint32_t *KINDS = &_kinds_view[0]
cdef uint32_t *SMALL = &_small_view[0]
cdef int TOPIC_COUNT = len(TOPICS)
cdef int BESIDE = TEXTS + TOPIC_COUNT + RULES  # where the features of place begin
cdef int WIDTH = BESIDE + PLACES
cdef double[::1] _logs = np.log1p(np.arange(LOGS))
cdef Py_ssize_t _longest_date = min(LONGEST_DATE_LINE, SHOWN - 1)
cdef Py_ssize_t _longest_byline = min(LONGEST_BYLINE, SHOWN - 1)
cdef uint32_t _begins[MOST_BEGINS][LONGEST_BEGIN + 1]
cdef Py_ssize_t _begin_count = len(_BEGINS), at, place
for place in range(_begin_count):
    for at in range(len(_BEGINS[place])):
        _begins[place][at] = <uint32_t><Py_UCS4>_BEGINS[place][at]
# Nobody knows beforehand which words share a slot.
cdef uint64_t SEED = <uint64_t>hash("words") | 1


cdef struct Word:
    uint64_t hash
    Py_ssize_t at  # place of its first letter
    int32_t length
    int32_t about
    int32_t seen  # the last line that has it
    int32_t prose  # lines of prose that have it


cdef struct Line:
    int64_t words
    int32_t indent
    int32_t same  # the first line that says the same
    int32_t alike  # the first line that begins alike
    int32_t bag  # weighty words, each once
    int32_t blanks  # before it
    int32_t is_prose
    int32_t is_same  # of a first line: how many say the same
    int32_t are_alike


cdef struct Seen:  # what one pass over a line's characters finds
    uint32_t every  # all kinds
    uint32_t codes  # all bits of its characters
    int parts
    int capitals
    int first_word
    int digits
    int commas
    int bars
    int stops
    int letters
    int words
    int ascii_words
    int bound
    int is_debris
    int has_dash
    int may_address


cdef class Pages:
    """What is known of one page while its lines are read."""

    cdef Line *lines
    cdef Word *words
    cdef Py_UCS4 *letters  # of the words, one after another
    cdef int32_t *slots  # place in ``words`` and 1, by hash
    cdef int32_t *pairs  # the weighty words of each line in turn
    cdef int32_t *same
    cdef int32_t *alike
    cdef int64_t *running
    cdef int64_t *shorts
    cdef int32_t *topics
    cdef Py_ssize_t size, count, word_room, slot_mask, letter_count, letter_room
    cdef Py_ssize_t pair_count, pair_room, line_mask

    def __cinit__(self, Py_ssize_t size):
        if size >= 1 << 30:
            raise MemoryError
        self.size = size
        self.word_room, self.letter_room, self.pair_room = 256, 4 * MOST_LETTERS, 4 * MOST_LETTERS
        self.slot_mask, self.line_mask = 1023, 7
        while self.line_mask < 2 * size:
            self.line_mask = 2 * self.line_mask + 1
        self.lines = <Line *>_new(size, sizeof(Line))
        self.words = <Word *>_new(self.word_room, sizeof(Word))
        self.letters = <Py_UCS4 *>_new(self.letter_room, sizeof(Py_UCS4))
        self.slots = <int32_t *>_new(self.slot_mask + 1, sizeof(int32_t))
        self.pairs = <int32_t *>_new(self.pair_room, sizeof(int32_t))
        self.same = <int32_t *>_new(self.line_mask + 1, sizeof(int32_t))
        self.alike = <int32_t *>_new(self.line_mask + 1, sizeof(int32_t))
        self.running = <int64_t *>_new(size + 1, sizeof(int64_t))
        self.shorts = <int64_t *>_new(size + 1, sizeof(int64_t))
        self.topics = <int32_t *>_new(TOPIC_COUNT + 1, sizeof(int32_t))

    def __dealloc__(self):
        free(self.lines)
        free(self.words)
        free(self.letters)
        free(self.slots)
        free(self.pairs)
        free(self.same)
        free(self.alike)
        free(self.running)
        free(self.shorts)
        free(self.topics)

    cdef int make_room(self) except -1:
        """Have room for what one line can bring: its letters, and as many words."""
        if self.letter_count + MOST_LETTERS > self.letter_room:
            self.letters = <Py_UCS4 *>_more(self.letters, &self.letter_room, sizeof(Py_UCS4))
        if self.pair_count + MOST_LETTERS > self.pair_room:
            self.pairs = <int32_t *>_more(self.pairs, &self.pair_room, sizeof(int32_t))
        return 0

    cdef int32_t find_word(self, const Py_UCS4 *letters, int length, uint64_t hashed) except -1:
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
        if self.count == self.word_room:
            self.words = <Word *>_more(self.words, &self.word_room, sizeof(Word))
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
        cdef int32_t *slots = <int32_t *>_new(mask + 1, sizeof(int32_t))
        for place in range(self.count):
            slot = self.words[place].hash & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = <int32_t>place + 1
        free(self.slots)
        self.slots, self.slot_mask = slots, mask
        return 0


cdef void *_new(Py_ssize_t count, size_t size) except NULL:
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


cdef inline uint64_t _mix(uint64_t hashed, Py_UCS4 code) noexcept nogil:
    hashed = (hashed ^ <uint64_t>code) * <uint64_t>0x9E3779B97F4A7C15ULL
    return hashed ^ (hashed >> 29)


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
        self.hashes = <uint64_t *>_new(self.mask + 1, sizeof(uint64_t))
        self.abouts = <int32_t *>_new(self.mask + 1, sizeof(int32_t))
        self.lengths = <int32_t *>_new(self.mask + 1, sizeof(int32_t))
        self.letters = <Py_UCS4 *>_new((self.mask + 1) * self.longest, sizeof(Py_UCS4))
        for word, about in words.items():
            hashed = SEED
            for code in word:
                hashed = _mix(hashed, code)
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


def line_features(page, known, bits):
    """Features of each line in ``page.said``; ``bits`` is what the rules say of those ``known``."""
    cdef Py_ssize_t size = len(page.said)
    features = np.empty((size, WIDTH), np.float32)
    cdef float[:, ::1] view = features
    if size == 0:
        return features
    cdef Pages found = Pages(size)
    _read_lines(found, page, &view[0, 0])
    _read_rules(found, page.said, known, bits, &view[0, 0])
    _place_lines(found, len(page.lines) - page.said[size - 1] - 1, &view[0, 0])
    return features


cdef int _read_lines(Pages found, page, float *rows) except -1:
    """What each line says and looks like."""
    cdef Py_UCS4 shown[SHOWN]
    cdef Seen seen
    cdef Py_ssize_t place, index, before = -1, length
    cdef Line *line
    cdef int64_t total = 0, shorts = 0
    said, texts, words, ended = page.said, page.texts, page.words, page.is_ended
    indents = page.lines.indents
    for place in range(found.size):
        index = said[place]
        text = texts[index]
        length = len(<str>text)
        line = &found.lines[place]
        line.words = words[index]
        line.indent = min(<Py_ssize_t>indents[index], MOST_INDENT)
        line.blanks = index - before - 1
        before = index
        found.make_room()
        _find_twin(found, place, texts, said)
        length = _show(text, shown)
        _see(found, place, shown, length, &seen)
        _describe(found, place, shown, length, &seen, text, ended[index], rows + place * WIDTH)
        total += min(line.words, 150) if line.is_prose else 0
        shorts += line.words <= 4
        found.running[place + 1], found.shorts[place + 1] = total, shorts
    return 0


cdef Py_ssize_t _show(str text, Py_UCS4 *shown) except -1:
    """The characters that are looked at, all of them known to the tables; gives their number."""
    cdef Py_ssize_t place, length = min(len(text), SHOWN)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    for place in range(length):
        shown[place] = PyUnicode_READ(kind, data, place)
        if KINDS[shown[place]] == 0:
            learn(<uint32_t>shown[place])
    return length


cdef int _see(
    Pages found, Py_ssize_t line, const Py_UCS4 *shown, Py_ssize_t length, Seen *seen
) except -1:
    """Go over a line's characters once."""
    cdef Py_UCS4 word[MOST_LETTERS]
    cdef Py_UCS4 code, small, solid = 0
    cdef uint32_t any_small = 0
    cdef int letters = 0
    cdef uint32_t kind
    cdef uint64_t hashed = SEED
    cdef bint is_begin = True
    cdef Py_ssize_t place
    cdef uint32_t space = SPACE, letter = LETTER, long_ = LONG, upper = UPPER
    cdef uint32_t marks = DIGIT | ANY_COMMA | BAR | STOP | COLON | DASH | DEBRIS
    seen.every, seen.codes, seen.first_word = 0, 0, -1
    seen.parts = seen.capitals = seen.digits = seen.commas = seen.bars = seen.stops = 0
    seen.letters = seen.words = seen.ascii_words = seen.bound = 0
    seen.is_debris = seen.has_dash = seen.may_address = 0
    for place in range(TOPIC_COUNT + 1):
        found.topics[place] = 0
    for place in range(length):
        code = shown[place]
        kind = KINDS[code]
        seen.every |= kind
        seen.codes |= <uint32_t>code
        if kind & space:
            if seen.first_word < 0:
                seen.first_word = place
            is_begin = True
        elif is_begin:
            seen.parts += 1
            seen.capitals += (kind & upper) != 0
            is_begin = False
        if kind & long_:
            for small in chr(code).casefold():
                if KINDS[small] == 0:
                    learn(<uint32_t>small)
                if KINDS[small] & letter:
                    word[letters] = small
                    letters += 1
                    any_small |= <uint32_t>small
                    hashed = _mix(hashed, small)
                elif letters:
                    _end_word(found, line, word, letters, hashed, any_small, seen)
                    letters, any_small, hashed = 0, 0, SEED
        elif kind & letter:
            small = SMALL[code]
            word[letters] = small
            letters += 1
            any_small |= <uint32_t>small
            hashed = _mix(hashed, small)
        elif letters:
            _end_word(found, line, word, letters, hashed, any_small, seen)
            letters, any_small, hashed = 0, 0, SEED
        if kind & marks or code == u"@":
            _see_mark(shown, place, length, kind, solid, seen)
        if not kind & space:
            solid = code
    if letters:
        _end_word(found, line, word, letters, hashed, any_small, seen)
    if seen.first_word < 0:
        seen.first_word = length
    return 0


cdef int _end_word(
    Pages found, Py_ssize_t line, const Py_UCS4 *letters, int length, uint64_t hashed,
    uint32_t any_small, Seen *seen,
) except -1:
    cdef int32_t place = found.find_word(letters, length, hashed)
    cdef Word *word = &found.words[place]
    seen.letters += length
    seen.words += 1
    seen.ascii_words += any_small < 128
    seen.bound += word.about & FUNCTION
    found.topics[word.about >> 1] += 1
    if length >= WEIGHTY and not word.about & FUNCTION and word.seen != line:
        word.seen = line
        found.pairs[found.pair_count] = place
        found.pair_count += 1
        found.lines[line].bag += 1
    return 0


cdef void _see_mark(
    const Py_UCS4 *shown, Py_ssize_t place, Py_ssize_t length, uint32_t kind, Py_UCS4 solid,
    Seen *seen,
) noexcept:
    """Count a mark or a figure, and look beside it for what it may be a part of.

    Args:
        solid: The last character before it that is no white space.
    """
    cdef Py_UCS4 code = shown[place]
    cdef Py_UCS4 before = shown[place - 1] if place else 0
    cdef Py_UCS4 after = shown[place + 1] if place + 1 < length else 0
    seen.digits += (kind & DIGIT) != 0
    seen.commas += (kind & ANY_COMMA) != 0
    seen.bars += (kind & BAR) != 0
    seen.stops += (kind & STOP) != 0
    if code == u"@":
        seen.may_address = 1
    elif code == u".":
        seen.may_address |= (<uint32_t>after | 32) in (99, 110, 111) or (<uint32_t>before | 32) == 119
    elif code == u":":
        seen.may_address |= (<uint32_t>before | 32) in (112, 115) or before == 0x17F
    elif kind & DASH:
        seen.has_dash |= before == u" " and after == u" "
    elif code == u"_":
        seen.is_debris |= place >= 2 and before == u"_" and shown[place - 2] == u"_"
    elif code == u"*":
        seen.is_debris |= solid == u"*"
    elif code == u"=":
        seen.is_debris |= place + 1 < length and KINDS[after] & SPACE != 0
    elif code == u"(":
        seen.is_debris |= _is_button(shown + place + 1, length - place - 1)


cdef bint _is_button(const Py_UCS4 *shown, Py_ssize_t length) noexcept:
    return (
        length >= 7
        and shown[0] == u"B" and shown[1] == u"U" and shown[2] == u"T" and shown[3] == u"T"
        and shown[4] == u"O" and shown[5] == u"N" and shown[6] == u")"
    )


cdef int _describe(
    Pages found, Py_ssize_t place, const Py_UCS4 *shown, Py_ssize_t length, Seen *seen, str text,
    bint is_ended, float *row,
) except -1:
    """Write a line's features of shape and of topic."""
    cdef Line *line = &found.lines[place]
    cdef double words = line.words, parts = seen.parts, size = length
    cdef uint32_t first = KINDS[shown[0]], last = KINDS[shown[length - 1]]
    cdef double stops = 0, bound = seen.bound, heard
    cdef int topic
    if line.words > 5 and seen.stops > ((last & STOP) != 0):
        stops = _count_stops(shown, length)
    row[AT_WORDS] = _log(line.words) / 2
    row[AT_CHARACTERS] = _log(length) / 4
    row[AT_SENTENCE] = is_ended
    row[AT_ELLIPSIS] = _ends_open(shown, length)
    row[AT_COLON] = (last & COLON) != 0
    row[AT_QUESTION] = (last & QUESTION) != 0
    row[AT_COMMA] = (last & COMMA) != 0
    row[AT_LOWER] = (first & LOWER) != 0
    row[AT_UPPER] = (first & UPPER) != 0
    row[AT_DIGIT] = (first & DIGIT) != 0
    row[AT_QUOTE] = (first & QUOTE) != 0
    row[AT_ITEM] = (first & BULLET) != 0 and _is_item(shown, length)
    row[AT_CAPITALS] = seen.capitals / parts
    row[AT_DIGITS] = seen.digits / size * 3
    row[AT_SHOUT] = (
        seen.letters > 3
        and not seen.every & LOWER
        and seen.every & UPPER != 0
        and text[:SHOWN].isupper()
    )
    row[AT_COMMAS] = min(seen.commas, 6) / 3.0
    row[AT_BARS] = min(seen.bars, 4) / 2.0
    row[AT_COPYRIGHT] = (seen.every & SIGN) != 0
    row[AT_ADDRESS] = seen.may_address and ADDRESS.search(text[:SHOWN]) is not None
    row[AT_DEBRIS] = seen.is_debris or (seen.every & BRACKET) != 0
    row[AT_DASH] = seen.has_dash
    row[AT_LONG] = min(size / parts / 10, 3.0)
    row[AT_DENSE] = 1 - seen.letters / size
    row[AT_DATE] = length <= _longest_date and seen.digits >= 3 and is_date_line(text)
    row[AT_BYLINE] = (
        length <= _longest_byline and _may_be_byline(shown, length) and is_byline(text)
    )
    row[AT_STOPS] = min(stops, 8.0) / 4
    row[AT_STOP_RATE] = stops / max(words, 8.0) * 5
    if seen.codes >= 128 and seen.ascii_words * 3 < seen.words:
        bound = seen.letters // 12
    row[AT_FUNCTION] = min(bound / max(min(parts, 60.0), 3.0), 1.0) * 2
    for topic in range(1, TOPIC_COUNT + 1):
        heard = found.topics[topic]
        row[TEXTS + topic - 1] = _log(found.topics[topic]) / 2 + 3 * heard / max(parts, 12.0)
    row[BESIDE + AT_FIRST_WORD] = min(seen.first_word, 12) / 6.0
    line.is_prose = line.words >= 10 and row[AT_FUNCTION] > <float>0.15 and (is_ended or line.words >= 30)
    if line.is_prose:
        for topic in range(found.pair_count - line.bag, found.pair_count):
            found.words[found.pairs[topic]].prose += 1
    return 0


cdef double _log(int64_t number) except -1:
    """What numpy gives for a whole number that one is added to."""
    if number < LOGS:
        return _logs[number]
    return np.log1p(number)


cdef bint _ends_open(const Py_UCS4 *shown, Py_ssize_t length) noexcept:
    """Whether it ends in dots, or in dots in brackets."""
    if length and shown[length - 1] == u"]":
        length -= 1
        if _ends_open(shown, length):
            length -= 1 if shown[length - 1] == u"…" else 3
            return length > 0 and shown[length - 1] == u"["
        return False
    if length and shown[length - 1] == u"…":
        return True
    return (
        length >= 3
        and shown[length - 1] == u"." and shown[length - 2] == u"." and shown[length - 3] == u"."
    )


cdef bint _is_item(const Py_UCS4 *shown, Py_ssize_t length) noexcept:
    """Whether white space and then more follow its first character: one to four for an o."""
    cdef Py_ssize_t place = 1
    while place < length and KINDS[shown[place]] & SPACE:
        place += 1
    return 1 < place < length and (place <= 5 or shown[0] != u"o")


cdef int _count_stops(const Py_UCS4 *shown, Py_ssize_t length) noexcept:
    """How many stops have white space, and then more, after them and what closes a quote."""
    cdef Py_ssize_t place = 0, end, after
    cdef int count = 0
    while place < length:
        if KINDS[shown[place]] & STOP:
            end = place + 1
            while end < length and shown[end] in u"\"'”’»)]":
                end += 1
            after = end
            while after < length and KINDS[shown[after]] & SPACE:
                after += 1
            if end < after < length:
                count += 1
                place = after
        place += 1
    return count


cdef bint _may_be_byline(const Py_UCS4 *shown, Py_ssize_t length) noexcept:
    """Whether a line may begin, marks aside, with a word that a byline begins with.

    What stands there is told for plain lines only: of others, debris may have to be cut first.
    """
    cdef Py_ssize_t place = 0, stop, word, at
    while place < length and shown[place] < 128 and not KINDS[shown[place]] & (LETTER | DIGIT):
        if shown[place] in u"([_#":
            return True
        place += 1
    stop = min(length, place + LONGEST_BEGIN)
    for at in range(place, stop):
        if shown[at] >= 128 or shown[at] in u"([_#":
            return True
    if place + 1 < stop and shown[place] == u"o" and KINDS[shown[place + 1]] & SPACE:
        return True  # a bullet
    for word in range(_begin_count):
        at = 0
        while _begins[word][at] and place + at < stop and (
            _begins[word][at] == (<uint32_t>shown[place + at] | 32)
        ):
            at += 1
        if not _begins[word][at]:
            return True
    return False


cdef int _find_twin(Pages found, Py_ssize_t place, texts, said) except -1:
    """Count a line with those that say the same, and with those that begin alike."""
    cdef str text = texts[said[place]], other
    cdef Py_ssize_t length = len(text), start = min(length, START), at, slot
    cdef uint64_t hashed = <uint64_t><Py_ssize_t>PyObject_Hash(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    slot = _mix(hashed, 0) & found.line_mask
    while found.same[slot]:
        at = found.same[slot] - 1
        other = texts[said[at]]
        if other is text or (len(other) == length and other == text):
            break
        slot = (slot + 1) & found.line_mask
    else:
        at = place
        found.same[slot] = <int32_t>place + 1
    found.lines[place].same = <int32_t>at
    found.lines[at].is_same += 1
    hashed = SEED
    for at in range(start):
        hashed = _mix(hashed, PyUnicode_READ(kind, data, at))
    slot = hashed & found.line_mask
    while found.alike[slot]:
        at = found.alike[slot] - 1
        if _begins_alike(text, texts[said[at]], start):
            break
        slot = (slot + 1) & found.line_mask
    else:
        at = place
        found.alike[slot] = <int32_t>place + 1
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


cdef int _read_rules(Pages found, said, known, bits, float *rows) except -1:
    """What the rules say of each line."""
    cdef Py_ssize_t place = 0, count = len(known), at, index
    cdef int64_t marked = 0
    cdef int rule, of_line
    cdef float *row
    for place in range(found.size):
        for rule in range(RULES):
            rows[place * WIDTH + TEXTS + TOPIC_COUNT + rule] = 0
    place = 0
    for at in range(count):
        index = known[at]
        while <Py_ssize_t>said[place] != index:
            place += 1
            if place == found.size:
                raise IndexError(index)
        of_line = bits[at]
        row = rows + place * WIDTH + TEXTS + TOPIC_COUNT
        for rule in range(RULES):
            row[rule] = of_line >> rule & 1
        marked += (of_line & 1) + (of_line >> 1 & 1)
    for place in range(found.size):
        rows[place * WIDTH + BESIDE + AT_MARKED] = <double>marked / <double>found.size * 2
    return 0


cdef int _place_lines(Pages found, Py_ssize_t blanks_below, float *rows) except -1:
    """How each line stands among the others."""
    cdef Py_ssize_t place, pair = 0, size = found.size, low, high, known, stop, below
    cdef int64_t words = 0, near
    cdef int64_t *running = found.running
    cdef double total = max(<double>running[size], 1.0), log_total = log1p(total)
    cdef double usual_blank, prose_share, log_size = log1p(size) / 4
    cdef int usual = _usual_indent(found)
    cdef Line *line
    cdef float *row
    cdef double[::1] logs = _logs if size <= LOGS else np.log1p(np.arange(size))
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
            known += found.words[found.pairs[pair]].prose > line.is_prose
            pair += 1
        row[AT_INDENT] = <float>line.indent / <float>10
        row[AT_USUAL_INDENT] = line.indent == usual
        row[AT_BLANK_BEFORE] = min(line.blanks, 4) / 2.0
        row[AT_BLANK_AFTER] = min(below, 4) / 2.0
        row[AT_TWICE] = found.lines[line.same].is_same > 1
        row[AT_ALIKE] = min(found.lines[line.alike].are_alike - 1, 6) / 3.0
        row[AT_FROM_TOP] = logs[place] / 4
        row[AT_FROM_BOTTOM] = logs[size - 1 - place] / 4
        row[AT_NEAR] = _log(near) / log_total
        row[AT_ABOVE] = running[place] / total
        row[AT_BELOW] = 1 - running[place + 1] / total
        row[AT_SHORTS] = <double>(found.shorts[high] - found.shorts[low]) / <double>(high - low)
        row[AT_COHESION] = <double>known / <double>max(line.bag, 2)
        row[AT_HEARD] = _log(known) / 2
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


cdef int _usual_indent(Pages found) noexcept:
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


cdef double _usual_blank(Pages found, Py_ssize_t blanks_below) noexcept:
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
