"""Template twins: stories from one template that differ in names and numbers.

They may share nine words in ten, so overlap cannot tell them from copies; what differs can. A copy
is changed by editors and extractors: words of grammar, spelling, paragraphs put in or left out, the
lines around the story. A template is filled with other facts in the same places.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tasks.dedupe.align import Stretch, align_hashed
from tasks.dedupe.facts import Flags, Story, Token, find_facts, is_variant, read_story

MAX_BLOCK = 10
"""Tokens that may stand for others in one place; what is longer is a passage written anew."""
MIN_KINSHIP = 0.4
"""Below it two unlike passages face each other, and what meets there meets by chance."""
# Set on newswire pairs read by hand: dividend notes, rates, auctions and bond issues against
# stories sent again with corrections. Where in doubt both are published.
MAX_CHANGED = 0.1
"""Share of changed facts below which two texts are one story: a corrected figure in ten."""
MAX_CHANGED_NUMBERS = 0.15
"""The same share, of numbers only."""
MAX_RENAMED = 0.03
"""The same share, where one name stands for another more than once."""
MANY_NUMBERS = 3
"""So many changed numbers are no correction, if they are more than ``MAX_CHANGED_OF_MANY``."""
MAX_CHANGED_OF_MANY = 0.05
MIN_WORDS_A_CHANGE = 40
"""In fewer words for each changed fact, whatever else they hold, the facts are the story."""
WORDS_A_CORRECTION = 60
"""A single changed fact in more words than these is a correction."""
EDGE_TOKENS = 3
"""At a text's ends: a dateline, an agency's name."""
NOTE_WORDS = 40
"""A text up to this long is a note (a dividend, a rate): a fact more or less is another's."""
TABLE_NUMBERS = 0.3
"""Share of numbers among its words that makes a text a table; there one changed number, its day's,
makes another, and numbers put in or left out count as changed."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two texts, counted in facts: numbers and names."""

    numbers_changed: int
    numbers_kept: int
    names_changed: int
    names_kept: int
    numbers_moved: int
    """Numbers put in or left out a few at a time, on the side that has more."""
    unmatched: int
    """In notes: numbers, and names but for those at the ends, that one of the texts has alone."""
    words: int
    """Of the shorter text."""
    renamed: int
    """How often the commonest change of one name into another is made."""
    examples: tuple[str, ...] = ()
    """Some of the changes, ``old → new``."""


def find_twin_reason(a_text: str, b_text: str) -> str | None:
    """Why two texts that share most words are still two stories; None where they are copies.

    Changed facts count where a short run of words stands for another in the same sentence. Spared:
    a renderer's link and list numbers, datelines, bylines and lines of date or credit, passages
    left out, put in or moved, spelling, rounding, and grammar.
    """
    return _explain(count_changes(a_text, b_text))


def _explain(changes: Changes) -> str | None:
    changed = changes.numbers_changed + changes.names_changed
    facts = changed + changes.numbers_kept + changes.names_kept
    if changes.unmatched or _is_filled_in_anew(changes, changed, facts) or _is_other_table(changes):
        examples = "; ".join(changes.examples) or "facts put in or left out"
        return f"template twin: {changed} of {facts} facts differ ({examples})"
    return None


def are_apart_by_titles(a_title: str | None, a_text: str, b_title: str | None, b_text: str) -> bool:
    """Whether their titles show that two texts with much in common are two stories.

    Titles are read as the texts' first lines: what an extractor took for one may be the sentence
    that says whose result it is. Of notes and tables they count alone as well: ``ACME NET UP``,
    ``BOLT NET UP``. False where one is unknown.
    """
    if not a_title or not b_title:
        return False
    titled = _compare(read_story(a_text, a_title), read_story(b_text, b_title))
    if _explain(titled) is not None:
        return True
    is_bare = _is_note_or_table(read_story(a_text)) or _is_note_or_table(read_story(b_text))
    return is_bare and find_twin_reason(a_title, b_title) is not None


def _is_note_or_table(story: Story) -> bool:
    words = len(story.tokens)
    return words <= NOTE_WORDS or int(np.count_nonzero(story.numbers)) > TABLE_NUMBERS * words


def _is_filled_in_anew(changes: Changes, changed: int, facts: int) -> bool:
    if not changed or (changed == 1 and changes.words > WORDS_A_CORRECTION):
        return False
    numbers = changes.numbers_changed + changes.numbers_kept
    return (
        changed * MIN_WORDS_A_CHANGE >= changes.words
        or changed >= MAX_CHANGED * facts
        or changes.numbers_changed > MAX_CHANGED_NUMBERS * numbers
        or changes.numbers_changed >= max(MANY_NUMBERS, MAX_CHANGED_OF_MANY * numbers)
        or (changes.renamed > 1 and changed > MAX_RENAMED * facts)
    )


def _is_other_table(changes: Changes) -> bool:
    common = changes.numbers_changed + changes.numbers_kept
    unlike = changes.numbers_changed + changes.numbers_moved
    is_table = common > TABLE_NUMBERS * changes.words
    return is_table and (
        changes.numbers_changed > 0 or unlike > MAX_CHANGED * (common + changes.numbers_moved)
    )


