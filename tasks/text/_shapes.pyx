"""Compiled twin of ``shapes.py`` and ``characters.py``: goes over a line's characters once."""

import numpy as np

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND, PyUnicode_READ
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

from tasks.text import characters
from tasks.text.characters import learn
from tasks.text.marks import LONGEST_DATE_LINE, is_date_line
from tasks.text.names import _BEGINS, LONGEST_BYLINE, is_byline
from tasks.text.shapes import ADDRESS, LOOKED_AT
from tasks.text.topics import TOPICS
from tasks.text._vocabulary cimport MOST_LETTERS, SEED, Vocabulary, Word, mix

cdef enum:
    SHOWN = 400  # characters of a line that are looked at: LOOKED_AT
    FUNCTION = 1
    WEIGHTY = 4  # letters
    MOST_TOPICS = 15
    LOGS = 4096
    MOST_BEGINS = 64
    LONGEST_BEGIN = 12

if LOOKED_AT != SHOWN or 3 * SHOWN > MOST_LETTERS:  # a character is three small ones at most
    raise ImportError("_shapes.pyx looks at another number of characters than shapes.py")
if len(_BEGINS) > MOST_BEGINS or max(map(len, _BEGINS)) > LONGEST_BEGIN:
    raise ImportError("_shapes.pyx has no room for the words that bylines begin with")
if len(TOPICS) > MOST_TOPICS:
    raise ImportError("_shapes.pyx has no room for that many topics")

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
TOPIC_COUNT = len(TOPICS)
cdef double[::1] _logs = np.log1p(np.arange(LOGS))
cdef Py_ssize_t _longest_date = min(LONGEST_DATE_LINE, SHOWN - 1)
cdef Py_ssize_t _longest_byline = min(LONGEST_BYLINE, SHOWN - 1)
cdef uint32_t _begins[MOST_BEGINS][LONGEST_BEGIN + 1]
cdef Py_ssize_t _begin_count = len(_BEGINS), at, place
for place in range(_begin_count):
    for at in range(len(_BEGINS[place])):
        _begins[place][at] = <uint32_t><Py_UCS4>_BEGINS[place][at]


cdef struct Seen:  # what one pass over a line's characters finds
    uint32_t every  # all kinds
    uint32_t codes  # all bits of its characters
    int32_t topics[MOST_TOPICS + 1]
    int32_t bag
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


cdef int read_line(
    Vocabulary words, Line *line, int32_t place, str text, bint is_ended, float *row,
    int first_word,
) except -1:
    """Read a line's words, and write its features of shape and of topic, and its first word's.

    Args:
        words: The page's words.
        line: The line, of which words are counted; its ``bag`` and ``is_prose`` are set.
        place: The line's among those that are not blank.
        text: What it says.
        is_ended: Whether it ends as a sentence does.
        row: The line's features.
        first_word: Where the first word's length is written.
    """
    cdef Py_UCS4 shown[SHOWN]
    cdef Seen seen
    cdef Py_ssize_t pair, length = _show(text, shown)
    words.make_room()
    _see(words, place, shown, length, &seen)
    line.bag = seen.bag
    _describe(line, shown, length, &seen, text, is_ended, row)
    row[first_word] = min(seen.first_word, 12) / 6.0
    line.is_prose = (
        line.words >= 10 and row[AT_FUNCTION] > <float>0.15 and (is_ended or line.words >= 30)
    )
    if line.is_prose:
        for pair in range(words.pair_count - line.bag, words.pair_count):
            words.words[words.pairs[pair]].prose += 1
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
    Vocabulary words, int32_t line, const Py_UCS4 *shown, Py_ssize_t length, Seen *seen
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
    seen.letters = seen.bag = seen.words = seen.ascii_words = seen.bound = 0
    seen.is_debris = seen.has_dash = seen.may_address = 0
    for place in range(TOPIC_COUNT + 1):
        seen.topics[place] = 0
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
                    hashed = mix(hashed, small)
                elif letters:
                    _end_word(words, line, word, letters, hashed, any_small, seen)
                    letters, any_small, hashed = 0, 0, SEED
        elif kind & letter:
            small = SMALL[code]
            word[letters] = small
            letters += 1
            any_small |= <uint32_t>small
            hashed = mix(hashed, small)
        elif letters:
            _end_word(words, line, word, letters, hashed, any_small, seen)
            letters, any_small, hashed = 0, 0, SEED
        if kind & marks or code == u"@":
            _see_mark(shown, place, length, kind, solid, seen)
        if not kind & space:
            solid = code
    if letters:
        _end_word(words, line, word, letters, hashed, any_small, seen)
    if seen.first_word < 0:
        seen.first_word = length
    return 0


cdef int _end_word(
    Vocabulary words, int32_t line, const Py_UCS4 *letters, int length, uint64_t hashed,
    uint32_t any_small, Seen *seen,
) except -1:
    cdef int32_t place = words.find(letters, length, hashed)
    cdef Word *word = &words.words[place]
    seen.letters += length
    seen.words += 1
    seen.ascii_words += any_small < 128
    seen.bound += word.about & FUNCTION
    seen.topics[word.about >> 1] += 1
    if length >= WEIGHTY and not word.about & FUNCTION and word.seen != line:
        word.seen = line
        words.pairs[words.pair_count] = place
        words.pair_count += 1
        seen.bag += 1
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
    Line *line, const Py_UCS4 *shown, Py_ssize_t length, Seen *seen, str text,
    bint is_ended, float *row,
) except -1:
    """Write a line's features of shape and of topic."""
    cdef double words = line.words, parts = seen.parts, size = length
    cdef uint32_t first = KINDS[shown[0]], last = KINDS[shown[length - 1]]
    cdef double stops = 0, bound = seen.bound, heard
    cdef int topic
    if line.words > 5 and seen.stops > ((last & STOP) != 0):
        stops = _count_stops(shown, length)
    row[AT_WORDS] = log_of(line.words) / 2
    row[AT_CHARACTERS] = log_of(length) / 4
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
        heard = seen.topics[topic]
        row[TEXTS + topic - 1] = log_of(seen.topics[topic]) / 2 + 3 * heard / max(parts, 12.0)
    return 0


cdef double log_of(int64_t number) except -1:
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
