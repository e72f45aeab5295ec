"""The compiled twin of ``repetition.py``'s look for runs of words that recur."""

cimport cython
from cpython.unicode cimport (
    Py_UNICODE_ISSPACE,
    PyUnicode_DATA,
    PyUnicode_GET_LENGTH,
    PyUnicode_KIND,
    PyUnicode_READ,
)
from libc.stdint cimport uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

from tasks.text._slices cimport Slice, Slices, add_slice, is_same, table_room


@cython.final
cdef class Runs:
    """As ``repetition.Runs``. Runs are counted in a table, and compared word by word there."""

    cdef str text
    cdef int kind
    cdef const uint8_t *data
    cdef Slices pieces
    cdef Py_ssize_t characters
    cdef double most_in_pair  # -1 until it is asked for
    cdef double repeated  # the same

    def __cinit__(self, str text):
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), start = -1, place
        cdef void *data = PyUnicode_DATA(text)
        self.text = text
        self.kind = PyUnicode_KIND(text)
        self.data = <const uint8_t *> data
        self.most_in_pair = self.repeated = -1
        for place in range(size):
            if Py_UNICODE_ISSPACE(PyUnicode_READ(self.kind, data, place)):
                if start >= 0:
                    self._add(start, place)
                    start = -1
            elif start < 0:
                start = place
        if start >= 0:
            self._add(start, size)

    def __dealloc__(self):
        free(self.pieces.at)

    def hold_in_top(self, Py_ssize_t size, double limit):
        """As ``repetition.Runs.hold_in_top``."""
        cdef double held
        if self.most_in_pair < 0:
            self._count_top(2)
        if (size + 1) // 2 * self.most_in_pair < limit * self.characters:
            return False
        held = self._count_top(size)
        return held > 0 and held / self.characters > limit

    @property
    def repeated_at_most(self):
        """As ``repetition.Runs.repeated_at_most``."""
        if self.repeated < 0:
            self.repeated = self._mark_repeated(5)
        return self.repeated / self.characters if self.characters else 0.0

    def hold_in_repeated(self, Py_ssize_t size, double limit):
        """As ``repetition.Runs.hold_in_repeated``."""
        cdef Py_ssize_t start = 0, repeated = 0, runs = self.pieces.count - size + 1
        cdef _Table table = _Table(self, size)
        while start < runs:
            if table.enter(start) == start:
                start += 1
            else:
                repeated += self._held(start, size)
                start += size
        return self.characters > 0 and <double> repeated / self.characters > limit

    cdef int _add(self, Py_ssize_t start, Py_ssize_t end) except -1:
        self.characters += end - start
        return add_slice(&self.pieces, self.data, self.kind, start, end)

    cdef Py_ssize_t _held(self, Py_ssize_t start, Py_ssize_t size) noexcept:
        """Characters of a run."""
        cdef Py_ssize_t held = 0, place
        for place in range(start, start + size):
            held += self.pieces.at[place].end - self.pieces.at[place].start
        return held

    cdef double _count_top(self, Py_ssize_t size) except -1:
        """Characters of the run that recurs most, as often as it stands there; 0 where none does.

        Of pairs the most that any holds, which need not be the same, is kept, too.
        """
        cdef Py_ssize_t runs = self.pieces.count - size + 1, start, first, held
        cdef Py_ssize_t most = 1, longest = 0
        cdef Py_ssize_t *times
        cdef double most_in_pair = 0
        cdef _Table table = _Table(self, size)
        if runs <= 0:
            if size == 2:
                self.most_in_pair = 0
            return 0
        times = <Py_ssize_t *> calloc(runs, sizeof(Py_ssize_t))
        if times == NULL:
            raise MemoryError
        for start in range(runs):
            first = table.enter(start)
            times[first] += 1
            if size == 2 or times[first] > 1 and times[first] >= most:
                held = self._held(first, size)
                if times[first] * held > most_in_pair:
                    most_in_pair = times[first] * held
                if times[first] > most:
                    most, longest = times[first], held
                elif times[first] == most and held > longest:
                    longest = held
        free(times)
        if size == 2:
            self.most_in_pair = most_in_pair
        return <double> most * longest if most > 1 else 0

    cdef double _mark_repeated(self, Py_ssize_t size) except -1:
        """Characters of the words of all runs that stood before."""
        cdef Py_ssize_t runs = self.pieces.count - size + 1, start, end = 0, repeated = 0
        cdef _Table table = _Table(self, size)
        for start in range(runs):
            if table.enter(start) != start:
                if start > end:
                    end = start
                repeated += self._held(end, start + size - end)
                end = start + size
        return repeated


@cython.final
cdef class _Table:
    """Runs of one size by what they say."""

    cdef Runs runs
    cdef Py_ssize_t size
    cdef Py_ssize_t *places  # where a run starts, and 1; 0 where there is none
    cdef uint64_t *hashes  # of each run, by its start
    cdef uint64_t mask

    def __cinit__(self, Runs runs, Py_ssize_t size):
        cdef Py_ssize_t count = max(runs.pieces.count - size + 1, 0), place
        cdef Py_ssize_t room = table_room(count)
        cdef uint64_t mixed = 0, leaves = 1
        self.runs, self.size, self.mask = runs, size, room - 1
        self.places = <Py_ssize_t *> calloc(room, sizeof(Py_ssize_t))
        self.hashes = <uint64_t *> malloc((count + 1) * sizeof(uint64_t))
        if self.places == NULL or self.hashes == NULL:
            raise MemoryError
        if count == 0:
            return
        for place in range(size):
            mixed = mixed * MULTIPLIER + runs.pieces.at[place].hash
            leaves *= MULTIPLIER
        self.hashes[0] = mixed
        for place in range(size, runs.pieces.count):
            mixed = mixed * MULTIPLIER + runs.pieces.at[place].hash
            mixed -= leaves * runs.pieces.at[place - size].hash
            self.hashes[place - size + 1] = mixed

    def __dealloc__(self):
        free(self.places)
        free(self.hashes)

    cdef Py_ssize_t enter(self, Py_ssize_t start) noexcept:
        """Where the run that starts there stood first: there, if it is new."""
        cdef uint64_t mixed = self.hashes[start]
        cdef uint64_t at = (mixed ^ mixed >> 32) & self.mask
        cdef Py_ssize_t first
        while self.places[at]:
            first = self.places[at] - 1
            if self.hashes[first] == mixed and self._is_same(first, start):
                return first
            at = (at + 1) & self.mask
        self.places[at] = start + 1
        return start

    cdef bint _is_same(self, Py_ssize_t one, Py_ssize_t other) noexcept:
        cdef Slice *pieces = self.runs.pieces.at
        cdef Py_ssize_t place
        for place in range(self.size):
            if not is_same(self.runs.data, self.runs.kind, &pieces[one + place], &pieces[other + place]):
                return False
        return True


cdef uint64_t MULTIPLIER = 0x9E3779B97F4A7C15u
