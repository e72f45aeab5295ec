"""Propose a rule's pattern from lines to remove and lines to keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import re2

from tasks.errors import RulePackError
from tasks.rules.load import LONGEST_LINE
from tasks.rules.pattern import WAYS, has_words, read_tokens, render
from tasks.text.lines import bare, strip


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pattern and the examples that it was made from, and holds."""

    match: str
    """RE2 pattern of a whole line."""
    removes: tuple[str, ...]
    """As rules see them: ``tasks.text.lines.bare``."""
    keeps: tuple[str, ...]


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
    split = [read_tokens(line) for line in gone]
    for way in WAYS:  # the first that spares all that is to be kept
        if way.general and not has_words(split):
            continue
        pattern = render(split, way)
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
