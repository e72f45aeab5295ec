"""The compiled twin of ``tally.py``: one pass over a text's characters."""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport uint64_t
from libc.stdlib cimport free, malloc

from tasks.text._syllables cimport Lexicon, mix

cdef extern from "Python.h":
    bint Py_UNICODE_ISALPHA(Py_UCS4 letter)
    bint Py_UNICODE_ISALNUM(Py_UCS4 letter)
    bint Py_UNICODE_ISSPACE(Py_UCS4 letter)

cdef enum:
    # what parts sentences and words: one of four
    OTHER = 0
    WORD = 1
    SPACE = 2
    MARK = 3
    KIND = 3
    # and what a letter of a word is
    ALPHANUMERIC = 4
    ALPHABETIC = 8
    KNOWN = 1 << 16
    WAITING = 64  # so many words are read before they are looked up: memory is slow to answer
    DOTTED_I = 0x130  # two characters in lower case

# A sentence is a stretch without ``. ! ?`` of three words: what is read of it, and what is next
# after each kind of character. 0: nothing; 1, 3: a word; 2, 4: white space behind it; 5: all.
cdef unsigned char[24] _NEXT = [
    0, 1, 0, 0,
    1, 1, 2, 0,
    2, 3, 2, 0,
    3, 3, 4, 0,
    4, 5, 4, 0,
    5, 5, 5, 0,
]  # fmt: skip

cdef unsigned char[KNOWN] _KINDS


cdef unsigned char _kind(Py_UCS4 letter) noexcept:
    if Py_UNICODE_ISALNUM(letter):
        return WORD | ALPHANUMERIC | (ALPHABETIC if Py_UNICODE_ISALPHA(letter) else 0)
    if letter == u"_":
        return WORD
    if letter == u"." or letter == u"!" or letter == u"?":
        return MARK
    return SPACE if Py_UNICODE_ISSPACE(letter) else OTHER


for _letter in range(KNOWN):
    _KINDS[<Py_ssize_t> _letter] = _kind(_letter)


cdef struct Sums:
    Py_ssize_t sentences, characters, pieces, words, letters, alphanumerics, lettered_words
    Py_ssize_t long_words, syllables, voiced_words, monosyllables, polysyllables, unlisted_words
    Py_ssize_t hard_words, fog_words


cdef struct Word:
    Py_ssize_t start, end  # of its piece, in the text
    Py_ssize_t at, size  # of its codes
    uint64_t mixed
    bint is_odd


