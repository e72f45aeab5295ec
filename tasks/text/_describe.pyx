"""The compiled twin of ``describe.py``: what is known of lines with dates and names, weighed.

Values are summed in the order in which Python sums them.
"""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISLOWER,
)
from libc.math cimport log, log1p

from tasks.text._lines cimport has_digit
from tasks.text._names cimport may_be_byline
from tasks.text.describe import (
    _CLOCK,
    _OTHER,
    _PICTURED,
    _PUBLISHED,
    _REVIEWED,
    _UPDATED,
    _WORD,
    _WRITTEN,
    _count_cards,
    _names_at,
)
from tasks.text.given_names import is_given_name
from tasks.text.lines import bare
from tasks.text.marks import is_date_line
from tasks.text.names import ROLES, read_byline, read_name_line

# The limits of describe.py and marks.py, by their names there.
cdef enum:
    PROSE_WORDS = 12
    OLD = 729_000

# How the words begin of which the patterns of describe.py are; each pattern is a bit.
BEGINNINGS = {
    "published": "pu po ve er ge op cr fi",
    "updated": "up ak st mo re cu ac mi ag at bi op",
    "reviewed": "re fa ed ph fo im bi il tr cr",
    "pictured": "ph fo im bi cr pi ge re af ap ep dp qu so",
    "written": "ar st po te wo re th wr pu co cr ve ge es by vo pa di do av af pr ab me au",
}
cdef enum:
    OF_PUBLISHED = 1
    OF_UPDATED = 2
    OF_REVIEWED = 4
    OF_PICTURED = 8
    OF_WRITTEN = 16
cdef unsigned char first_two[26][26]
cdef int _bit = 1
for _words in BEGINNINGS.values():
    for _word in _words.split():
        first_two[ord(_word[0]) - 97][ord(_word[1]) - 97] |= _bit
    _bit *= 2


cdef int beginnings(str text, Py_ssize_t stop, bint is_first) noexcept:
    """Bits of the patterns that a text may match up to there, or that its first word may begin.

    A letter that is not ASCII may be of any.
    """
    cdef int kind = PyUnicode_KIND(text), found = 0
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_ssize_t at
    cdef unsigned int c, before = 0, two
    stop = min(stop, PyUnicode_GET_LENGTH(text))
    for at in range(stop):
        c = PyUnicode_READ(kind, data, at)
        if c >= 128:
            return 255
        if not is_word(before) and is_word(c):
            two = PyUnicode_READ(kind, data, at + 1) if at + 1 < stop else 0
            if two >= 128:
                return 255
            if 97 <= (c | 32) <= 122 and 97 <= (two | 32) <= 122:
                found |= first_two[(c | 32) - 97][(two | 32) - 97]
            if is_first:
                break
        before = c
    return found


cdef inline bint is_word(unsigned int c) noexcept:
    return 97 <= (c | 32) <= 122 or 48 <= c <= 57 or c == 95

FIND_WORDS = _WORD.findall

WHERE = (
    "tail tail_far inside inside_far start_far no_title begins_under under_title right_under "
    "under_far above_title right_above above_far"
).split()
cdef enum:
    TAIL, TAIL_FAR, INSIDE, INSIDE_FAR, START_FAR, NO_TITLE, BEGINS_UNDER, UNDER_TITLE
    RIGHT_UNDER, UNDER_FAR, ABOVE_TITLE, RIGHT_ABOVE, ABOVE_FAR, PLACED

