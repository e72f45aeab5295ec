"""The compiled twin of ``names._read_authors``, for most lines; Python is asked of the others.

Most lines that may name somebody are lines of prose, with small words on either side of each mark:
these are told at a glance from a byline and from a list of names.
"""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport uint64_t

from tasks.text._dates cimport HAS_DATE, clues_of
from tasks.text._names cimport may_begin_byline
from tasks.text.names import (
    _NO_PERSON,
    _ROLES_BEGIN,
    _SMALL,
    _whole_names,
    _without_office,
    read_name_line,
)
from tasks.text.words import NAME_PARTICLES

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text)

# What a character is: its bits are 0 for one that words of few languages have.
cdef enum:
    SPACE = 1
    SMALL_LETTER = 2
    CAPITAL = 4
    FIGURE = 8
    MARK = 16  # parts a line
    EDGE = 32  # may be about a name, or be shown as a quote within it
    POINT = 64  # stands within a part: a comma, a quote
    LOW_LINE = 128
    ENDING = 256  # goes with a mark before it
    LETTER = SMALL_LETTER | CAPITAL
    PARTS = FIGURE | MARK
    IN_WORD = LETTER | FIGURE | LOW_LINE

# What a word is.
cdef enum:
    OF_PICTURE = 1
    JOINS = 2  # may stand within names, or in front of them
    ADDRESS = 32  # in front of them alone
    PARTICLE = 64
    AND = 128
    NO_NAME = 256
    DIPLOMA = 512
    OF_OFFICE = 1024
    BY = 4
    AGO = 8
    WRITTEN = 16

cdef enum:
    ROOM = 4096
    MOST_WORDS = 5  # of a person's name without titles, see ``names.is_person``

cdef uint64_t SEED = 14695981039346656037u, PRIME = 1099511628211u
cdef unsigned short classes[256]
cdef uint64_t hashes[ROOM]
cdef unsigned short flags[ROOM]

PICTURES = "avatar image picture photo profile headshot portrait bild foto"
WRITERS = "written posted contributed words text article story post verfasst geschrieben"
HONORIFICS = "dr prof professor rev sir ing mr mrs ms miss herr frau o"


cdef struct Line:
    int kind
    const void *data
    Py_ssize_t size


cdef struct Word:
    Py_ssize_t start
    uint64_t hash  # of all its characters, in small
    bint is_small


cdef struct Seen:
    bint has_office  # a word may begin what a person is
    bint has_figure
    bint is_odd  # has a character that no name has, wherever it stands


cdef struct Token:
    int first  # class of its first character
    int flags  # of it without periods at its end
    bint is_odd  # has a character that no name has
    bint is_initial
    bint is_diploma
    bint owns


def read_authors(text):
    """``authors_of`` for Python."""
    return authors_of(text)


cdef tuple authors_of(str text):
    """What ``names._read_authors`` finds in a line; None where it is to be asked."""
    cdef Line line
    cdef Seen seen
    line.kind, line.data = PyUnicode_KIND(text), PyUnicode_DATA(text)
    line.size = PyUnicode_GET_LENGTH(text)
    if line.size == 0 or may_begin_byline(line.kind, line.data, 0, line.size):
        return None
    if not read_words(&line, &seen):
        return None
    if seen.has_figure and clues_of(line.kind, line.data, line.size) & HAS_DATE:
        return None
    if may_be_name_line(&line, &seen):
        if not PyUnicode_IS_ASCII(text) or not is_bare(&line):
            return None
        name = read_name_line(text)
        if name is not None:
            return (_without_office(name),)
    return read_parts(&line, text, seen.has_office)


cdef bint may_be_name_line(const Line *line, const Seen *seen) noexcept:
    """Whether ``names.read_name_line`` may find a person, in the whole line or before a comma."""
    if char_at(line, 0) == c"+":  # a bullet
        return seen.has_office or not seen.is_odd
    if not seen.is_odd and not has_small(line) and may_be_person(line, 0, line.size):
        return True
    return seen.has_office and may_be_person(line, 0, find_comma(line))


cdef bint is_bare(const Line *line) noexcept:
    """Whether ``lines.bare`` gives a line as it is: of one in ASCII without debris."""
    cdef Py_ssize_t at
    cdef unsigned int char = char_at(line, 0)
    if char == c"*" or char == c"+" or char == c"-" or char == c"o" or char == 32:
        return False
    for at in range(1, line.size):
        char = char_at(line, at)
        if class_at(line, at) & SPACE and (char != 32 or char_at(line, at - 1) == 32):
            return False
    return char != 32


