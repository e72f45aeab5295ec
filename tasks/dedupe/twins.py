"""Template twins: stories from one template that differ in names and numbers.

They may share nine words in ten, so overlap cannot tell them from copies; what differs can. A copy
is changed by editors and extractors: words of grammar, spelling, paragraphs put in or left out, the
lines around the story. A template is filled with other facts in the same places.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tasks.dedupe.align import Stretch, align
from tasks.dedupe.facts import Token, is_fact, is_variant, read_story

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
    changes = count_changes(a_text, b_text)
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
    if find_twin_reason(f"{a_title}\n{a_text}", f"{b_title}\n{b_text}") is not None:
        return True
    is_bare = _is_note_or_table(read_story(a_text).tokens) or _is_note_or_table(
        read_story(b_text).tokens
    )
    return is_bare and find_twin_reason(a_title, b_title) is not None


def _is_note_or_table(tokens: Sequence[Token]) -> bool:
    numbers = sum(1 for token in tokens if token.is_number)
    return len(tokens) <= NOTE_WORDS or numbers > TABLE_NUMBERS * len(tokens)


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
    story, other = read_story(a_text), read_story(b_text)
    a, b = story.tokens, other.tokens
    common = story.lower | other.lower
    stretches = align(story.forms, other.forms)
    kept = [0, 0]
    moved = [0, 0]
    changed: list[tuple[Token, Token]] = []
    for stretch in stretches:
        old, new = a[stretch.a_start : stretch.a_end], b[stretch.b_start : stretch.b_end]
        if stretch.is_same:
            start = bisect_left(story.marked, stretch.a_start)
            for at in story.marked[start : bisect_left(story.marked, stretch.a_end)]:
                token = a[at]
                kept[token.is_number] += token.is_number or token.form not in common
            continue
        if max(len(old), len(new)) <= MAX_BLOCK and stretch.kinship >= MIN_KINSHIP:
            for side, tokens in enumerate((old, new)):
                moved[side] += sum(token.is_number for token in tokens)
        if _may_be_filled_in(stretch, a, b):
            changed += _pair_facts(old, new, common)
    in_place = sum(1 for old, _ in changed if old.is_number)
    words = min(len(a), len(b))
    # in a note, numbers are its news wherever they stand
    exchanged = _count_exchanged(a, b) if words <= WORDS_A_CORRECTION else 0
    numbers = max(in_place, exchanged)
    names = Counter((old.form, new.form) for old, new in changed if not old.is_number)
    return Changes(
        numbers_changed=numbers,
        numbers_kept=kept[True],
        names_changed=len(changed) - in_place,
        names_kept=kept[False],
        numbers_moved=max(0, max(moved) - numbers),
        unmatched=_count_unmatched(a, b, common) if words <= NOTE_WORDS else 0,
        words=words,
        renamed=max(names.values(), default=0),
        examples=tuple(dict.fromkeys(f"{old.written} → {new.written}" for old, new in changed[:6]))[
            :3
        ],
    )


def _may_be_filled_in(stretch: Stretch, a: Sequence[Token], b: Sequence[Token]) -> bool:
    """Whether a stretch is a place in a sentence that each text fills in its own way."""
    a_size, b_size = stretch.a_end - stretch.a_start, stretch.b_end - stretch.b_start
    return (
        0 < a_size <= MAX_BLOCK
        and 0 < b_size <= MAX_BLOCK
        and stretch.kinship >= MIN_KINSHIP
        and not (
            _is_line_of_words(a, stretch.a_start, stretch.a_end)
            and _is_line_of_words(b, stretch.b_start, stretch.b_end)
        )
    )


def _is_line_of_words(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a stretch is whole lines, such as a caption, and not the figures of a table."""
    begins = start == 0 or tokens[start - 1].line != tokens[start].line
    ends = end == len(tokens) or tokens[end - 1].line != tokens[end].line
    numbers = sum(1 for token in tokens[start:end] if token.is_number)
    return begins and ends and 2 * numbers < end - start


def _pair_facts(
    old: Sequence[Token], new: Sequence[Token], common: Collection[str]
) -> list[tuple[Token, Token]]:
    """Numbers that stand for numbers and names for names, spelling and rounding aside."""
    pairs: list[tuple[Token, Token]] = []
    for is_number in (True, False):
        left = [t for t in old if t.is_number == is_number and is_fact(t, common)]
        right = [t for t in new if t.is_number == is_number and is_fact(t, common)]
        pairs += zip(_unlike(left, right), _unlike(right, left), strict=False)
    return pairs


def _count_exchanged(a: Sequence[Token], b: Sequence[Token]) -> int:
    """How many numbers each text has that the other has not, on the side that has fewer."""
    left, right = ([token for token in side if token.is_number] for side in (a, b))
    return min(len(_unlike(left, right)), len(_unlike(right, left)))


def _count_unmatched(a: Sequence[Token], b: Sequence[Token], common: Collection[str]) -> int:
    """Numbers, and names away from the ends, that one side has and the other has not."""
    count = 0
    for side, other in ((a, b), (b, a)):
        inner = side[EDGE_TOKENS:-EDGE_TOKENS]
        names = [token for token in inner if not token.is_number and is_fact(token, common)]
        count += len(_unlike(names, [token for token in other if not token.is_number]))
        numbers = [token for token in side if token.is_number]
        count += len(_unlike(numbers, [token for token in other if token.is_number]))
    return count


def _unlike(tokens: Sequence[Token], others: Sequence[Token]) -> list[Token]:
    initials = "".join(one.form[0] for one in others)
    return [
        token
        for token in tokens
        if not any(is_variant(token, one) for one in others)
        and not (token.written.isupper() and len(token.form) > 1 and token.form in initials)
    ]