NAMES = WHERE + (
    "by_above by_second office_below pictured names_near above_prose below_prose apart broken "
    "runs_on given clock alone alone_tail alone_under alone_head alone_dated alone_end by by_tail "
    "by_within dated dated_next dated_near days_near cards published_near office top bio_below "
    "bio_first reviewed reviewed_above capitals item words share names two_words period"
).split()
cdef enum:
    BY_ABOVE = PLACED
    BY_SECOND, OFFICE_BELOW, PICTURED, NAMES_NEAR, ABOVE_PROSE, BELOW_PROSE, APART, BROKEN
    RUNS_ON, GIVEN, CLOCK, ALONE, ALONE_TAIL, ALONE_UNDER, ALONE_HEAD, ALONE_DATED, ALONE_END, BY
    BY_TAIL, BY_WITHIN, DATED, DATED_NEXT, DATED_NEAR, DAYS_NEAR, CARDS, PUBLISHED_NEAR, OFFICE
    TOP, BIO_BELOW, BIO_FIRST, REVIEWED, REVIEWED_ABOVE, CAPITALS, ITEM, WORDS, SHARE, COUNT
    TWO_WORDS, PERIOD, NAME_FEATURES
assert len(NAMES) == NAME_FEATURES

DATES = WHERE + (
    "published updated published_above updated_above other alone words item byline names "
    "names_near others_near twice latest earliest only old after_prose before_prose period"
).split()
cdef enum:
    D_PUBLISHED = PLACED
    D_UPDATED, D_PUBLISHED_ABOVE, D_UPDATED_ABOVE, D_OTHER, D_ALONE, D_WORDS, D_ITEM, D_BYLINE
    D_NAMES, D_NAMES_NEAR, D_OTHERS_NEAR, D_TWICE, D_LATEST, D_EARLIEST, D_ONLY, D_OLD
    D_AFTER_PROSE, D_BEFORE_PROSE, D_PERIOD, DATE_FEATURES
assert len(DATES) == DATE_FEATURES


cdef class Weights:
    """Weights by place; read again where others are given."""

    cdef object names, given
    cdef double at[64]

    def __cinit__(self, names):
        if len(names) > 64:
            raise ValueError("more features than there is room for")
        self.names = names

    cdef int read(self, dict given) except -1:
        if given is not self.given:
            for place, name in enumerate(self.names):
                self.at[place] = given[name]
            self.given = given
        return 0

    cdef double add_up(self, double *values, int size) noexcept:
        cdef double worth = 0.0
        cdef int place
        for place in range(size):
            if values[place] != 0.0:
                worth += self.at[place] * values[place]
        return worth


cdef Weights name_weights = Weights(NAMES), date_weights = Weights(DATES)


cdef int find_where(Py_ssize_t place, around, double *values) except -1:
    """Twin of ``describe._where``."""
    cdef Py_ssize_t start = around.start, stop = around.stop, title = around.title
    cdef bint has_title = title < start, is_inside = start <= place < stop
    cdef Py_ssize_t below = place - title if has_title and place < start else 0
    cdef Py_ssize_t inside_below = place - title if around.is_titled and not has_title else 0
    values[TAIL] = place >= stop
    values[TAIL_FAR] = log1p(max(0, place - stop))
    values[INSIDE] = is_inside
    values[INSIDE_FAR] = log1p(place - start) if is_inside else 0.0
    values[START_FAR] = log1p(max(0, start - place))
    values[NO_TITLE] = not has_title
    values[BEGINS_UNDER] = 0 < inside_below <= 3
    values[UNDER_TITLE] = below > 0
    values[RIGHT_UNDER] = 0 < below <= 2
    values[UNDER_FAR] = log1p(max(0, below))
    values[ABOVE_TITLE] = below < 0
    values[RIGHT_ABOVE] = 0 < -below <= 2
    values[ABOVE_FAR] = log1p(max(0, -below))
    return 0


cdef bint is_prose(page, Py_ssize_t index) except -1:
    cdef Py_ssize_t words = page.words[index]
    return words >= PROSE_WORDS and (words >= 3 * PROSE_WORDS or page.is_ended[index])


cdef bint are_near(dict places, Py_ssize_t one, Py_ssize_t two) except -1:
    return one in places or two in places