def count(str text, Py_ssize_t head, Lexicon lexicon, Py_ssize_t fog, sound):
    """Count a text as ``tally.Counts`` has it, in the order of its fields; all but Arabic's.

    Args:
        text: Any text.
        head: The words that the Linsear Write formula reads; 0 where it is not asked for.
        lexicon: The language's; None where syllables are not counted.
        fog: From so many syllables a word is hard; 0 where easy words are not asked for.
        sound: Gives the syllables of a piece with a letter that is two in lower case: of its
            word, and of it without marks, -1 if it is easy.
    """
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), at, start = 0
    cdef int width = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef Py_UCS4 letter
    cdef unsigned char kind, code, state = 0
    # of the word at hand, and of those that wait
    cdef Py_ssize_t long_as = 0, letters = 0, alphanumerics = 0, free_at = 0
    cdef uint64_t mixed = 0
    cdef bint is_lettered = False, is_odd = False
    cdef Word[WAITING] words
    cdef int waiting = 0
    cdef Py_ssize_t weight = 0, head_sentences = 0
    cdef Sums sums
    cdef unsigned char *codes = <unsigned char *> malloc(2 * size + 8)
    if codes == NULL:
        raise MemoryError
    sums = Sums(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    try:
        for at in range(size + 1):
            if at < size:
                letter = PyUnicode_READ(width, data, at)
                kind = _KINDS[letter] if letter < KNOWN else _kind(letter)
            else:
                letter, kind = 0, SPACE  # the last piece ends
            if kind & KIND != SPACE:
                sums.characters += 1
                if kind & WORD and kind != MARK:
                    letters += 1
                    alphanumerics += kind >> 2 & 1
                    is_lettered |= kind >> 3
                elif letter != u"'" or not _is_kept(width, data, at + 1, size):
                    state = _NEXT[4 * state + (kind & KIND)]
                    continue
                sums.sentences += state == 4 and kind & WORD != 0
                state = _NEXT[4 * state + (kind & KIND)]
                long_as += 1
                if lexicon is not None:
                    code = lexicon.codes[letter] if letter < KNOWN else 0
                    codes[free_at + long_as] = code
                    mixed = mix(mixed, code)
                    is_odd |= letter == DOTTED_I
                continue
            state = _NEXT[4 * state + SPACE]
            if start < at:
                sums.pieces += 1
            if long_as:
                sums.words += 1
                sums.letters += letters
                sums.alphanumerics += alphanumerics
                sums.lettered_words += is_lettered
                sums.long_words += letters > 6
                if lexicon is not None:
                    lexicon.foresee(mixed)
                    words[waiting] = Word(start, at, free_at, long_as, mixed, is_odd)
                    waiting, free_at = waiting + 1, free_at + long_as + 1
                    if waiting == WAITING or sums.words == head:
                        _look(text, words, waiting, codes, size, lexicon, fog, sound, &sums)
                        waiting = free_at = 0
                    if sums.words == head:
                        weight = sums.voiced_words + 2 * sums.polysyllables
                        head_sentences = max(sums.sentences, 1)
                    mixed = 0
                    is_odd = False
                long_as = letters = alphanumerics = 0
                is_lettered = False
            start = at + 1
        _look(text, words, waiting, codes, size, lexicon, fog, sound, &sums)
    finally:
        free(codes)
    if size:
        sums.sentences = max(sums.sentences, 1)
    if head and sums.words < head:
        weight = sums.voiced_words + 2 * sums.polysyllables
    if head and (sums.words < head or sums.pieces <= head):
        head_sentences = sums.sentences
    return (
        sums.sentences,
        sums.characters,
        sums.pieces,
        sums.words,
        sums.letters,
        sums.alphanumerics,
        sums.lettered_words,
        sums.long_words,
        sums.syllables,
        sums.voiced_words,
        sums.monosyllables,
        sums.polysyllables,
        sums.unlisted_words,
        sums.hard_words,
        sums.fog_words,
        0,
        0,
        weight,
        head_sentences,
    )


cdef int _look(
    str text,
    Word *words,
    int waiting,
    unsigned char *codes,
    Py_ssize_t size,
    Lexicon lexicon,
    Py_ssize_t fog,
    sound,
    Sums *sums,
) except -1:
    """Look into words that waited."""
    cdef Py_ssize_t syllables, unlisted
    cdef Word *word
    cdef int number
    for number in range(waiting):
        word = words + number
        if word.is_odd:
            syllables, unlisted = sound(text[word.start : word.end])
        else:
            syllables = lexicon.look(codes + word.at, word.size, word.mixed, codes + size + 4)
            unlisted = -1 if syllables & 1 else syllables >> 1
            syllables >>= 1
        sums.syllables += syllables
        sums.voiced_words += syllables > 0
        sums.monosyllables += syllables == 1
        sums.polysyllables += syllables >= 3
        if fog:
            sums.unlisted_words += unlisted >= 0
            sums.hard_words += unlisted >= 2
            sums.fog_words += unlisted >= fog
    return 0


cdef bint _is_kept(int width, void *data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """Whether what follows an apostrophe lets it stay: t s d ve ll re."""
    cdef Py_UCS4 first, second
    if at >= size:
        return False
    first = PyUnicode_READ(width, data, at)
    if first == u"t" or first == u"s" or first == u"d":
        return True
    if at + 1 >= size:
        return False
    second = PyUnicode_READ(width, data, at + 1)
    return (
        first == u"v" and second == u"e"
        or first == u"l" and second == u"l"
        or first == u"r" and second == u"e"
    )
