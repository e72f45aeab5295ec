"""The compiled twin of ``boilerplate.py``'s search for the best stretch."""

from libc.math cimport INFINITY
from libc.stdlib cimport free, malloc


def best_path(worth, double switch):
    """Which lines are of the article: the best path through before, in, interrupted, after.

    Args:
        worth: What each line adds to an article that holds it.
        switch: What an interruption costs, and its end.
    """
    cdef Py_ssize_t size = len(worth), place
    cdef double before = 0.0, within = -INFINITY, gap = -INFINITY, after = -INFINITY
    cdef double value, enter
    cdef unsigned char *steps = <unsigned char *> malloc(size + 1)
    cdef unsigned char source, paused, ended, at
    if steps == NULL:
        raise MemoryError
    try:
        for place in range(size):
            value = worth[place]
            if before > within and before > gap - switch:
                enter, source = before, 0
            elif within >= gap - switch:
                enter, source = within, 1
            else:
                enter, source = gap - switch, 2
            paused = 1 if within - switch > gap else 2
            ended = 1 if within > after else 3
            steps[place] = source | paused << 2 | ended << 4
            after = within if within > after else after
            gap = within - switch if within - switch > gap else gap
            within = enter + value
        at = 0
        if within > before:
            at = 1
        if after > (within if at else before):
            at = 3
        kept = [False] * size
        for place in range(size - 1, -1, -1):
            if at == 1:
                kept[place] = True
            if at:
                at = steps[place] >> 2 * (at - 1) & 3
        return kept
    finally:
        free(steps)