def weigh_date(page, Py_ssize_t place, around, dict weights):
    """``describe.describe_date``, weighed."""
    cdef double v[DATE_FEATURES]
    cdef Py_ssize_t index, near = 0, at
    cdef int bits
    cdef dict dates = around.dates, names = around.names
    cdef str text, above = ""
    said = page.said
    index = said[place]
    text = page.texts[index]
    date_weights.read(weights)
    if place:
        above = (<str> page.texts[said[place - 1]])[:60]
        if len(above.split()) > 5:
            above = ""
    day = dates[place]
    for at, other in dates.items():
        near += 0 < abs(at - place) <= 8 and other != day
    find_where(place, around, v)
    bits = beginnings(text, PyUnicode_GET_LENGTH(text), False)
    v[D_PUBLISHED] = bits & OF_PUBLISHED and _PUBLISHED.search(text) is not None
    v[D_UPDATED] = bits & OF_UPDATED and _UPDATED.search(text) is not None
    bits = beginnings(above, PyUnicode_GET_LENGTH(above), False)
    v[D_PUBLISHED_ABOVE] = bits & OF_PUBLISHED and _PUBLISHED.search(above) is not None
    v[D_UPDATED_ABOVE] = bits & OF_UPDATED and _UPDATED.search(above) is not None
    v[D_OTHER] = _OTHER.search(text) is not None or (
        above != "" and _OTHER.search(above) is not None
    )
    v[D_ALONE] = is_date_line(text)
    v[D_WORDS] = log1p(page.words[index])
    v[D_ITEM] = page.lines.items[index]
    v[D_BYLINE] = may_be_byline(text) and len(read_byline(text)) > 0
    v[D_NAMES] = place in names
    v[D_NAMES_NEAR] = len(names) > 0 and (
        are_near(names, place - 2, place - 1) or are_near(names, place + 1, place + 2)
    )
    v[D_OTHERS_NEAR] = log1p(near)
    v[D_TWICE] = around.days[day] > 1
    v[D_LATEST] = day == max(dates.values())
    v[D_EARLIEST] = day == min(dates.values())
    v[D_ONLY] = len(dates) == 1
    v[D_OLD] = day < OLD
    v[D_AFTER_PROSE] = place > 0 and is_prose(page, said[place - 1])
    v[D_BEFORE_PROSE] = place + 1 < len(said) and is_prose(page, said[place + 1])
    v[D_PERIOD] = page.is_ended[index]
    return date_weights.add_up(v, DATE_FEATURES)


