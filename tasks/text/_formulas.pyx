"""The compiled twin of ``formulas.py``'s scores for English, which nine texts in ten are in."""

from libc.math cimport floor, rint, sqrt

cdef enum:
    VOTES = 32


def score_english(counts, (double, double, double) flesch):
    """The English scores, LIX and RIX, by name; and ``text_standard`` as the upper of its grades.

    Args:
        counts: ``tally.Counts`` of a text that has a word.
        flesch: The constants of the reading ease.
    """
    cdef double words = counts.words, sentences = counts.sentences, syllables = counts.syllables
    cdef double long_words = counts.long_words
    cdef double length = words / sentences, hard = 100 * <double> counts.unlisted_words / words
    cdef double ease = 0, kincaid = 0, smog, automated, coleman, fog, dale, linsear
    if syllables:
        ease = flesch[0] - flesch[1] * length - flesch[2] * (syllables / words)
        kincaid = 0.39 * length + 11.8 * (syllables / words) - 15.59
    smog = 1.043 * sqrt(30 * (<double> counts.polysyllables / sentences)) + 3.1291
    automated = <double> counts.characters / <double> counts.pieces
    automated = 4.71 * automated + 0.5 * length - 21.43
    coleman = 0.058 * (<double> counts.letters / words * 100)
    coleman = coleman - 0.296 * (sentences / words * 100) - 15.8
    fog = 0.4 * (length + 100 * <double> counts.fog_words / words)
    dale = 0.1579 * hard + 0.0496 * length
    if hard > 5:
        dale += 3.6365
    linsear = <double> counts.linsear_weight / <double> counts.linsear_sentences
    linsear = (linsear - 2 if linsear <= 20 else linsear) / 2
    return {
        "flesch_reading_ease": ease,
        "flesch_kincaid_grade": kincaid,
        "smog_index": smog,
        "automated_readability_index": automated,
        "coleman_liau_index": coleman,
        "gunning_fog": fog,
        "dale_chall_readability_score": dale,
        "linsear_write_formula": linsear,
        "spache_readability": 0.141 * length
        + 0.086 * (100 * <double> counts.hard_words / words)
        + 0.839,
        "lix": length + 100 * long_words / words,
        "rix": long_words / sentences,
    }, _agree(ease, [kincaid, smog, coleman, automated, dale, linsear, fog])


cdef double _agree(double ease, double[7] scores) noexcept:
    """The grade that most scores vote for; of two, the first."""
    cdef double votes[VOTES]
    cdef double best = 0
    cdef int size = 0, number, other, count, most = 0
    for number in range(7):
        votes[size] = floor(scores[number])
        votes[size + 1] = votes[size] + (scores[number] != votes[size])
        votes[size + 2] = rint(scores[number])
        size += 3
        if number == 0:
            size = _vote_ease(ease, votes, size)
    for number in range(size):
        count = 0
        for other in range(number, size):
            count += votes[other] == votes[number]
        if count > most:
            best, most = votes[number], count
    return best


cdef int _vote_ease(double ease, double *votes, int size) noexcept:
    """The grades of a reading ease, by tens: 12 11 10 8-9 7 6 5, else 13."""
    cdef int tens = 3
    if not 30 <= ease < 100:
        votes[size] = 13
        return size + 1
    while ease >= 10 * (tens + 1):
        tens += 1
    votes[size] = 15 - tens if tens < 6 else 14 - tens
    if tens == 6:
        votes[size + 1] = 9
        return size + 2
    return size + 1
