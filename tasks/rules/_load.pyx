"""The compiled part of ``load.py``: tells lines that no rule can match, before RE2 is asked.

The rules' patterns are read into one automaton that matches whatever they match, and more: case is
ignored, most letters that are not ASCII are taken for each other, and what is not understood in a
pattern matches anything. So a line that it refuses is matched by no rule; RE2 is asked of the rest.
States are made when a line first needs them.
"""

from cpython.unicode cimport (
    PyUnicode_DATA,
    PyUnicode_KIND,
    PyUnicode_READ,
    Py_UNICODE_ISSPACE,
)
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcmp, memset

cdef enum:
    SYMBOLS = 256
    OTHER = 128
    UNKNOWN = 256  # a character whose cases are not known here: RE2 is asked
    STATES = 8192  # of 512 bytes and their members
    LACKING = 1 << 15  # lines after which states are made anew
    NODES = 1 << 22  # of 16 bytes: a pattern beyond them is taken to match anything
    DEEPEST = 200  # groups in groups
    TABLE = 1 << 15
    NO_STATE = -1
    END = 0x110000

cdef enum:
    STEP, JOIN, FORK, ACCEPT

cdef struct Node:
    int kind
    int set  # of the symbols of a step
    int one  # what follows
    int two

cdef struct Set:
    unsigned char has[SYMBOLS]


cdef unsigned int symbol_of(unsigned int c) noexcept:
    """One number for characters that a pattern may take for each other."""
    if c < 128:
        return c + 32 if 65 <= c <= 90 else c
    if c == 0x2018 or c == 0x2019:
        return 39
    if c == 0x201C or c == 0x201D:
        return 34
    if 0xC0 <= c <= 0xFE and c != 0xDF:
        return 129 + (c & 31)
    if 0x400 <= c <= 0x45F:
        return 160 + (c & 31 if 0x410 <= c <= 0x44F else c & 15)
    if 0x600 <= c <= 0x6FF:
        return 192 + (c & 31)
    if 0x3041 <= c <= 0x9FFF or 0xAC00 <= c <= 0xD7A3:
        return 224 + (c & 31)
    if (
        (0xA1 <= c <= 0x24F and c != 0x17F)
        or 0x1E00 <= c <= 0x1EFF
        or 0x900 <= c <= 0xDFF
        or 0x2010 <= c <= 0x205E
        or 0x20A0 <= c <= 0x20BF
        or 0x2190 <= c <= 0x245F
        or 0x2500 <= c <= 0x2BFF
        or 0x3001 <= c <= 0x303F
        or 0xFF01 <= c <= 0xFF5E
    ):
        return OTHER
    return UNKNOWN


def symbol(str character not None):
    """The number of a character; None for one that is left to RE2."""
    cdef unsigned int found = symbol_of(ord(character))
    return None if found == UNKNOWN else found


class _NotUnderstood(Exception):
    """A pattern, or a part of it, that this module does not know."""