cdef inline unsigned int char_at(const Line *line, Py_ssize_t at) noexcept:
    return PyUnicode_READ(line.kind, line.data, at)


cdef inline int class_at(const Line *line, Py_ssize_t at) noexcept:
    """Bits of a character; 0 beyond the line's end."""
    if at >= line.size:
        return 0
    cdef unsigned int char = char_at(line, at)
    return classes[char] if char < 256 else class_of(char)


cdef int class_of(unsigned int char) noexcept:
    """Bits of a character beyond the first 256: of quotes, dashes and the like."""
    if char == 0x2013 or char == 0x2014 or char == 0x2018 or char == 0x2022:
        return MARK | EDGE
    if char == 0x2026 or char == 0x20AC:
        return MARK
    if char == 0x2010 or char == 0x2019 or char == 0x201C or char == 0x201D:
        return POINT
    return 0


cdef inline unsigned int small(unsigned int char) noexcept:
    """The small letter of one that is a letter by its class."""
    return char | 32 if char < 256 and classes[char] & CAPITAL else char


cdef bint read_words(const Line *line, Seen *seen) noexcept:
    """Note what a line's characters tell; whether no word of it asks for a closer look."""
    cdef Py_ssize_t at = 0, start
    cdef uint64_t hash
    cdef int now, found, last = 0
    cdef bint is_ago = False
    seen.has_office = seen.has_figure = seen.is_odd = False
    while at < line.size:
        now = class_at(line, at)
        if now & LETTER:
            start, hash = at, SEED
            while class_at(line, at) & LETTER:
                hash = (hash ^ small(char_at(line, at))) * PRIME
                at += 1
            found = flags_of(hash)
            if found & OF_PICTURE:
                return False
            seen.has_office |= found & OF_OFFICE != 0
            if found & BY and last & WRITTEN and start and class_at(line, start - 1) & SPACE:
                return False
            is_ago |= (found & AGO) != 0
            last = found
            continue
        if now == 0 or (now & (MARK | LOW_LINE) and is_debris(line, at)):
            return False
        if now & FIGURE:
            seen.has_figure = True
        if now & FIGURE or now & (MARK | EDGE) == MARK:
            seen.is_odd = True
        at += 1
    return not (is_ago and seen.has_figure)


cdef bint is_debris(const Line *line, Py_ssize_t at) noexcept:
    """Whether a mark may be a renderer's debris, without which a line is another."""
    cdef unsigned int char = char_at(line, at), after
    if char == c"#":
        return at == 0 or is_after_bullet(line, at)
    if char != c"(" and char != c"[" and char != c"_" or at + 1 == line.size:
        return False
    after = char_at(line, at + 1)
    if char == c"_":
        return after == c"_"
    return after == c"X" or after == c"B" or after == c"*" or class_at(line, at + 1) & SPACE


cdef bint is_after_bullet(const Line *line, Py_ssize_t at) noexcept:
    """Whether but one character and spaces stand before a place: a bullet, maybe."""
    cdef Py_ssize_t start = at
    while start > 1 and class_at(line, start - 1) & SPACE:
        start -= 1
    return start == 1 and at > 1


cdef bint has_small(const Line *line) noexcept:
    """Whether a word of a line begins with a small letter, as no name's does, nor what joins two."""
    cdef Py_ssize_t at = 0, start
    cdef uint64_t hash
    while at < line.size:
        if class_at(line, at) & SMALL_LETTER:
            start, hash = at, SEED
            while class_at(line, at) & LETTER:
                hash = (hash ^ small(char_at(line, at))) * PRIME
                at += 1
                if at - start == 4 and flags_of(hash) & JOINS:
                    hash = 0  # a diploma, whatever follows
                    break
            if hash and not flags_of(hash) & JOINS:
                return True
        while at < line.size and not class_at(line, at) & SPACE:
            at += 1
        while class_at(line, at) & SPACE:
            at += 1
    return False


