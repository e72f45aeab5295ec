"""The compiled twin of ``names.py``'s questions that nearly every line of a page is asked."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISALNUM,
    Py_UNICODE_ISDECIMAL,
    Py_UNICODE_ISSPACE,
    Py_UNICODE_ISUPPER,
    Py_UNICODE_TOLOWER,
)

from tasks.text._lines cimport has_digit
from tasks.text.dates import MONTHS
from tasks.text.given_names import is_given_name
from tasks.text.words import (
    BYLINES_BEGIN,
    MONTH_NAMES,
    NAME_PARTICLES,
    NO_NAME,
    WEEKDAYS,
)

cdef enum:
    LONGEST = 160  # of a byline: names.LONGEST_BYLINE
    MOST_WORDS = 64
    LETTERS = 16
    BULLET = 0x2022

AROUND = "\"'“”‘’()[]{}.,;:!?*#|•·–—-"  # names._AROUND
NO_PERSON = NO_NAME | WEEKDAYS | (MONTHS.keys() - MONTH_NAMES)  # names._NO_PERSON
cdef Py_ssize_t longest_particle = max(map(len, NAME_PARTICLES))

# The words that bylines begin with, in small letters, each ended by a 0.
cdef char begins[MOST_WORDS][LETTERS]
cdef int begins_count = 0
# Whether one of them begins with two letters.
cdef bint first_two[26][26]


cdef void read_beginnings() except *:
    global begins_count
    if len(BYLINES_BEGIN) > MOST_WORDS or max(map(len, BYLINES_BEGIN)) >= LETTERS:
        raise ValueError("more or longer beginnings of bylines than there is room for")
    for word in BYLINES_BEGIN:
        encoded = word.encode("ascii")
        for at in range(len(encoded)):
            begins[begins_count][at] = encoded[at]
        begins[begins_count][len(encoded)] = 0
        first_two[encoded[0] - 97][encoded[1] - 97] = True
        begins_count += 1


read_beginnings()


cdef inline int letter(unsigned int char) noexcept:
    """The place of an ASCII letter in the alphabet; -1 for any other character."""
    cdef unsigned int low = char | 32
    return <int> low - 97 if 97 <= low <= 122 and char < 128 else -1


cdef bint may_be_byline(str text):
    """Whether ``names._is_byline`` is to be asked of a line; where not, it is no byline."""
    return may_begin_byline(PyUnicode_KIND(text), PyUnicode_DATA(text), 0, len(text))


cdef bint may_begin_byline(int kind, const void *data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """The same of what stands from one place to another.

    It is none where its first letters, marks aside, are ASCII and begin no word for *by*. A bracket
    or a low line among them may be a renderer's debris, which is not seen.
    """
    cdef Py_ssize_t start = at, stop
    cdef unsigned int char, following
    cdef int one, two, number, place
    if size - at > LONGEST:
        return False
    if size - at >= 2 and PyUnicode_READ(kind, data, at) == c"o":
        if Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at + 1)):
            return True  # a bullet, maybe
    while at < size:
        char = PyUnicode_READ(kind, data, at)
        if char == BULLET and at == start and size - at > 1:
            if Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at + 1)):
                at += 2
                continue
        if char >= 128 or char == c"(" or char == c"[" or char == c"_":
            return True
        if 48 <= char <= 57:
            return False
        if letter(char) >= 0:
            break
        at += 1
    if at == size:
        return False
    stop = at
    while stop < size and stop - at < LETTERS:
        if letter(PyUnicode_READ(kind, data, stop)) < 0:
            break
        stop += 1
    following = PyUnicode_READ(kind, data, stop) if stop < size else 0
    one = letter(PyUnicode_READ(kind, data, at))
    two = letter(PyUnicode_READ(kind, data, at + 1)) if stop - at > 1 else -1
    if two >= 0 and not first_two[one][two]:
        return False
    if following >= 128 or following == c"(" or following == c"[" or following == c"_":
        return True
    if two < 0:
        return False
    for number in range(begins_count):
        if begins[number][0] != one + 97 or begins[number][1] != two + 97:
            continue
        place = 2
        while begins[number][place] and at + place < stop:
            if begins[number][place] != <int> PyUnicode_READ(kind, data, at + place) | 32:
                break
            place += 1
        if not begins[number][place]:
            return True
    return False


cdef bint may_name(str text):
    """Twin of ``names.may_name``.

    A capitalised word is looked up only where another stands beside it.
    """
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at = 0, start, last = -1, last_stop = 0
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef unsigned int char
    cdef bint run = False, is_small
    # While `last` is set, `run` is whether the word that begins there could be of a name.
    while True:
        while at < size and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
            at += 1
        if at == size:
            return False
        start = at
        is_small = True
        while at < size:
            char = PyUnicode_READ(kind, data, at)
            if char < 128:
                if 65 <= char <= 90:
                    is_small = False
                elif char == 32 or 9 <= char <= 13 or 28 <= char <= 31:
                    break
            elif Py_UNICODE_ISSPACE(char):
                break
            elif Py_UNICODE_TOLOWER(char) != char:
                is_small = False
            at += 1
        if is_small:
            if (run or last >= 0) and not is_particle(text, start, at):
                run, last = False, -1
            continue
        if last >= 0:
            run = is_of_name(text, last, last_stop)
            last = -1
        if run:
            if is_particle(text, start, at) or is_of_name(text, start, at):
                return True
            run = False
        else:
            last, last_stop = start, at


cdef bint is_particle(str text, Py_ssize_t start, Py_ssize_t stop):
    return stop - start <= longest_particle and text[start:stop].lower() in NAME_PARTICLES


cdef bint is_of_name(str text, Py_ssize_t start, Py_ssize_t stop):
    if stop - start == 2 and text[start + 1] == ".":
        return True  # the A. of John A. Alder is no article
    return text[start:stop].lower().strip(AROUND) not in NO_NAME


def find_name(str text):
    """``may_name`` for Python."""
    return may_name(text)


def begins_byline(str text):
    """``may_be_byline`` for Python."""
    return may_be_byline(text)


def is_person(str text):
    """The twin of ``names._is_person``, for a text without an honorific before it."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at, full = 0, count = 0
    cdef Py_UCS4 first
    cdef str word, plain, last
    cdef list words
    if size < 4 or size > 48:
        return False
    words = text.split()
    count = len(words)
    if count < 2 or count > 5 or has_digit(text):
        return False
    for at in range(count):
        word = words[at]
        first = word[0]
        if first < 128:
            if not 65 <= first <= 90 and first != 46 and (at == 0 or not 97 <= first <= 122):
                return False
        elif not Py_UNICODE_ISALNUM(first):
            return False
    last = words[count - 1]
    if not Py_UNICODE_ISUPPER(last[0]):
        if last.islower() or last.casefold().strip(".") not in NAME_PARTICLES:
            return False
    for at in range(count):
        word = words[at]
        plain = word.casefold().strip(".")
        if at and plain in NAME_PARTICLES and word != words[0]:
            full += Py_UNICODE_ISUPPER(word[0])
            continue
        if not Py_UNICODE_ISUPPER(word[0]) or not is_word(word):
            return False
        if PyUnicode_GET_LENGTH(word) == 2 and word[1] == ".":
            continue
        if plain in NO_PERSON or plain.endswith(("'s", "’s")):
            return False
        full += PyUnicode_GET_LENGTH(word.strip(".")) > 1
    if full == 0 or (count > 3 and text.isupper()):
        return False
    return PyUnicode_GET_LENGTH(last.strip(".")) > 1 or is_given_name(words[0])


cdef bint is_word(str word) noexcept:
    """Twin of ``names._WORD``: letters, marks between them, and a period at the end."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(word), at
    cdef int kind = PyUnicode_KIND(word)
    cdef void *data = PyUnicode_DATA(word)
    cdef unsigned int char
    cdef bint was_letter = False
    for at in range(size):
        char = PyUnicode_READ(kind, data, at)
        if letter(char) >= 0 or (
            char >= 128 and Py_UNICODE_ISALNUM(char) and not Py_UNICODE_ISDECIMAL(char)
        ):
            was_letter = True
            continue
        if not was_letter:
            return False
        if not (char == 39 or char == 45 or char == 46 or char == 0x2019 or char == 0x2010):
            return False
        was_letter = False
    return was_letter or (size > 1 and PyUnicode_READ(kind, data, size - 1) == 46)