def weigh_name_lines(page, Py_ssize_t place, around, dict weights):
    """``describe.describe_name_lines``, weighed."""
    cdef double v[NAME_FEATURES]
    cdef Py_ssize_t index, last, size, at, known = 0
    cdef dict days = around.dates, names = around.names
    cdef str text, above = "", below = "", second = "", name
    cdef tuple found
    cdef bint in_tail, in_head, alone, by, dated_next
    cdef bint has_above = place > 0, has_below
    said, texts = page.said, page.texts
    size = len(said)
    found = around.groups[place]
    index, last = said[place], found[len(found) - 1]
    text = texts[index]
    name_weights.read(weights)
    find_where(place, around, v)
    found = names[place] if last == place else ()
    if last != place or len(found) > 1:
        found = _names_at(place, around)
    has_below = last + 1 < size
    if has_above:
        above = texts[said[place - 1]]
    if place > 1:
        second = texts[said[place - 2]]
    if has_below:
        below = texts[said[last + 1]]
    in_tail, in_head = v[TAIL] != 0.0, place < <Py_ssize_t> around.start
    describe_beside(page, place, last, names, above, second, below, v)
    for name in found:
        known += is_given_name(name.split()[0].strip("."))
    dated_next = len(days) > 0 and are_near(days, last + 1, place - 1)
    alone = read_name_line(bare(text)) is not None
    by = may_be_byline(text) and len(read_byline(text)) > 0
    v[GIVEN] = <double> known / len(found)
    v[CLOCK] = has_digit(text) and _CLOCK.search(text) is not None
    v[ALONE] = alone
    v[ALONE_TAIL] = alone and in_tail
    v[ALONE_UNDER] = alone and 0 < place - <Py_ssize_t> around.title <= 4 and in_head
    v[ALONE_HEAD] = alone and in_head
    v[ALONE_DATED] = alone and dated_next
    v[ALONE_END] = alone and -2 <= place - <Py_ssize_t> around.stop <= 1
    v[BY] = by
    v[BY_TAIL] = by and in_tail
    v[BY_WITHIN] = " by " in f" {text.casefold()} "
    v[DATED] = place in days
    v[DATED_NEXT] = dated_next
    v[DATED_NEAR] = len(days) > 0 and (
        are_near(days, place - 3, place - 2) or are_near(days, last + 2, last + 3)
    )
    v[DAYS_NEAR] = log1p(count_days(days, place)) if days else 0.0
    v[CARDS] = log1p(_count_cards(place, set(found), around)) if in_tail else 0.0
    v[PUBLISHED_NEAR] = beginnings(below, 40, False) & (OF_PUBLISHED | OF_UPDATED) and (
        _PUBLISHED.search(below[:40]) is not None or _UPDATED.search(below[:40]) is not None
    )
    v[OFFICE] = not ROLES.isdisjoint(text.casefold().split())
    v[TOP] = place <= 2
    describe_bio(below, found, v)
    v[REVIEWED] = beginnings(text, 40, False) & OF_REVIEWED and (
        _REVIEWED.search(text[:40]) is not None
    )
    v[REVIEWED_ABOVE] = beginnings(above, 40, False) & OF_REVIEWED and (
        _REVIEWED.search(above[:40]) is not None and len(above.split()) < 6
    )
    v[CAPITALS] = text.isupper()
    v[ITEM] = page.lines.items[index]
    v[WORDS] = log1p(page.words[index])
    v[SHARE] = <double> sum_sizes(names[place]) / PyUnicode_GET_LENGTH(text)
    v[COUNT] = log(len(found))
    v[TWO_WORDS] = count_words(found) == 2
    v[PERIOD] = page.is_ended[index]
    return name_weights.add_up(v, NAME_FEATURES)


cdef int describe_beside(
    page, Py_ssize_t place, Py_ssize_t last, dict names, str above, str second, str below, double *v
) except -1:
    """Twin of ``describe._beside``."""
    cdef bint is_by = False, is_office = False
    cdef Py_UCS4 first
    said = page.said
    if place > 0:
        is_by = bool(page.hits[said[place - 1]]) and page.mark(said[place - 1], "by") is not None
        v[ABOVE_PROSE] = is_prose(page, said[place - 1])
        v[APART] = <Py_ssize_t> said[place] - <Py_ssize_t> said[place - 1] > 1
        v[RUNS_ON] = PyUnicode_GET_LENGTH(above) > 40 and not page.is_ended[said[place - 1]]
    else:
        v[ABOVE_PROSE] = v[APART] = v[RUNS_ON] = 0.0
    v[BY_ABOVE] = is_by or (
        beginnings(above, 40, True) & OF_WRITTEN and _WRITTEN.fullmatch(above[:40]) is not None
    )
    v[BY_SECOND] = (
        PyUnicode_GET_LENGTH(above) < 60
        and beginnings(second, 40, True) & OF_WRITTEN
        and _WRITTEN.fullmatch(second[:40]) is not None
    )
    v[NAMES_NEAR] = (place - 2 in names) + (place - 1 in names)
    v[NAMES_NEAR] += (last + 1 in names) + (last + 2 in names)
    if below == "":
        v[OFFICE_BELOW] = v[PICTURED] = v[BELOW_PROSE] = 0.0
        v[BROKEN] = 1.0
        return 0
    if <Py_ssize_t> page.words[said[last + 1]] < 12:
        is_office = not ROLES.isdisjoint(below.casefold().replace(",", " ").split())
    first = below[0]
    v[OFFICE_BELOW] = is_office
    v[PICTURED] = beginnings(below, PyUnicode_GET_LENGTH(below), True) & OF_PICTURED and (
        _PICTURED.match(below) is not None
    )
    v[BELOW_PROSE] = is_prose(page, said[last + 1])
    v[BROKEN] = Py_UNICODE_ISLOWER(first) or first in u",;.)"
    return 0


