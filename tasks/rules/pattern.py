"""Write lines as one pattern: what they share once, what differs as alternatives."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Literal, NamedTuple

from tasks.text.templates import CALENDAR

Kind = Literal["word", "number", "day", "url", "mail", "space", "sign"]

_TOKEN = re.compile(
    r"(?P<url>(?:https?://|www\.)\S+)"
    r"|(?P<mail>[^\s@]+@[^\s@]+\.[^\W\d_]+)"
    r"|(?P<number>\d+(?:[.,:/-]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['-][^\W\d_]+)*)"
    r"|(?P<space>\s+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
_GENERAL: dict[Kind, str] = {
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


class Token(NamedTuple):
    """A part of a line."""

    kind: Kind
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """The same for tokens that one pattern stands for."""
        return (self.kind, "" if self.kind in _GENERAL else self.text.casefold())

    @property
    def is_cased(self) -> bool:
        """Whether it has a capital form."""
        return self.kind in ("word", "day") and self.text.lower() != self.text.upper()

    @property
    def is_capital(self) -> bool:
        """Whether it is a word that begins with a capital."""
        return self.kind == "word" and self.text[0].isupper()


Line = tuple[Token, ...]
"""A line in its parts: together they are its text."""


@dataclass(frozen=True, slots=True)
class Way:
    """How far a pattern goes beyond the lines that it is made from."""

    any_case: bool
    any_edge: bool
    general: bool
    """Whether numbers, dates, addresses, and names where the lines differ, stand for others."""


WAYS = [
    Way(any_case, any_edge, general)
    for general, any_case, any_edge in product((True, False), (True, False), (True, False))
]
"""From the widest to the narrowest."""


def read_tokens(line: str) -> Line:
    """The words, numbers, days, addresses, spaces and signs of a line, in order."""
    found = [Token(match.lastgroup, match.group()) for match in _TOKEN.finditer(line)]  # type: ignore[arg-type]
    dated = [_is_day(found, at) for at in range(len(found))]
    return tuple(
        Token("day", token.text) if is_day else token
        for token, is_day in zip(found, dated, strict=True)
    )


def has_words(lines: Iterable[Line]) -> bool:
    """Whether something is left of each line beside what stands for anything of its kind."""
    return all(
        sum(len(token.text) for token in line if token.kind == "word") >= _FEWEST_LETTERS
        or any(token.kind == "word" and not token.text.isascii() for token in line)
        for line in lines
    )


def render(lines: Sequence[Line], way: Way) -> str:
    """An RE2 pattern of whole lines that matches each of these, and what the way admits."""
    if not way.any_edge or not all(map(_trim, lines)):
        return _write(lines, way)
    head = _EDGE if any(line[0].kind == "sign" for line in lines) else ""
    return _write([_trim(line) for line in lines], way, head, _EDGE)


def _is_day(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word is a month or a weekday of a date: one that stands beside a number."""
    return _is_calendar(tokens[at]) and any(_reaches_number(tokens, at, step) for step in (1, -1))


def _reaches_number(tokens: Sequence[Token], at: int, step: int) -> bool:
    at += step
    while 0 <= at < len(tokens) and (tokens[at].text in _DATE_GLUE or _is_calendar(tokens[at])):
        at += step
    return 0 <= at < len(tokens) and tokens[at].kind == "number"


def _is_calendar(token: Token) -> bool:
    return token.kind == "word" and token.text.casefold() in CALENDAR


def _write(lines: Sequence[Line], way: Way, head: str = "", tail: str = "") -> str:
    unlike = {tuple(_key(token, way) for token in line): line for line in lines}
    writer = _Writer(way)
    body = writer.write(list(unlike.values()))
    if not way.any_case or not any(token.is_cased for line in lines for token in line):
        return head + body + tail
    if not writer.has_names:
        return f"(?i){head}{body}{tail}"
    writer.opens_case = True  # a name is told by its capitals
    return head + writer.write(list(unlike.values())) + tail


def _trim(line: Line) -> Line:
    """The line without signs and spaces at its ends."""
    places = [at for at, token in enumerate(line) if token.kind not in ("sign", "space")]
    return line[places[0] : places[-1] + 1] if places else ()


def _key(token: Token, way: Way) -> tuple[str, str]:
    if way.general and token.kind in _GENERAL:
        return token.key
    return (token.kind, token.text.casefold() if way.any_case else token.text)


class _Writer:
    """Writes lines as one pattern: what they share once, what differs as alternatives."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.opens_case = False
        """Whether each stretch of words says that its case does not matter."""
        self.has_names = False
        """Whether a name was written so far."""

    def write(self, lines: Sequence[Line]) -> str:
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

    def _apart(self, lines: Sequence[Line]) -> str:
        """Lines that have no word in common; those that begin alike are written as one."""
        groups: dict[tuple[str, str], list[Line]] = {}
        for line in lines:
            groups.setdefault(_key(line[0], self.way), []).append(line)
        if len(groups) == 1:
            return f"(?:{'|'.join(map(self._literal, lines))})"
        return f"(?:{'|'.join(map(self.write, groups.values()))})"

    def _either(self, middles: Sequence[Line]) -> str:
        if self.way.general and all(map(_is_name, middles)):
            self.has_names = True
            return _NAME
        unlike = {tuple(_key(token, self.way) for token in one): one for one in middles if one}
        written = [self._literal(one) for one in unlike.values()]
        optional = "?" if any(not one for one in middles) else ""
        return f"(?:{'|'.join(written)}){optional}"

    def _common(self, lines: Sequence[Line]) -> int:
        count = 0
        for tokens in zip(*lines, strict=False):
            if len({_key(token, self.way) for token in tokens}) > 1:
                break
            count += 1
        return count

    def _literal(self, line: Sequence[Token]) -> str:
        return "".join(self._parts(line))

    def _parts(self, line: Sequence[Token]) -> Iterator[str]:
        for is_general, tokens in groupby(line, self._is_general):
            if is_general:
                yield from (_GENERAL[token.kind] for token in tokens)
                continue
            stretch = list(tokens)
            text = "".join(_escape(token.text) for token in stretch)
            is_open = self.opens_case and any(token.is_cased for token in stretch)
            yield f"(?i:{text})" if is_open else text

    def _is_general(self, token: Token) -> bool:
        return self.way.general and token.kind in _GENERAL


def _is_name(line: Line) -> bool:
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
