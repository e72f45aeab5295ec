"""A page's lines with what the rules and their own shape say of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from tasks.compiled import twin
from tasks.rules import Rule, Rules
from tasks.rules.load import Role
from tasks.text.dates import find_date, may_hold_date
from tasks.text.lines import Lines, bare, is_plain, split_lines
from tasks.text.words import DATE_WORDS

SENTENCE_END = frozenset(".!?…。！？؟۔।｡")
_CLOSING = "\"'”’»)]›“‘」』* \xa0"
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_DATE_WORD = re.compile(r"[^\W\d_]{2,}")
LONG = 40
"""Characters of a line whose words are sooner counted by its spaces."""
LONGEST_DATE_LINE = 90
"""Characters."""
PROSE_WORDS = 12
"""Words from which a line that ends like a sentence is taken for one, and not for a menu's."""
LONGEST_TITLE = 240
"""Characters."""
_compiled = twin("tasks.text.lines")  # it reads all columns at once


@dataclass(slots=True)  # frozen, it takes a microsecond more to make
class Page:
    """The lines of one page, asked of rules once; nobody changes it."""

    whole: str
    """Its text as it is."""
    lines: Lines
    texts: Sequence[str]
    """What each line says, stripped."""
    said: Sequence[int]
    """Indexes of the lines that are not blank, in order."""
    hits: Sequence[tuple[Rule, ...]]
    """The rules that match each line; () for blank and long ones."""
    known: Sequence[int]
    """Indexes of the lines that rules match, in order."""
    words: Sequence[int]
    """Words of each line; in scripts without spaces, half their characters."""
    prose: Sequence[int]
    """Words of sentences before each place in ``said``, and at last of all of them."""
    is_ended: Sequence[bool]
    """Whether each line ends as a sentence does."""
    roles: frozenset[Role]
    """The roles of all its marks."""

    def text(self, index: int) -> str:
        """What the line says, stripped."""
        return self.texts[index]

    def mark(self, index: int, *roles: Role) -> Rule | None:
        """The rule by which the line is a mark of one of the roles, or of any if none is given."""
        for rule in self.hits[index]:
            if rule.role is not None and (not roles or rule.role in roles):
                return rule
        return None

    def cut_by(self, index: int) -> Rule | None:
        """The rule by which the line is boilerplate wherever it stands."""
        for rule in self.hits[index]:
            if rule.scope == "line":
                return rule
        return None

    def tail(self, index: int) -> Rule | None:
        """The rule by which the line begins what follows an article."""
        for rule in self.hits[index]:
            if rule.scope == "tail":
                return rule
        return None

    def prose_words(self, first: int, stop: int) -> int:
        """Words in the sentences that stand at these places in ``said``."""
        return max(0, self.prose[stop] - self.prose[first])

    def is_prose(self, index: int, words: int = PROSE_WORDS) -> bool:
        """Whether the line is a sentence or more, of at least so many words."""
        count = self.words[index]
        return count >= words and (count >= 3 * words or self.is_ended[index])

    def is_titleish(self, index: int) -> bool:
        """Whether the line could be a headline: short, not ended like a sentence, no mark."""
        text = self.text(index)
        return (
            1 <= self.words[index] <= 30
            and len(text) <= LONGEST_TITLE
            and (text.endswith("...") or not text.endswith((".", ",", ";", ":", "。")))
            and any(map(str.isalpha, text))
            and not (self.hits[index] and (self.mark(index) or self.cut_by(index)))
            and not is_date_line(text)
        )


def read_page(text: str, rules: Rules) -> Page:
    """A text's lines, with the rules that match each."""
    lines, words, is_ended, said, prose = _read_lines(text)
    texts = lines.texts
    hits = rules.find_all(texts)
    known = [index for index in said if hits[index]]
    roles = frozenset([rule.role for index in known for rule in hits[index] if rule.role])
    return Page(
        whole=text,
        lines=lines,
        texts=texts,
        said=said,
        hits=hits,
        known=known,
        words=words,
        prose=prose,
        is_ended=is_ended,
        roles=roles,
    )


def _read_lines(text: str) -> tuple[Lines, list[int], list[bool], list[int], list[int]]:
    """A text's lines, the words of each, whether it is ended, which are not blank, and prose."""
    if _compiled is not None:
        *columns, words, is_ended, said, running = _compiled.columns(text)
        return Lines(*columns), words, is_ended, said, running
    lines = split_lines(text)
    if not text.isascii() and _DENSE.search(text):
        words = list(map(count_words, lines.texts))
    else:
        words = [
            shown.count(" ") + 1 if len(shown) > LONG and is_plain(shown) else len(shown.split())
            for shown in lines.texts
        ]
    is_ended = list(map(ends_sentence, lines.texts))
    said = [index for index, shown in enumerate(lines.texts) if shown]
    prose = [
        words[i] if words[i] >= (PROSE_WORDS if is_ended[i] else 3 * PROSE_WORDS) else 0
        for i in said
    ]
    return lines, words, is_ended, said, list(accumulate(prose, initial=0))


def count_words(text: str) -> int:
    """Words between spaces; in scripts that write none, half of the characters."""
    if text.isascii():
        return len(text.split())
    return max(len(text.split()), (len(text) - len(_DENSE.sub("", text))) // 2)


def ends_sentence(text: str) -> bool:
    """Whether it ends as a sentence does, quotes and brackets aside."""
    return text.rstrip(_CLOSING)[-1:] in SENTENCE_END


def is_date_line(text: str) -> bool:
    """Whether a line gives an absolute date and hardly anything else."""
    return len(text) <= LONGEST_DATE_LINE and may_hold_date(text) and _is_date_line(text)


# The lines of a site's menus recur from page to page, and each is asked several times.
@lru_cache(maxsize=1 << 13)
def _is_date_line(text: str) -> bool:
    found = find_date(text)
    if found is None:
        return False
    rest = text[: found.start] + " " + text[found.end :]
    others = [word for word in _DATE_WORD.findall(rest.casefold()) if word not in DATE_WORDS]
    return len(others) <= 1 and not ends_sentence(rest.strip())


def same_line(one: str, other: str) -> bool:
    """Whether two lines say the same, but for case, spaces and kind of quotes."""
    return one == other or bare(one).casefold() == bare(other).casefold()