cdef int describe_bio(str below, tuple found, double *v) except -1:
    """Whether the line below begins with one of the persons."""
    cdef str name, begins
    v[BIO_BELOW] = v[BIO_FIRST] = 0.0
    if below == "":
        return 0
    begins = below[:50].casefold()
    for name in found:
        name = name.casefold()
        if begins.startswith(name):
            v[BIO_BELOW] = 1.0
        if PyUnicode_GET_LENGTH(below) > 60 and begins.startswith(name.split()[0]):
            v[BIO_FIRST] = 1.0
    return 0


cdef Py_ssize_t count_days(dict days, Py_ssize_t place) except -1:
    """How many days stand near a line."""
    cdef set near = set()
    cdef Py_ssize_t at
    for at, day in days.items():
        if -10 <= at - place <= 10:
            near.add(day)
    return len(near)


cdef Py_ssize_t sum_sizes(tuple names) except -1:
    cdef Py_ssize_t size = 0
    cdef str name
    for name in names:
        size += PyUnicode_GET_LENGTH(name)
    return size


cdef Py_ssize_t count_words(tuple names) except -1:
    cdef Py_ssize_t count = 0
    cdef str name
    for name in names:
        count += len(name.split())
    return count


def weigh_persons(Py_ssize_t place, around, dict weights):
    """``describe.describe_persons``, weighed."""
    cdef str body = around.body, tail = around.tail, short = around.short, name, surname, word
    cdef tuple found = _names_at(place, around)
    cdef list words
    cdef dict persons = around.persons
    cdef Py_ssize_t most = 0, surnames, more = 0, shorts = 0, count, seen = 0
    cdef bint is_inside = around.start <= place < around.stop, has_tail = False, has_bio = False
    cdef bint is_owner = False, any_common = False, all_common = True, is_first = True
    cdef double worth = 0.0
    prose, owners = around.prose, around.owners
    for name in found:
        name = name.casefold()
        count = body.count(name)
        words = name.split()
        surname = words[len(words) - 1]
        surnames = body.count(surname) - count
        more = surnames if is_first else max(more, surnames)
        is_first = False
        most, shorts = max(most, count), max(shorts, <Py_ssize_t> short.count(name))
        seen = max(seen, <Py_ssize_t> persons[name])
        if name in tail:
            has_tail = True
            has_bio = has_bio or tells_of(name, tail)
        if count and not has_bio:
            has_bio = tells_of(name, body)
        is_owner = is_owner or name in owners
        for word in FIND_WORDS(name):
            if PyUnicode_GET_LENGTH(word) > 3:
                if prose.has(word):
                    any_common = True
                else:
                    all_common = False
    if seen > 1:
        worth += weights["twice"]
    if seen > 3:
        worth += weights["often"]
    if most > is_inside:
        worth += weights["told_body"]
    if has_tail:
        worth += weights["told_tail"]
    if more:
        worth += <double> weights["subject"] * log1p(more)
    if shorts:
        worth += <double> weights["short"] * log1p(shorts)
    if is_owner:
        worth += weights["owner"]
    if has_bio:
        worth += weights["bio"]
    if any_common:
        worth += weights["common"]
    if all_common:
        worth += weights["all_common"]
    return worth


cdef bint tells_of(str name, str text) except -1:
    """Whether a text in small letters says of a person what he is."""
    return f"{name} is " in text or f"{name} ist " in text or f"{name} es " in text
