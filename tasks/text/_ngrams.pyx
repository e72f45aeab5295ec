"""The compiled twin of ``ngrams.py``'s trials."""

from libc.math cimport cos, log, pi, sin, sqrt
from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free, malloc


def try_all(
    const int64_t[::1] grams,
    const int64_t[::1] starts,
    const unsigned char[::1] language,
    const double[::1] chance,
    const double[::1] prior,
    const uint32_t[::1] stream,
    (int, double, double, int, double) limits,
):
    """The mean of all trials, by language: each draws n-grams until one language is certain.

    Args:
        grams: The n-grams of the text, in its order.
        starts: Where each n-gram's languages start in the next two, and behind the last.
        language: Which languages have it.
        chance: How often.
        prior: The chance of each language before anything is drawn.
        stream: Random numbers.
        limits: Trials; mean and width of what is added to a chance; draws of a trial; certainty.
    """
    cdef Py_ssize_t languages = prior.shape[0], sides = grams.shape[0], at = 0, gram, column, place
    cdef int trial, draws
    cdef uint32_t shift = 32 - (<object> sides).bit_length()
    cdef double turn, size, other = 0, bell, weight, total, highest
    cdef double *found = <double *> malloc(2 * languages * sizeof(double))
    cdef double *factors = found + languages
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
            for column in range(languages):
                found[column], factors[column] = prior[column], weight
            draws = 0
            while True:
                while at < stream.shape[0] and stream[at] >> shift >= sides:
                    at += 1
                if at == stream.shape[0]:
                    raise ValueError("too few random numbers")
                gram = grams[stream[at] >> shift]
                at += 1
                for place in range(starts[gram], starts[gram + 1]):
                    factors[language[place]] = chance[place] + weight
                for column in range(languages):
                    found[column] *= factors[column]
                for place in range(starts[gram], starts[gram + 1]):
                    factors[language[place]] = weight
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
