from libc.stdint cimport int32_t, int64_t

from tasks.text._vocabulary cimport Vocabulary

# Places in a row: the order is that of ``features.NAMES``; topics, rules and place follow.
cdef enum:
    AT_WORDS, AT_CHARACTERS, AT_SENTENCE, AT_ELLIPSIS, AT_COLON, AT_QUESTION, AT_COMMA,
    AT_LOWER, AT_UPPER, AT_DIGIT, AT_QUOTE, AT_ITEM, AT_CAPITALS, AT_DIGITS, AT_SHOUT,
    AT_FUNCTION, AT_COMMAS, AT_BARS, AT_COPYRIGHT, AT_ADDRESS, AT_DEBRIS, AT_DASH, AT_LONG,
    AT_DENSE, AT_DATE, AT_BYLINE, AT_STOPS, AT_STOP_RATE, TEXTS


cdef struct Line:
    int64_t words
    int32_t indent
    int32_t blanks  # before it
    int32_t bag  # weighty words, each once
    int32_t is_prose
    int32_t same  # the first line that says the same
    int32_t alike  # the first line that begins alike
    int32_t are_same  # of a first line: how many say the same
    int32_t are_alike


cdef int TOPIC_COUNT

cdef int read_line(
    Vocabulary words, Line *line, int32_t place, str text, bint is_ended, float *row,
    int first_word,
) except -1

cdef double log_of(int64_t number) except -1