cdef tuple read_parts(const Line *line, str text, bint has_office):
    """The names of the first part of a line that is a list of them, as ``names._parts`` parts it.

    None where a part may be a byline. A list has no small words but those between names, or an
    office.
    """
    cdef Py_ssize_t at = 0, start = 0, then, words = 0
    cdef bint is_told = False, is_end
    cdef int now
    cdef Word word
    cdef tuple found = ()
    word.start = -1
    while True:
        now = class_at(line, at)
        if at < line.size and now & (SPACE | PARTS) == 0:
            if word.start < 0:
                begin(&word, at)
            take(&word, char_at(line, at), now)
            at += 1
            continue
        if word.start >= 0:
            words += 1
            is_told |= ends_small(&word)
            word.start = -1
        then = skip_between(line, at, &is_end)
        if is_end and at > start:
            if may_begin_byline(line.kind, line.data, start, at):
                return None
            if words > 1 and not found and (has_office or not is_told):
                if may_list_persons(line, start, at, 0 if has_office else words):
                    found = _whole_names(text[start:at], may_be_office=has_office)
        if is_end:
            start, words, is_told = then, 0, False
        if then >= line.size and at >= line.size:
            return found
        at = then


cdef Py_ssize_t skip_between(const Line *line, Py_ssize_t at, bint *is_end) noexcept:
    """The place after spaces and marks, and whether they end a part of the line."""
    cdef Py_ssize_t then = at
    is_end[0] = True
    while class_at(line, then) & SPACE:
        then += 1
    if class_at(line, then) & PARTS:
        while class_at(line, then) & PARTS:
            then += 1
        if class_at(line, then) & ENDING:
            then += 1
        while class_at(line, then) & SPACE:
            then += 1
    elif class_at(line, then + 1) & SPACE and char_at(line, then) == c"-":
        then += 1
        while class_at(line, then) & SPACE:
            then += 1
    elif then - at == 1 and char_at(line, at) != c"\t" and then < line.size:
        is_end[0] = False
        if then + 2 == line.size and char_at(line, then) == c"i":
            is_end[0] = char_at(line, then + 1) == c"n"
    return then


cdef Py_ssize_t find_comma(const Line *line) noexcept:
    """Where a line's first comma stands; 0 where none does."""
    cdef Py_ssize_t at
    for at in range(line.size):
        if char_at(line, at) == c",":
            return at
    return 0


cdef bint may_list_persons(
    const Line *line, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t words
) noexcept:
    """Whether a part may have persons between its ands, with so many words and what joins them."""
    cdef Py_ssize_t at = start, then, spoken = -1
    cdef uint64_t hash
    cdef unsigned int char
    while at < stop:
        then = at
        if class_at(line, at) & IN_WORD:
            hash = SEED
            while then < stop and class_at(line, then) & IN_WORD:
                hash = (hash ^ char_at(line, then)) * PRIME
                then += 1
            if flags_of(hash) & AND == 0:
                at = then
                continue
        else:
            char = char_at(line, at)
            then += 1
            if char != c"," and char != c";" and char != c"&" and char != c"+":
                at = then
                continue
        if may_be_person(line, start, at):
            spoken += 1 + count_words(line, start, at)
        start = at = then
    if may_be_person(line, start, stop):
        spoken += 1 + count_words(line, start, stop)
    return spoken >= max(words, 1)


cdef Py_ssize_t count_words(const Line *line, Py_ssize_t at, Py_ssize_t stop) noexcept:
    """How many words of a person's name stand there at most: five, and titles before these."""
    cdef Py_ssize_t words = 0, most = MOST_WORDS
    cdef Token one
    while at < stop and is_around(line, at):
        at += 1
    while at < stop:
        if class_at(line, at) & SPACE:
            at += 1
            continue
        at = read_token(line, at, stop, &one)
        words += 1
        most += one.is_diploma or one.flags & ADDRESS != 0
    return min(words, most)


cdef bint may_be_person(const Line *line, Py_ssize_t at, Py_ssize_t stop) noexcept:
    """Whether a person's name may begin what stands there: as its first two words tell."""
    cdef Token one
    while at < stop and is_around(line, at):
        at += 1
    at = read_token(line, at, stop, &one)
    if one.flags & ADDRESS or one.is_diploma:
        return True
    if not one.first & CAPITAL or one.is_odd or is_no_name(&one):
        return False
    while at < stop and class_at(line, at) & SPACE:
        at += 1
    if at >= stop:
        return False
    read_token(line, at, stop, &one)
    if one.first & SMALL_LETTER:
        return one.flags & PARTICLE != 0
    return one.flags & PARTICLE or not is_no_name(&one)


cdef bint is_around(const Line *line, Py_ssize_t at) noexcept:
    """Whether ``names.clean_name`` takes a character from a name's beginning."""
    cdef int now = class_at(line, at)
    return now & (SPACE | ENDING) or char_at(line, at) == c"-" or (
        now & (MARK | EDGE) == MARK | EDGE and char_at(line, at) != 0x2018
    )


