"""The compiled twin of ``ngrams.py``'s trials."""

from libc.math cimport cos, log, pi, sin, sqrt
from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy


def try_all(
    const double[:, ::1] chances,
    const int64_t[::1] drawn_from,
    const double[::1] prior,
    const uint32_t[::1] stream,
    (int, double, double, int, double) limits,
):
    """The mean of all trials, by language: each draws n-grams until one language is certain.

    Args:
        chances: Of each n-gram in each language.
        drawn_from: Which of these the text has, in its order.
        prior: Of each language.
        stream: Random numbers.
        limits: Trials; mean and width of what is added to a chance; draws of a trial; certainty.
    """
    cdef Py_ssize_t languages = prior.shape[0], sides = drawn_from.shape[0], at = 0, row, column
    cdef int trial, draws
    cdef uint32_t shift = 32 - (<object> sides).bit_length()
    cdef double turn, size, other = 0, bell, weight, total, highest
    cdef double *found = <double *> malloc(languages * sizeof(double))
    if found == NULL:
        raise MemoryError
    means = [0.0] * languages
    try:
        for trial in range(limits[0]):
            if trial & 1:  # numbers of a bell curve are made in pairs
                bell = other
            else:
                if at + 4 > stream.shape[0]:
                    raise ValueError("too few random numbers")
                turn = 2 * pi * _fraction(stream[at], stream[at + 1])
                size = sqrt(-2 * log(1 - _fraction(stream[at + 2], stream[at + 3])))
                at += 4
                bell, other = cos(turn) * size, sin(turn) * size
            weight = limits[1] + bell * limits[2]
            memcpy(found, &prior[0], languages * sizeof(double))
            draws = 0
            while True:
                while at < stream.shape[0] and stream[at] >> shift >= sides:
                    at += 1
                if at == stream.shape[0]:
                    raise ValueError("too few random numbers")
                row = drawn_from[stream[at] >> shift]
                at += 1
                if not 0 <= row < chances.shape[0]:
                    raise ValueError("an n-gram without chances")
                for column in range(languages):
                    found[column] *= chances[row, column] + weight
                if draws % 5 == 0:
                    total = highest = 0
                    for column in range(languages):
                        total += found[column]
                        highest = max(highest, found[column])
                    for column in range(languages):
                        found[column] /= total
                    if highest > limits[4] * total or draws >= limits[3]:
                        break
                draws += 1
            for column in range(languages):
                means[column] += found[column] / limits[0]
        return means
    finally:
        free(found)


cdef double _fraction(uint32_t high, uint32_t low) noexcept:
    return ((high >> 5) * 67108864.0 + (low >> 6)) / 9007199254740992.0
