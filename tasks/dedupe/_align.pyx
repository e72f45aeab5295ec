"""The compiled twin of ``align.py``'s anchors and gaps."""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free, malloc


def anchor_runs(
    const uint64_t[::1] a_grams,
    const Py_ssize_t[::1] a_places,
    const uint64_t[::1] b_grams,
    const Py_ssize_t[::1] b_places,
    Py_ssize_t a_size,
    Py_ssize_t anchor,
):
    """``align._anchor_runs``; ``a_size`` is how many tokens the first sequence has."""
    cdef Py_ssize_t shared = 0, a_at = 0, b_at = 0, count, place
    cdef Py_ssize_t *buffer
    cdef Py_ssize_t *in_b  # by place in a, and 1; 0 where no gram is shared
    # What follows in the buffer: places in a and b, then of the rise its ends and their forerunners.
    buffer = <Py_ssize_t *> calloc(a_size + 4 * len(a_grams) + 1, sizeof(Py_ssize_t))
    if buffer == NULL:
        raise MemoryError
    in_b = buffer
    try:
        while a_at < len(a_grams) and b_at < len(b_grams):
            if a_grams[a_at] < b_grams[b_at]:
                a_at += 1
            elif a_grams[a_at] > b_grams[b_at]:
                b_at += 1
            else:
                in_b[a_places[a_at]] = b_places[b_at] + 1
                a_at += 1
                b_at += 1
        buffer += a_size
        for place in range(a_size):
            if in_b[place]:
                buffer[shared] = place
                buffer[len(a_grams) + shared] = in_b[place] - 1
                shared += 1
        count = _longest_rising(
            buffer + len(a_grams), shared, buffer + 2 * len(a_grams), buffer + 3 * len(a_grams)
        )
        return _join_runs(
            buffer, buffer + len(a_grams), buffer + 2 * len(a_grams), count, anchor
        )
    finally:
        free(in_b)


cdef Py_ssize_t _longest_rising(
    Py_ssize_t *values, Py_ssize_t size, Py_ssize_t *ends, Py_ssize_t *before
) noexcept:
    """How long the longest part that rises is; its places are left in ``ends``."""
    cdef Py_ssize_t length = 0, at, low, high, middle
    for at in range(size):
        low, high = 0, length
        if not length or values[ends[length - 1]] < values[at]:
            low = length
        while low < high and low < length:
            middle = (low + high) // 2
            if values[ends[middle]] < values[at]:
                low = middle + 1
            else:
                high = middle
        before[at] = ends[low - 1] if low else -1
        ends[low] = at
        length += low == length
    if length:
        at = ends[length - 1]
        for low in range(length - 1, -1, -1):
            ends[low] = at
            at = before[at]
    return length


cdef list _join_runs(
    Py_ssize_t *in_a, Py_ssize_t *in_b, Py_ssize_t *rising, Py_ssize_t count, Py_ssize_t anchor
):
    cdef list runs = []
    cdef Py_ssize_t at = 0, a_at, b_at, a_end, last, overlap
    cdef Py_ssize_t a_start = 0, b_start = 0, size = -1
    while at < count:
        a_at, b_at = in_a[rising[at]], in_b[rising[at]]
        last = at
        while (
            last + 1 < count
            and in_a[rising[last + 1]] - in_a[rising[last]] <= anchor
            and in_a[rising[last + 1]] - in_a[rising[last]]
            == in_b[rising[last + 1]] - in_b[rising[last]]
        ):
            last += 1
        a_end = in_a[rising[last]] + anchor
        at = last + 1
        if size >= 0:
            if a_at - a_start == b_at - b_start and a_at <= a_start + size:
                size = a_end - a_start
                continue
            overlap = max(a_start + size - a_at, b_start + size - b_at, 0)
            if overlap >= a_end - a_at:
                continue
            a_at += overlap
            b_at += overlap
            runs.append((a_start, b_start, size))
        a_start, b_start, size = a_at, b_at, a_end - a_at
    if size >= 0:
        runs.append((a_start, b_start, size))
    return runs


cdef struct Match:
    Py_ssize_t a
    Py_ssize_t b
    Py_ssize_t size