cdef Py_ssize_t read_token(
    const Line *line, Py_ssize_t at, Py_ssize_t stop, Token *token
) noexcept:
    """What the word that begins there is; the place after it."""
    cdef Py_ssize_t start = at, end = at
    cdef uint64_t hash = SEED
    cdef unsigned int char = 0, before = 0, last = 0
    cdef int now
    token.first = class_at(line, at) if at < stop else 0
    token.is_odd = token.is_diploma = False
    token.flags = 0
    while at < stop:
        now = class_at(line, at)
        if now & SPACE:
            break
        char = char_at(line, at)
        if not now & LETTER and not is_joint(char):
            token.is_odd = True
        hash = (hash ^ small(char)) * PRIME
        at += 1
        if char != c".":
            before, last, end = last, char, at
            token.flags = flags_of(hash)
            token.is_diploma |= at - start == 4 and token.flags & DIPLOMA != 0
    token.is_initial = at - start == 2 and char == c"."
    token.owns = (last == c"s" or last == c"S") and (before == c"'" or before == 0x2019) and end - start > 1
    return at


cdef inline bint is_joint(unsigned int char) noexcept:
    """Whether a character may stand between the letters of a name's word."""
    return char == 39 or char == 45 or char == 46 or char == 0x2019 or char == 0x2010 or char == 0x2018


cdef inline bint is_no_name(const Token *token) noexcept:
    return not token.is_initial and (token.owns or token.flags & NO_NAME != 0)


cdef inline void begin(Word *word, Py_ssize_t at) noexcept:
    word.start, word.hash, word.is_small = at, SEED, False


cdef inline void take(Word *word, unsigned int char, int now) noexcept:
    """Add a character to a word; ``start`` stays."""
    if now & SMALL_LETTER:
        word.is_small = True
    elif now & CAPITAL:
        word.hash = 0  # and stays so
    word.hash = (word.hash ^ char) * PRIME if word.hash else 0


cdef inline bint ends_small(const Word *word) noexcept:
    """Whether a word is in small letters, and none that stands between names."""
    return word.is_small and word.hash != 0 and not flags_of(word.hash) & JOINS


cdef inline int flags_of(uint64_t hash) noexcept:
    """Bits of a word; those of another, at worst, which is then asked in vain."""
    cdef Py_ssize_t at = <Py_ssize_t> (hash >> 32) & (ROOM - 1)
    while flags[at]:
        if hashes[at] == hash:
            return flags[at]
        at = (at + 1) & (ROOM - 1)
    return 0


cdef void note(str words, int flag) except *:
    """Note what words are; those with letters that have no class are in no line that is read."""
    cdef uint64_t hash
    cdef Py_ssize_t at
    for word in words.split():
        hash = SEED
        for char in word:
            hash = (hash ^ <unsigned int> ord(char)) * PRIME
        at = <Py_ssize_t> (hash >> 32) & (ROOM - 1)
        while flags[at] and hashes[at] != hash:
            at = (at + 1) & (ROOM - 1)
        hashes[at] = hash
        flags[at] |= flag


cdef int first_class(str char) except -1:
    """Bits of one of the first 256 characters; 0 for those with odd forms, and odd figures."""
    if char.isspace():
        return SPACE if char != "\x85" else 0
    if char == "_":
        return LOW_LINE
    if char in ".,;:'\"&+-":
        return POINT | (ENDING if char in ".,;:" else 0)
    if char.isdecimal():
        return FIGURE
    if not char.isalnum():
        return MARK | (EDGE if char in "|*\xb7" else 0)
    if char in "ªºµß" or not char.isalpha():
        return 0
    return CAPITAL if char.isupper() else SMALL_LETTER


for _code in range(256):
    classes[_code] = first_class(chr(_code))
note(" ".join(_ROLES_BEGIN), OF_OFFICE)
note(PICTURES, OF_PICTURE)
note(" ".join(_SMALL), JOINS)
note(" ".join(_SMALL - NAME_PARTICLES | {"y", "e"}), AND)
note(HONORIFICS, JOINS | ADDRESS)
note("dipl", JOINS | DIPLOMA)
note(" ".join(NAME_PARTICLES), PARTICLE)
note(" ".join(_NO_PERSON), NO_NAME)
note("by von", BY)
note("ago vor", AGO)
note(WRITERS, WRITTEN)