def count_changes(a_text: str, b_text: str) -> Changes:
    """Count facts that stand for other facts in the same place, and those that stayed."""
    return _compare(read_story(a_text), read_story(b_text))


def _compare(story: Story, other: Story) -> Changes:
    facts = find_facts(story, other), find_facts(other, story)
    kept = [_count_upto(facts[0] & ~story.numbers), _count_upto(facts[0] & story.numbers)]
    numbers_upto = _count_upto(story.numbers), _count_upto(other.numbers)
    same = [0, 0]
    moved = [0, 0]
    changed: list[tuple[Token, Token]] = []
    for stretch in align_hashed(story.forms, other.forms):
        a, b = (stretch.a_start, stretch.a_end), (stretch.b_start, stretch.b_end)
        if stretch.is_same:
            for kind, upto in enumerate(kept):
                same[kind] += upto[a[1]] - upto[a[0]]
            continue
        if max(a[1] - a[0], b[1] - b[0]) <= MAX_BLOCK and stretch.kinship >= MIN_KINSHIP:
            for side, (start, end) in enumerate((a, b)):
                moved[side] += numbers_upto[side][end] - numbers_upto[side][start]
        if _may_be_filled_in(stretch, story, other):
            changed += _pair_facts(_pick(story, facts[0], *a), _pick(other, facts[1], *b))
    in_place = sum(1 for old, _ in changed if old.is_number)
    words = min(len(story.tokens), len(other.tokens))
    # in a note, numbers are its news wherever they stand
    exchanged = _count_exchanged(story, other) if words <= WORDS_A_CORRECTION else 0
    numbers = max(in_place, exchanged)
    names = Counter((old.form, new.form) for old, new in changed if not old.is_number)
    return Changes(
        numbers_changed=numbers,
        numbers_kept=same[True],
        names_changed=len(changed) - in_place,
        names_kept=same[False],
        numbers_moved=max(0, max(moved) - numbers),
        unmatched=_count_unmatched(story, other, facts) if words <= NOTE_WORDS else 0,
        words=words,
        renamed=max(names.values(), default=0),
        examples=tuple(dict.fromkeys(f"{old.written} → {new.written}" for old, new in changed[:6]))[
            :3
        ],
    )


def _count_upto(flags: Flags) -> list[int]:
    """How many are set before each place, and before the end."""
    counts: list[int] = np.cumsum(np.append(0, flags)).tolist()
    return counts


def _pick(story: Story, flags: Flags, start: int, end: int) -> list[Token]:
    """The tokens of a stretch whose flag is set."""
    return [story.tokens[start + at] for at in np.flatnonzero(flags[start:end]).tolist()]


def _may_be_filled_in(stretch: Stretch, story: Story, other: Story) -> bool:
    """Whether a stretch is a place in a sentence that each text fills in its own way."""
    a_size, b_size = stretch.a_end - stretch.a_start, stretch.b_end - stretch.b_start
    return (
        0 < a_size <= MAX_BLOCK
        and 0 < b_size <= MAX_BLOCK
        and stretch.kinship >= MIN_KINSHIP
        and not (
            _is_line_of_words(story, stretch.a_start, stretch.a_end)
            and _is_line_of_words(other, stretch.b_start, stretch.b_end)
        )
    )


def _is_line_of_words(story: Story, start: int, end: int) -> bool:
    """Whether a stretch is whole lines, such as a caption, and not the figures of a table."""
    if start not in story.begins or not (end == len(story.tokens) or end in story.begins):
        return False
    return 2 * int(np.count_nonzero(story.numbers[start:end])) < end - start


def _pair_facts(old: Sequence[Token], new: Sequence[Token]) -> list[tuple[Token, Token]]:
    """Numbers that stand for numbers and names for names, spelling and rounding aside."""
    pairs: list[tuple[Token, Token]] = []
    for is_number in (True, False):
        left = [token for token in old if token.is_number == is_number]
        right = [token for token in new if token.is_number == is_number]
        pairs += zip(_unlike(left, right), _unlike(right, left), strict=False)
    return pairs


def _count_exchanged(story: Story, other: Story) -> int:
    """How many numbers each text has that the other has not, on the side that has fewer."""
    left, right = ([token for token in side.tokens if token.is_number] for side in (story, other))
    return min(len(_unlike(left, right)), len(_unlike(right, left)))


def _count_unmatched(story: Story, other: Story, facts: tuple[Flags, Flags]) -> int:
    """Numbers, and names away from the ends, that one side has and the other has not."""
    count = 0
    for side, against, is_fact in ((story, other, facts[0]), (other, story, facts[1])):
        inner = _pick(side, is_fact, EDGE_TOKENS, max(EDGE_TOKENS, len(side.tokens) - EDGE_TOKENS))
        names = [token for token in inner if not token.is_number]
        count += len(_unlike(names, [token for token in against.tokens if not token.is_number]))
        numbers = [token for token in side.tokens if token.is_number]
        count += len(_unlike(numbers, [token for token in against.tokens if token.is_number]))
    return count


def _unlike(tokens: Sequence[Token], others: Sequence[Token]) -> list[Token]:
    initials = "".join(one.form[0] for one in others)
    return [
        token
        for token in tokens
        if not any(is_variant(token, one) for one in others)
        and not (token.written.isupper() and len(token.form) > 1 and token.form in initials)
    ]