cdef class Sieve:
    """Tells which lines some pattern may match.

    Args:
        patterns: In RE2's syntax; each of a whole line.
        longest: Characters of the longest bare line that is asked of them.
        longest_asked: Characters of the longest line that may be as short as that.
    """

    cdef Py_ssize_t longest, longest_asked
    cdef Node *nodes
    cdef int node_count, node_room
    cdef Set *sets
    cdef int set_count, set_room
    cdef str pattern
    cdef Py_ssize_t at, size
    cdef short *follows  # of a state and a symbol: the next state
    cdef int **members
    cdef int *sizes
    cdef unsigned char *accepts
    cdef int state_count
    cdef int lacking  # lines for which there was no room for another state
    cdef list starts  # first nodes of the patterns
    cdef short *table  # states by their members
    cdef int *stamps
    cdef int stamp
    cdef int *stack
    cdef int *found

    def __cinit__(self, patterns, Py_ssize_t longest, Py_ssize_t longest_asked):
        self.longest, self.longest_asked = longest, longest_asked
        cdef int symbol
        for symbol in range(SYMBOLS):  # the sets of one symbol are the first
            self.sets[self.add_set(False)].has[symbol] = True
        self.add_set(True)  # UNKNOWN
        self.starts = [self.read(pattern) for pattern in patterns]
        self.make_room()
        self.begin()

    def __dealloc__(self):
        self.forget()
        free(self.nodes)
        free(self.sets)
        free(self.follows)
        free(self.members)
        free(self.sizes)
        free(self.accepts)
        free(self.table)
        free(self.stamps)
        free(self.stack)
        free(self.found)

    @property
    def states(self):
        """States that were made so far."""
        return self.state_count

    def able(self, lines):
        """Indexes of the lines that a pattern may match."""
        cdef Py_ssize_t at = 0, size
        found = []
        for line in lines:
            size = len(<str> line)
            if 0 < size <= self.longest_asked and self.may_match(<str> line, size):
                found.append(at)
            at += 1
        if self.lacking > LACKING:
            self.begin()
        return found

    cdef bint may_match(self, str line, Py_ssize_t size) except -1:
        """Whether a pattern may match a line once it is bare; as ``lines.make_bare`` makes it."""
        cdef int kind = PyUnicode_KIND(line)
        cdef void *data = PyUnicode_DATA(line)
        cdef Py_ssize_t at = 0, bare = 0
        cdef unsigned int c = PyUnicode_READ(kind, data, 0), symbol
        cdef short state = 1, after
        if is_space(c) or c == 35 or (is_bullet(c) and size > 1 and (
            is_space(PyUnicode_READ(kind, data, 1)) or PyUnicode_READ(kind, data, 1) == 0x200B
        )):
            return True
        while at < size:
            c = PyUnicode_READ(kind, data, at)
            if is_space(c):
                symbol = 32
                at += 1
                while at < size and is_space(PyUnicode_READ(kind, data, at)):
                    at += 1
                if at == size:
                    break
                if may_vanish(kind, data, at, size):
                    return True
            else:
                if may_vanish(kind, data, at, size):
                    return True
                symbol = symbol_of(c)
                if symbol == UNKNOWN:
                    return True
                at += 1
            bare += 1
            if bare > self.longest:
                return False
            after = self.follows[state * SYMBOLS + symbol]
            if after == NO_STATE:
                after = self.step(state, symbol)
                if after == NO_STATE:
                    self.lacking += 1
                    return True
            if after == 0:
                return False
            state = after
        return self.accepts[state]

    # The automaton

    cdef int make_room(self) except -1:
        self.follows = <short *> malloc(STATES * SYMBOLS * sizeof(short))
        self.members = <int **> malloc(STATES * sizeof(int *))
        self.sizes = <int *> malloc(STATES * sizeof(int))
        self.accepts = <unsigned char *> malloc(STATES)
        self.table = <short *> malloc(TABLE * sizeof(short))
        self.stamps = <int *> malloc((self.node_count + 1) * sizeof(int))
        self.stack = <int *> malloc((2 * self.node_count + 2) * sizeof(int))
        self.found = <int *> malloc((self.node_count + 1) * sizeof(int))
        if (
            self.follows == NULL or self.members == NULL or self.sizes == NULL
            or self.accepts == NULL or self.table == NULL or self.stamps == NULL
            or self.stack == NULL or self.found == NULL
        ):
            raise MemoryError
        memset(self.stamps, 0, (self.node_count + 1) * sizeof(int))
        return 0

    cdef int begin(self) except -1:
        """Make the first two states: 0, from which nothing matches, and that of no symbol yet."""
        cdef int count = 0
        cdef bint accepts = False
        self.forget()
        memset(self.table, 0xFF, TABLE * sizeof(short))  # NO_STATE
        self.add_state(0, False)
        self.stamp += 1
        for start in self.starts:
            count = self.close(start, count, &accepts)
        self.add_state(count, accepts)
        return 0

    cdef void forget(self) noexcept:
        while self.state_count:
            self.state_count -= 1
            free(self.members[self.state_count])
        self.lacking = 0

    cdef short step(self, short state, unsigned int symbol) except -2:
        """The state after a symbol, made if it is new; ``NO_STATE`` where there is no room."""
        cdef int count = 0, at
        cdef bint accepts = False
        cdef Node *node
        cdef short after
        self.stamp += 1
        for at in range(self.sizes[state]):
            node = &self.nodes[self.members[state][at]]
            if self.sets[node.set].has[symbol]:
                count = self.close(node.one, count, &accepts)
        after = self.add_state(count, accepts)
        if after != NO_STATE:
            self.follows[state * SYMBOLS + symbol] = after
        return after

    cdef int close(self, int start, int count, bint *accepts) noexcept:
        """Add the steps that can be taken from a node on to ``found``; their number."""
        cdef int depth = 1, at
        cdef Node *node
        self.stack[0] = start
        while depth:
            depth -= 1
            at = self.stack[depth]
            if self.stamps[at] == self.stamp:
                continue
            self.stamps[at] = self.stamp
            node = &self.nodes[at]
            if node.kind == STEP:
                self.found[count] = at
                count += 1
            elif node.kind == ACCEPT:
                accepts[0] = True
            else:
                if node.kind == FORK:
                    self.stack[depth] = node.two
                    depth += 1
                self.stack[depth] = node.one
                depth += 1
        return count

    cdef short add_state(self, int count, bint accepts) except -2:
        """The state of what was found; ``NO_STATE`` where there is no room for it."""
        cdef unsigned int hashed = accepts, slot
        cdef int at
        cdef short state
        for at in range(count):
            hashed = (hashed ^ <unsigned int> self.found[at]) * 2654435761U
            hashed ^= hashed >> 15
        slot = hashed & (TABLE - 1)
        while self.table[slot] != NO_STATE:
            state = self.table[slot]
            if (
                self.sizes[state] == count
                and self.accepts[state] == accepts
                and memcmp(self.members[state], self.found, count * sizeof(int)) == 0
            ):
                return state
            slot = (slot + 1) & (TABLE - 1)
        if self.state_count == STATES:
            return NO_STATE
        state = self.state_count
        self.members[state] = <int *> malloc((count + 1) * sizeof(int))
        if self.members[state] == NULL:
            raise MemoryError
        for at in range(count):
            self.members[state][at] = self.found[at]
        self.sizes[state], self.accepts[state] = count, accepts
        for at in range(SYMBOLS):
            self.follows[state * SYMBOLS + at] = NO_STATE
        self.table[slot] = state
        self.state_count += 1
        return state

    # Patterns

    cdef int read(self, str pattern) except -1:
        """The first node of a pattern's automaton."""
        cdef int start, end, last
        self.pattern, self.at, self.size = pattern, 0, len(pattern)
        try:
            start = self.read_choice(0, &end)
            if self.at < self.size:
                raise _NotUnderstood
        except _NotUnderstood:
            end = self.add(JOIN, 0, 0, 0)
            start = self.add(FORK, 0, 0, end)
            last = self.add(STEP, UNKNOWN, start, 0)
            self.nodes[start].one = last
        last = self.add(ACCEPT, 0, 0, 0)
        self.nodes[end].one = last
        return start

    cdef int read_choice(self, int depth, int *end) except -1:
        """Alternatives, up to the group's end; their last node is a ``JOIN`` yet to be joined."""
        cdef int first, last = 0, other
        if depth > DEEPEST or self.node_count > NODES:
            raise _NotUnderstood
        first = self.read_row(depth, &last)
        end[0] = self.add(JOIN, 0, 0, 0)
        self.nodes[last].one = end[0]
        while self.peek() == 124:  # |
            self.at += 1
            other = self.read_row(depth, &last)
            self.nodes[last].one = end[0]
            first = self.add(FORK, 0, first, other)
        return first

    cdef int read_row(self, int depth, int *end) except -1:
        """Atoms one after the other."""
        cdef int start = self.add(JOIN, 0, 0, 0), first, last = 0, fork, other
        cdef bint may_miss, may_recur
        end[0] = start
        while self.at < self.size and self.peek() != 124 and self.peek() != 41:
            first = self.read_atom(depth, &last)
            while self.read_count(&may_miss, &may_recur):
                fork = self.add(FORK, 0, first, 0)
                if may_recur:
                    self.nodes[last].one = fork
                    last = self.add(JOIN, 0, 0, 0)
                    self.nodes[fork].two = last
                    if may_miss:
                        first = fork
                else:
                    other = self.add(JOIN, 0, 0, 0)
                    self.nodes[last].one = other
                    self.nodes[fork].two = other
                    first, last = fork, other
            self.nodes[end[0]].one = first
            end[0] = last
        return start

    cdef bint read_count(self, bint *may_miss, bint *may_recur) except -1:
        """Whether ``*``, ``+``, ``?`` or ``{1,2}`` stand there; counts are taken for any number."""
        cdef unsigned int c = self.peek()
        cdef Py_ssize_t stop
        may_miss[0], may_recur[0] = True, True
        if c == 42:
            self.at += 1
        elif c == 43:
            self.at += 1
            may_miss[0] = False
        elif c == 63:
            self.at += 1
            may_recur[0] = False
        elif c == 123:
            stop = self.pattern.find("}", self.at)
            count = self.pattern[self.at + 1 : stop] if stop > 0 else ""
            if not count[:1].isdecimal() or not count.replace(",", "", 1).isdecimal():
                raise _NotUnderstood
            self.at = stop + 1
        else:
            return False
        if self.peek() == 63:  # as few as can be, which is one to an automaton
            self.at += 1
        return True

    cdef int read_atom(self, int depth, int *end) except -1:
        cdef unsigned int c = self.take()
        cdef int start, symbols
        if c == 40:  # (
            if self.peek() == 63 and not self.read_flags():
                start = self.add(JOIN, 0, 0, 0)
                end[0] = start
                return start
            start = self.read_choice(depth + 1, end)
            if self.take() != 41:
                raise _NotUnderstood
            return start
        if c == 94 or c == 36:  # ^ $
            start = self.add(JOIN, 0, 0, 0)
            end[0] = start
            return start
        if c == 91:  # [
            symbols = self.add_set(False)
            self.read_class(symbols)
        elif c == 92:
            if is_of(self.peek(), "bBAz"):
                self.at += 1
                start = self.add(JOIN, 0, 0, 0)
                end[0] = start
                return start
            symbols = self.add_set(False)
            self.read_escape(symbols)
        elif is_of(c, "*+?){"):
            raise _NotUnderstood
        else:
            symbols = UNKNOWN if c == 46 else symbol_of(c)
        end[0] = self.add(JOIN, 0, 0, 0)
        return self.add(STEP, symbols, end[0], 0)

    cdef bint read_flags(self) except -1:
        """Read over what stands behind ``(?``; whether a group follows, and not ``)``."""
        cdef unsigned int c
        self.at += 1
        c = self.take()
        if c == 80 or c == 60:  # P<name> or <name>
            stop = self.pattern.find(">", self.at)
            if stop < 0:
                raise _NotUnderstood
            self.at = stop + 1
            return True
        while is_of(c, "imsU-"):
            c = self.take()
        if c != 58 and c != 41:
            raise _NotUnderstood
        return c == 58

    cdef int read_class(self, int symbols) except -1:
        """A class in brackets; one that is negated has all letters and all that is not ASCII."""
        cdef bint is_negated = self.peek() == 94, is_first = True
        cdef unsigned int c, last
        cdef int own = symbols, symbol
        if is_negated:
            self.at += 1
            own = self.add_set(False)
        while is_first or self.peek() != 93:
            is_first = False
            c = self.take()
            if c == 91 and self.peek() == 58:
                raise _NotUnderstood
            if c == 92:
                if is_negated and is_of(self.peek(), "pDSW"):  # of which too much is taken
                    raise _NotUnderstood
                c = self.read_escape(own)
                if c == END:
                    continue
            last = c
            if self.peek() == 45 and self.at + 1 < self.size and self.pattern[self.at + 1] != "]":
                self.at += 1
                last = self.take()
                if last == 92:
                    last = self.read_escape(own)
                if last == END or last < c:
                    raise _NotUnderstood
            self.allow(own, c, min(last, 127) if is_negated else last)
        self.at += 1
        if is_negated:
            for symbol in range(SYMBOLS):
                self.sets[symbols].has[symbol] = not self.sets[own].has[symbol] or (
                    symbol >= 128 or is_of(symbol, "abcdefghijklmnopqrstuvwxyz")
                )
        return 0

    cdef unsigned int read_escape(self, int symbols) except 0xFFFFFFFFU:
        """What stands behind a backslash, added to a set; the character, if it is one."""
        cdef unsigned int c = self.take()
        if c == 100:  # \d
            self.allow(symbols, 48, 57)
        elif c == 115:  # \s
            self.allow(symbols, 32, 32)
        elif c == 119:  # \w
            for first, last in ((48, 57), (65, 90), (95, 95), (97, 122)):
                self.allow(symbols, first, last)
        elif c == 83:  # \S
            self.allow(symbols, 0, 31)
            self.allow(symbols, 33, 0x10FFFF)
        elif c == 68 or c == 87:  # \D \W
            self.allow(symbols, 0, 47)
            self.allow(symbols, 58, 0x10FFFF)
        elif c == 112:  # \p
            stop = self.pattern.find("}", self.at) if self.peek() == 123 else self.at
            name = self.pattern[self.at : stop + 1].strip("{}")
            if stop < 0 or not name:
                raise _NotUnderstood
            self.at = stop + 1
            if name[0] == "L":
                self.allow(symbols, 65, 90)
                self.allow(symbols, 128, 0x10FFFF)
            else:
                self.allow(symbols, 0, 0x10FFFF)
        elif c == 120:  # \x
            stop = self.pattern.find("}", self.at) if self.peek() == 123 else self.at + 1
            digits = self.pattern[self.at : stop + 1].strip("{}")
            self.at = stop + 1
            try:
                c = int(digits, 16)
            except ValueError:
                raise _NotUnderstood from None
            self.allow(symbols, c, c)
            return c
        elif c < 128 and not chr(c).isalnum():
            self.allow(symbols, c, c)
            return c
        else:
            raise _NotUnderstood
        return END

    cdef int allow(self, int symbols, unsigned int first, unsigned int last) except -1:
        """Add the symbols of a range of characters to a set."""
        cdef unsigned int c, symbol
        if last > first + 4096:
            memset(&self.sets[symbols].has[128], 1, SYMBOLS - 128)
            last = 127
        c = first
        while c <= last:
            symbol = symbol_of(c)
            if symbol == UNKNOWN:
                memset(self.sets[symbols].has, 1, SYMBOLS)
                return 0
            self.sets[symbols].has[symbol] = True
            c += 1
        return 0

    cdef unsigned int peek(self) except 0xFFFFFFFFU:
        return ord(self.pattern[self.at]) if self.at < self.size else END

    cdef unsigned int take(self) except 0xFFFFFFFFU:
        if self.at >= self.size:
            raise _NotUnderstood
        self.at += 1
        return ord(self.pattern[self.at - 1])

    cdef int add(self, int kind, int symbols, int one, int two) except -1:
        """A new node."""
        cdef Node *more
        if self.node_count == self.node_room:
            self.node_room = 2 * self.node_room + 1024
            more = <Node *> realloc(self.nodes, self.node_room * sizeof(Node))
            if more == NULL:
                raise MemoryError
            self.nodes = more
        self.nodes[self.node_count] = Node(kind, symbols, one, two)
        self.node_count += 1
        return self.node_count - 1

    cdef int add_set(self, bint is_full) except -1:
        """A new set, of all symbols or of none."""
        cdef Set *more
        if self.set_count == self.set_room:
            self.set_room = 2 * self.set_room + 64
            more = <Set *> realloc(self.sets, self.set_room * sizeof(Set))
            if more == NULL:
                raise MemoryError
            self.sets = more
        memset(self.sets[self.set_count].has, is_full, SYMBOLS)
        self.set_count += 1
        return self.set_count - 1


cdef bint is_of(unsigned int c, str characters) except -1:
    return c < 128 and chr(c) in characters


cdef inline bint is_bullet(unsigned int c) noexcept:
    return <Py_UCS4> c in "*+•◦▪▸►●○‣∙·–—-o"


cdef inline bint is_space(unsigned int c) noexcept:
    return Py_UNICODE_ISSPACE(c)


cdef inline bint may_vanish(int kind, void *data, Py_ssize_t at, Py_ssize_t size) noexcept:
    """Whether the character there may be no part of the bare line, though no white space."""
    cdef unsigned int c = PyUnicode_READ(kind, data, at), after, last
    if c != 40 and c != 91 and c != 95 and c != 0x200B:  # ( [ _
        return False
    if c == 0x200B or at + 2 >= size:
        return c == 0x200B
    after, last = PyUnicode_READ(kind, data, at + 1), PyUnicode_READ(kind, data, at + 2)
    if after == 0x200B or last == 0x200B:
        return True
    if c == 95:
        return after == 95 and last == 95
    if after == 66 and last == 85:  # (BU
        return True
    return (last == 41 or last == 93) and (after == 42 or after == 88 or is_space(after))
