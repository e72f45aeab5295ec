"""The compiled twin of ``fingerprint.py``'s way from words to hashes and passages."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort
from libc.string cimport memcpy, memset

cdef extern from *:
    void __builtin_prefetch(const void *) nogil

cdef extern from *:
    """
    #if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    #error "Bytes are read as numbers that have the lowest first."
    #endif
    """

def summarise(bytes folded, Py_ssize_t size, Py_ssize_t passage, Py_ssize_t window):
    """What a fingerprint is made of, from the words that ``fold_text`` gives.

    Args:
        folded: The words, parted by single spaces.
        size: Words of a shingle.
        passage: Words of a passage.
        window: Passages of which the least hash is taken.

    Returns:
        The hash of all; those of the distinct shingles, 64 bits each, in the order in which they
        come; those of the passages, sorted.
    """
    cdef Py_ssize_t length = len(folded), words, runs
    cdef uint8_t *text = <uint8_t *> malloc(length + LOADED)
    cdef uint64_t *hashes = <uint64_t *> malloc((length // 2 + 1) * sizeof(uint64_t))
    cdef uint64_t *mixed = <uint64_t *> malloc((length // 2 + 1) * sizeof(uint64_t))
    try:
        if text == NULL or hashes == NULL or mixed == NULL:
            raise MemoryError
        memcpy(text, PyBytes_AS_STRING(folded), length)
        memset(text + length, 0, LOADED)
        words = _hash_words(text, length, hashes, mixed)
        runs = _mix_runs(hashes, words, size, mixed)
        runs = _drop_repeated(mixed, runs)
        shingles = PyBytes_FromStringAndSize(<char *> mixed, runs * sizeof(uint64_t))
        runs = 0
        if words >= passage:
            runs = _mix_runs(hashes, words, passage, mixed)
            runs = _least_of_windows(mixed, runs, window, hashes)
        passages = PyBytes_FromStringAndSize(<char *> hashes, runs * sizeof(uint64_t))
        return <int64_t> _blake2b(text, length), shingles, passages
    finally:
        free(text)
        free(hashes)
        free(mixed)


def hash_folded(bytes folded):
    """As ``fingerprint.hash_folded``, as bytes."""
    cdef Py_ssize_t length = len(folded), place, count = 0, within = 0
    cdef const uint8_t *text = folded
    cdef uint64_t *hashes = <uint64_t *> malloc((length // 2 + 1) * sizeof(uint64_t))
    cdef uint64_t value = 0
    if hashes == NULL:
        raise MemoryError
    for place in range(length):
        if text[place] != 32:
            value += OF_BYTES[text[place]] * OF_PLACES[within & PLACES - 1]
            within += 1
        elif within:
            hashes[count] = _spread(value)
            count += 1
            value = within = 0
    if within:
        hashes[count] = _spread(value)
        count += 1
    try:
        return PyBytes_FromStringAndSize(<char *> hashes, count * sizeof(uint64_t))
    finally:
        free(hashes)


def hash_runs(const uint64_t[::1] hashes, Py_ssize_t size):
    """The hash of each run of so many words, in order, as bytes; of all, if they are fewer."""
    cdef Py_ssize_t words = len(hashes), runs
    cdef uint64_t *mixed = <uint64_t *> malloc((words + 1) * sizeof(uint64_t))
    if mixed == NULL:
        raise MemoryError
    try:
        runs = _mix_runs(&hashes[0], words, size, mixed) if words else 0
        return PyBytes_FromStringAndSize(<char *> mixed, runs * sizeof(uint64_t))
    finally:
        free(mixed)


def count_shared(const uint64_t[::1] one, const uint64_t[::1] other):
    """As ``fingerprint.count_shared``."""
    cdef Py_ssize_t at = 0, beside = 0, shared = 0, ones = len(one), others = len(other)
    cdef uint64_t value, against
    while at < ones and beside < others:
        value, against = one[at], other[beside]
        shared += value == against
        at += value <= against
        beside += against <= value
    return shared


def hash_word(str word):
    """The hash of a word, as bytes."""
    cdef bytes written = word.encode()
    cdef uint64_t found = _blake2b(written, len(written))
    return PyBytes_FromStringAndSize(<char *> &found, sizeof(uint64_t))


# Words met lately, two at each place that their letters point to, the later first: 2 MB, which has
# 19 of 20 words of news. Longer words are hashed anew.
cdef enum:
    LONGEST = 23
    LOADED = 24
    PLACES_LOG2 = 15


cdef struct Word:
    uint64_t spelled[3]  # its bytes, NULs, and in the last byte how many it has
    uint64_t hash


cdef Word MET[1 << PLACES_LOG2][2]


cdef Py_ssize_t _hash_words(
    const uint8_t *text, Py_ssize_t length, uint64_t *hashes, uint64_t *ends
) noexcept:
    """The hash of each word into ``hashes``; returns how many there are.

    ``LOADED`` bytes more than ``length`` can be read. Where a word may be met is asked for when the
    words before it are still looked up: the table is larger than the cache.
    """
    cdef Py_ssize_t start = 0, end, count = 0, place
    cdef uint64_t spelled[3]
    while start < length:
        end = start + 1
        while end < length and text[end] != 32:
            end += 1
        ends[count] = end
        if end - start <= LONGEST:
            __builtin_prefetch(MET[_spell(text + start, end - start, spelled)])
        count += 1
        start = end + 1
    start = 0
    for place in range(count):
        hashes[place] = _hash_word(text + start, <Py_ssize_t> ends[place] - start)
        start = <Py_ssize_t> ends[place] + 1
    return count


cdef inline uint64_t _hash_word(const uint8_t *word, Py_ssize_t size) noexcept:
    """The hash of a word of at least one byte, after which there are ``LOADED`` to be read."""
    cdef uint64_t spelled[3]
    cdef Word *met
    cdef Word other
    if size > LONGEST:
        return _blake2b(word, size)
    met = MET[_spell(word, size, spelled)]
    if not _is(&met[0], spelled):
        other = met[0]
        met[0] = met[1]
        met[1] = other
        if not _is(&met[0], spelled):
            met[0].hash = _blake2b(word, size)
            memcpy(met[0].spelled, spelled, sizeof(spelled))
    return met[0].hash


cdef inline uint64_t _spell(const uint8_t *word, Py_ssize_t size, uint64_t *spelled) noexcept:
    """A word of at most ``LONGEST`` bytes as it is noted; returns at which place."""
    memcpy(spelled, word, LOADED)
    if size < 8:
        spelled[0] &= ((<uint64_t> 1) << 8 * size) - 1
        spelled[1] = spelled[2] = 0
    elif size < 16:
        spelled[1] &= ((<uint64_t> 1) << 8 * (size - 8)) - 1
        spelled[2] = 0
    else:
        spelled[2] &= ((<uint64_t> 1) << 8 * (size - 16)) - 1
    spelled[2] |= (<uint64_t> size) << 56
    return (
        (spelled[0] ^ spelled[1] * FIRST_FACTOR ^ spelled[2] * SECOND_FACTOR) * MULTIPLIER
        >> 64 - PLACES_LOG2
    )


cdef inline bint _is(const Word *met, const uint64_t *spelled) noexcept:
    return (
        met.spelled[0] == spelled[0]
        and met.spelled[1] == spelled[1]
        and met.spelled[2] == spelled[2]
    )


cdef Py_ssize_t _mix_runs(
    const uint64_t *hashes, Py_ssize_t words, Py_ssize_t size, uint64_t *mixed
) noexcept:
    """As ``mix_runs`` and ``_spread``, into ``mixed``; returns how many runs there are."""
    cdef uint64_t value = 0, leaves = 1
    cdef Py_ssize_t place
    if words == 0:
        return 0
    size = min(size, words)
    for place in range(size):
        value = value * MULTIPLIER + hashes[place]
        leaves *= MULTIPLIER
    mixed[0] = _spread(value)
    for place in range(size, words):
        value = value * MULTIPLIER + hashes[place] - leaves * hashes[place - size]
        mixed[place - size + 1] = _spread(value)
    return words - size + 1


cdef Py_ssize_t _drop_repeated(uint64_t *values, Py_ssize_t count) except -1:
    """Keep the first of equal values, in place; returns how many are left."""
    cdef Py_ssize_t places = 16, place, kept = 0
    cdef uint64_t *seen
    cdef uint64_t value, at, mask
    cdef bint has_zero = False
    while places < 2 * count:
        places *= 2
    mask = places - 1
    seen = <uint64_t *> calloc(places, sizeof(uint64_t))
    if seen == NULL:
        raise MemoryError
    for place in range(count):
        value = values[place]
        if value == 0:
            if has_zero:
                continue
            has_zero = True
        else:
            at = value & mask
            while seen[at] and seen[at] != value:
                at = (at + 1) & mask
            if seen[at]:
                continue
            seen[at] = value
        values[kept] = value
        kept += 1
    free(seen)
    return kept


cdef Py_ssize_t _least_of_windows(
    const uint64_t *values, Py_ssize_t count, Py_ssize_t window, uint64_t *least
) noexcept:
    """The distinct minima of all windows, sorted, into ``least``; returns how many there are."""
    cdef Py_ssize_t place, within, at = -1, found = 0, kept = 0
    window = min(window, count)
    for place in range(count):
        if at >= 0 and at <= place - window:
            at = place - window + 1
            for within in range(at + 1, place + 1):
                if values[within] <= values[at]:
                    at = within
        elif at < 0 or values[place] <= values[at]:
            at = place
        if place >= window - 1 and (found == 0 or least[found - 1] != values[at]):
            least[found] = values[at]
            found += 1
    qsort(least, found, sizeof(uint64_t), _compare)
    for place in range(found):
        if place == 0 or least[place] != least[kept - 1]:
            least[kept] = least[place]
            kept += 1
    return kept


cdef int _compare(const void *one, const void *other) noexcept nogil:
    cdef uint64_t a = (<const uint64_t *> one)[0], b = (<const uint64_t *> other)[0]
    return (a > b) - (a < b)


cdef uint64_t MULTIPLIER = 0x9E37_79B9_7F4A_7C15u
cdef uint64_t FIRST_FACTOR = 0xBF58_476D_1CE4_E5B9u
cdef uint64_t SECOND_FACTOR = 0x94D0_49BB_1331_11EBu


cdef inline uint64_t _spread(uint64_t value) noexcept:
    """Mix the bits of a value. Source: splitmix64."""
    value = (value ^ value >> 30) * FIRST_FACTOR
    value = (value ^ value >> 27) * SECOND_FACTOR
    return value ^ value >> 31


cdef enum:
    PLACES = 1024

cdef uint64_t OF_BYTES[256]
cdef uint64_t OF_PLACES[PLACES]
for _code in range(256):
    OF_BYTES[_code] = _spread((<uint64_t> _code + 1) * MULTIPLIER)
for _code in range(PLACES):
    OF_PLACES[_code] = _spread((<uint64_t> _code + 1_001) * MULTIPLIER) | 1


# BLAKE2b with a digest of eight bytes and no key. Source: RFC 7693. In a word's time hashlib would
# make its object alone.
cdef uint64_t START[8]
START[:] = [
    0x6A09_E667_F3BC_C908u, 0xBB67_AE85_84CA_A73Bu, 0x3C6E_F372_FE94_F82Bu, 0xA54F_F53A_5F1D_36F1u,
    0x510E_527F_ADE6_82D1u, 0x9B05_688C_2B3E_6C1Fu, 0x1F83_D9AB_FB41_BD6Bu, 0x5BE0_CD19_137E_2179u,
]


cdef uint64_t _blake2b(const uint8_t *data, Py_ssize_t size) noexcept:
    """The digest, read as a number with its first byte lowest."""
    cdef uint64_t state[8]
    cdef uint8_t block[128]
    cdef Py_ssize_t done = 0
    memcpy(state, START, sizeof(state))
    state[0] ^= 0x0101_0008
    while size - done > 128:
        memcpy(block, data + done, 128)
        done += 128
        _compress(state, block, done, False)
    memset(block, 0, 128)
    memcpy(block, data + done, size - done)
    _compress(state, block, size, True)
    return state[0]


cdef void _compress(uint64_t *state, const uint8_t *block, uint64_t done, bint is_last) noexcept:
    cdef uint64_t m[16]
    cdef uint64_t v[16]
    cdef int place
    memcpy(m, block, 128)
    memcpy(v, state, 64)
    memcpy(v + 8, START, 64)
    v[12] ^= done
    if is_last:
        v[14] = ~v[14]
    _mix_all(v, m, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    _mix_all(v, m, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
    _mix_all(v, m, 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4)
    _mix_all(v, m, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8)
    _mix_all(v, m, 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13)
    _mix_all(v, m, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9)
    _mix_all(v, m, 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11)
    _mix_all(v, m, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10)
    _mix_all(v, m, 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5)
    _mix_all(v, m, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0)
    _mix_all(v, m, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    _mix_all(v, m, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
    for place in range(8):
        state[place] ^= v[place] ^ v[place + 8]


cdef inline void _mix_all(
    uint64_t *v, const uint64_t *m,
    int a, int b, int c, int d, int e, int f, int g, int h,
    int i, int j, int k, int l, int n, int o, int p, int q,
) noexcept:
    """One round, which takes the words of the message in this order."""
    _mix(v, 0, 4, 8, 12, m[a], m[b])
    _mix(v, 1, 5, 9, 13, m[c], m[d])
    _mix(v, 2, 6, 10, 14, m[e], m[f])
    _mix(v, 3, 7, 11, 15, m[g], m[h])
    _mix(v, 0, 5, 10, 15, m[i], m[j])
    _mix(v, 1, 6, 11, 12, m[k], m[l])
    _mix(v, 2, 7, 8, 13, m[n], m[o])
    _mix(v, 3, 4, 9, 14, m[p], m[q])


cdef inline void _mix(
    uint64_t *v, int a, int b, int c, int d, uint64_t x, uint64_t y
) noexcept:
    v[a] += v[b] + x
    v[d] = _turn(v[d] ^ v[a], 32)
    v[c] += v[d]
    v[b] = _turn(v[b] ^ v[c], 24)
    v[a] += v[b] + y
    v[d] = _turn(v[d] ^ v[a], 16)
    v[c] += v[d]
    v[b] = _turn(v[b] ^ v[c], 63)


cdef inline uint64_t _turn(uint64_t value, int by) noexcept:
    return value >> by | value << 64 - by
