"""Propose a rule's pattern from lines to remove and lines to keep."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, product
from typing import Literal, NamedTuple

import re2

from tasks.errors import RulePackError
from tasks.rules.load import LONGEST_LINE
from tasks.text.lines import bare, strip
from tasks.text.templates import CALENDAR

_Kind = Literal["word", "number", "day", "url", "mail", "space", "sign"]

_TOKEN = re.compile(
    r"(?P<url>(?:https?://|www\.)\S+)"
    r"|(?P<mail>[^\s@]+@[^\s@]+\.[^\W\d_]+)"
    r"|(?P<number>\d+(?:[.,:/-]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['-][^\W\d_]+)*)"
    r"|(?P<space>\s+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_GENERAL: dict[_Kind, str] = {
    "number": r"\pN[\pN.,:/-]*",
    "day": r"\pL+\.?",
    "url": r"(?:https?://|www\.)\S+",
    "mail": r"\S+@\S+",
}
_NAME = r"\p{Lu}[\pL.'-]*(?: \p{Lu}[\pL.'-]*)*".replace("'", r"\x27")
"""Words with capitals, as a person's or a paper's name has them."""
_EDGE = r"[\pP\pS\s]*"
"""Arrows, quotes and bars, which a site sets around a link on one page and not on the next."""
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_DATE_GLUE = frozenset({" ", ".", ",", ". ", ", "})
_NAME_WORDS = 4
_FEWEST_LETTERS = 3
"""A pattern of nothing but a number and a date would cut every page's dates."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pattern and the examples that it was made from, and holds."""

    match: str
    """RE2 pattern of a whole line."""
    removes: tuple[str, ...]
    """As rules see them: ``tasks.text.lines.bare``."""
    keeps: tuple[str, ...]


class _Token(NamedTuple):
    kind: _Kind
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """The same for tokens that one pattern stands for."""
        return (self.kind, "" if self.kind in _GENERAL else self.text.casefold())

    @property
    def is_cased(self) -> bool:
        return self.kind in ("word", "day") and self.text.lower() != self.text.upper()

    @property
    def is_capital(self) -> bool:
        return self.kind == "word" and self.text[0].isupper()