cdef struct Part:
    Py_ssize_t a_start
    Py_ssize_t a_end
    Py_ssize_t b_start
    Py_ssize_t b_end


def steps(
    const uint64_t[::1] a,
    const uint64_t[::1] b,
    Py_ssize_t a_start,
    Py_ssize_t a_end,
    Py_ssize_t b_start,
    Py_ssize_t b_end,
):
    """``align._steps``, of a stretch of each sequence, counted from where these begin."""
    cdef Py_ssize_t a_size = a_end - a_start, b_size = b_end - b_start
    cdef Py_ssize_t least = min(a_size, b_size), found = 0
    cdef int32_t *lengths
    cdef Match *matches
    cdef Part *parts
    if not least:
        return [(False, 0, a_size, 0, b_size)]
    lengths = <int32_t *> malloc(2 * (b_size + 1) * sizeof(int32_t))
    matches = <Match *> malloc((least + 1) * sizeof(Match))
    parts = <Part *> malloc((2 * least + 2) * sizeof(Part))
    try:
        if lengths == NULL or matches == NULL or parts == NULL:
            raise MemoryError
        found = _find_matches(
            &a[a_start], a_size, &b[b_start], b_size, lengths, matches, parts
        )
        return _tell_steps(matches, found, a_size, b_size)
    finally:
        free(lengths)
        free(matches)
        free(parts)


cdef Py_ssize_t _find_matches(
    const uint64_t *a,
    Py_ssize_t a_size,
    const uint64_t *b,
    Py_ssize_t b_size,
    int32_t *lengths,
    Match *matches,
    Part *parts,
) noexcept:
    """The longest match, then the longest before and behind it, and so on; in order."""
    cdef Py_ssize_t left = 1, found = 0, at
    cdef Part part
    cdef Match match
    parts[0] = Part(0, a_size, 0, b_size)
    while left:
        left -= 1
        part = parts[left]
        match = _longest_match(a, b, part, lengths)
        if not match.size:
            continue
        at = found
        while at and matches[at - 1].a > match.a:
            matches[at] = matches[at - 1]
            at -= 1
        matches[at] = match
        found += 1
        if part.a_start < match.a and part.b_start < match.b:
            parts[left] = Part(part.a_start, match.a, part.b_start, match.b)
            left += 1
        if match.a + match.size < part.a_end and match.b + match.size < part.b_end:
            parts[left] = Part(match.a + match.size, part.a_end, match.b + match.size, part.b_end)
            left += 1
    return found


cdef Match _longest_match(
    const uint64_t *a, const uint64_t *b, Part part, int32_t *lengths
) noexcept:
    """The first of the longest, as ``difflib`` finds it."""
    cdef Match best = Match(part.a_start, part.b_start, 0)
    cdef Py_ssize_t width = part.b_end - part.b_start, i, j
    cdef int32_t *before = lengths
    cdef int32_t *row = lengths + width + 1
    cdef int32_t size
    cdef uint64_t token
    for j in range(width + 1):
        before[j] = row[j] = 0
    # lengths[j + 1]: how long the match is that ends with the token j of the part
    for i in range(part.a_start, part.a_end):
        token = a[i]
        for j in range(width):
            if b[part.b_start + j] == token:
                size = before[j] + 1
                row[j + 1] = size
                if size > best.size:
                    best = Match(i - size + 1, part.b_start + j - size + 1, size)
            else:
                row[j + 1] = 0
        before, row = row, before
    return best


cdef list _tell_steps(Match *matches, Py_ssize_t found, Py_ssize_t a_size, Py_ssize_t b_size):
    cdef list told = []
    cdef Py_ssize_t at = 0, a = 0, b = 0, size
    if not found:
        return [(False, 0, a_size, 0, b_size)]
    while at < found:
        if a < matches[at].a or b < matches[at].b:
            told.append((False, a, matches[at].a, b, matches[at].b))
        a, b, size = matches[at].a, matches[at].b, matches[at].size
        at += 1
        while at < found and matches[at].a == a + size and matches[at].b == b + size:
            size += matches[at].size
            at += 1
        told.append((True, a, a + size, b, b + size))
        a, b = a + size, b + size
    if a < a_size or b < b_size:
        told.append((False, a, a_size, b, b_size))
    return told