_Line = tuple[_Token, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """How far a pattern goes beyond the lines that it is made from."""

    any_case: bool
    any_edge: bool
    general: bool
    """Whether numbers, dates, addresses, and names where the lines differ, stand for others."""


# From the widest to the narrowest: the first that spares all that is to be kept is proposed.
_WAYS = [
    _Way(any_case, any_edge, general)
    for general, any_case, any_edge in product((True, False), (True, False), (True, False))
]


def propose(removes: Sequence[str], keeps: Sequence[str]) -> Proposal:
    """A pattern that matches all of ``removes`` and none of ``keeps``, as wide as is sensible.

    Numbers, dates and addresses stand for others of their kind, and so do capitalised words in
    which lines to remove differ; case and signs around the line are left open. Each of these is
    given up where a line to keep asks for it. What lines to remove do not tell is not guessed.

    Raises:
        RulePackError: where no pattern can tell them apart, or a line is none; says which.
    """
    gone, kept = _lines(removes, "remove"), _lines(keeps, "keep")
    for line in kept:
        if line in gone:
            message = (
                f"'{line}' is both to be removed and to be kept. A rule sees a line alone: give a "
                "line to keep that reads otherwise."
            )
            raise RulePackError(message)
    split = [_tokens(line) for line in gone]
    for way in _WAYS:
        if way.general and not _has_words(split):
            continue
        pattern = _render(split, way)
        if _fails(pattern, gone, kept) is None:
            return Proposal(pattern, tuple(gone), tuple(kept))
    message = "No pattern tells these lines apart. Give fewer lines to remove, a rule each."
    raise RulePackError(message)


def prove(match: str, removes: Sequence[str], keeps: Sequence[str]) -> Proposal:
    """A pattern that somebody wrote, if it does what the lines ask of it.

    Raises:
        RulePackError: naming the line that it should match and does not, or the other way round.
    """
    gone, kept = _lines(removes, "remove"), _lines(keeps, "keep")
    try:
        wrong = _fails(match, gone, kept)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        message = (
            f"{match}: RE2 refuses this pattern: {reason}.\n"
            "Write it in RE2's syntax: no look-around, no back-reference."
        )
        raise RulePackError(message) from error
    if wrong is not None:
        raise RulePackError(wrong)
    return Proposal(match, tuple(gone), tuple(kept))


def _lines(given: Sequence[str], verb: str) -> list[str]:
    found = list(dict.fromkeys(bare(strip(line)) for line in given if strip(line)))
    if "" in found:
        message = f"A line to {verb} has nothing in it but control characters. Leave it out."
        raise RulePackError(message)
    if not found:
        message = f"There is no line to {verb}. Give at least one."
        raise RulePackError(message)
    for line in found:
        if len(line) > LONGEST_LINE:
            message = (
                f"A line to {verb} has {len(line)} characters: '{line[:40]}…'. Rules are asked "
                f"about lines of up to {LONGEST_LINE}; longer ones are prose."
            )
            raise RulePackError(message)
    return found


def _fails(pattern: str, removes: Sequence[str], keeps: Sequence[str]) -> str | None:
    options = re2.Options()
    options.log_errors = False
    matches = partial(re2.fullmatch, pattern, options=options)
    for line in removes:
        if matches(line) is None:
            return f"The pattern {pattern} does not match the line to remove '{line}'. Widen it."
    for line in keeps:
        if matches(line) is not None:
            return f"The pattern {pattern} matches the line to keep '{line}'. Make it narrower."
    return None


def _tokens(line: str) -> _Line:
    found = [_Token(match.lastgroup, match.group()) for match in _TOKEN.finditer(line)]  # type: ignore[arg-type]
    dated = [_is_day(found, at) for at in range(len(found))]
    return tuple(
        _Token("day", token.text) if is_day else token
        for token, is_day in zip(found, dated, strict=True)
    )


def _is_day(tokens: Sequence[_Token], at: int) -> bool:
    """Whether a word is a month or a weekday of a date: one that stands beside a number."""
    return _is_calendar(tokens[at]) and any(_reaches_number(tokens, at, step) for step in (1, -1))


def _reaches_number(tokens: Sequence[_Token], at: int, step: int) -> bool:
    at += step
    while 0 <= at < len(tokens) and (tokens[at].text in _DATE_GLUE or _is_calendar(tokens[at])):
        at += step
    return 0 <= at < len(tokens) and tokens[at].kind == "number"


def _is_calendar(token: _Token) -> bool:
    return token.kind == "word" and token.text.casefold() in CALENDAR


def _has_words(lines: Iterable[_Line]) -> bool:
    """Whether something is left of each line beside what stands for anything of its kind."""
    return all(
        sum(len(token.text) for token in line if token.kind == "word") >= _FEWEST_LETTERS
        or any(token.kind == "word" and not token.text.isascii() for token in line)
        for line in lines
    )


def _render(lines: Sequence[_Line], way: _Way) -> str:
    if not way.any_edge or not all(map(_trim, lines)):
        return _write(lines, way)
    head = _EDGE if any(line[0].kind == "sign" for line in lines) else ""
    return _write([_trim(line) for line in lines], way, head, _EDGE)


def _write(lines: Sequence[_Line], way: _Way, head: str = "", tail: str = "") -> str:
    unlike = {tuple(_key(token, way) for token in line): line for line in lines}
    writer = _Writer(way)
    body = writer.write(list(unlike.values()))
    if not way.any_case or not any(token.is_cased for line in lines for token in line):
        return head + body + tail
    if not writer.has_names:
        return f"(?i){head}{body}{tail}"
    writer.opens_case = True  # a name is told by its capitals
    return head + writer.write(list(unlike.values())) + tail


def _trim(line: _Line) -> _Line:
    """The line without signs and spaces at its ends."""
    places = [at for at, token in enumerate(line) if token.kind not in ("sign", "space")]
    return line[places[0] : places[-1] + 1] if places else ()


def _key(token: _Token, way: _Way) -> tuple[str, str]:
    if way.general and token.kind in _GENERAL:
        return token.key
    return (token.kind, token.text.casefold() if way.any_case else token.text)


class _Writer:
    """Writes lines as one pattern: what they share once, what differs as alternatives."""

    def __init__(self, way: _Way) -> None:
        self.way = way
        self.opens_case = False
        """Whether each stretch of words says that its case does not matter."""
        self.has_names = False
        """Whether a name was written so far."""

    def write(self, lines: Sequence[_Line]) -> str:
        if len(lines) == 1:
            return self._literal(lines[0])
        head = self._common(lines)
        rest = [line[head:] for line in lines]
        tail = self._common([line[::-1] for line in rest])
        shared = (*lines[0][:head], *(rest[0][len(rest[0]) - tail :] if tail else ()))
        if not any(token.kind == "word" for token in shared):
            return self._apart(lines)
        middles = [line[: len(line) - tail] for line in rest]
        end = rest[0][len(rest[0]) - tail :] if tail else ()
        return self._literal(lines[0][:head]) + self._either(middles) + self._literal(end)

    def _apart(self, lines: Sequence[_Line]) -> str:
        """Lines that have no word in common; those that begin alike are written as one."""
        groups: dict[tuple[str, str], list[_Line]] = {}
        for line in lines:
            groups.setdefault(_key(line[0], self.way), []).append(line)
        if len(groups) == 1:
            return f"(?:{'|'.join(map(self._literal, lines))})"
        return f"(?:{'|'.join(map(self.write, groups.values()))})"

    def _either(self, middles: Sequence[_Line]) -> str:
        if self.way.general and all(map(_is_name, middles)):
            self.has_names = True
            return _NAME
        unlike = {tuple(_key(token, self.way) for token in one): one for one in middles if one}
        written = [self._literal(one) for one in unlike.values()]
        optional = "?" if any(not one for one in middles) else ""
        return f"(?:{'|'.join(written)}){optional}"

    def _common(self, lines: Sequence[_Line]) -> int:
        count = 0
        for tokens in zip(*lines, strict=False):
            if len({_key(token, self.way) for token in tokens}) > 1:
                break
            count += 1
        return count

    def _literal(self, line: Sequence[_Token]) -> str:
        return "".join(self._parts(line))

    def _parts(self, line: Sequence[_Token]) -> Iterator[str]:
        for is_general, tokens in groupby(line, self._is_general):
            if is_general:
                yield from (_GENERAL[token.kind] for token in tokens)
                continue
            stretch = list(tokens)
            text = "".join(_escape(token.text) for token in stretch)
            is_open = self.opens_case and any(token.is_cased for token in stretch)
            yield f"(?i:{text})" if is_open else text

    def _is_general(self, token: _Token) -> bool:
        return self.way.general and token.kind in _GENERAL


def _is_name(line: _Line) -> bool:
    words = [token for token in line if token.kind == "word"]
    return (
        0 < len(words) <= _NAME_WORDS
        and all(token.is_capital for token in words)
        and all(token.kind in ("word", "space") or token.text == "." for token in line)
        and line[0].kind == "word"
        and line[-1].kind != "space"
    )


def _escape(text: str) -> str:
    """A literal of RE2 that may stand between single quotes in TOML."""
    plain = _SPECIAL.sub(r"\\\g<0>", text).replace("'", r"\x27")
    return "".join(one if one.isprintable() else f"\\x{{{ord(one):x}}}" for one in plain)
