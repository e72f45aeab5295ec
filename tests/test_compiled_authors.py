"""The compiled twin of a line's authors gives what Python gives."""

from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.text import names
from tasks.text.given_names import given_names

Twin = Callable[[str], ModuleType]

_WORDS = """
By by von Written written posted and und e i in de De von van Anna Ruiz Ben Okafor O'Hara O’Hara
J. B.B. Dr. dr Prof Prof. von der Mr mrs diplom dipl.-Ing o Editor editor redacteur co-founder
Reporter The the said News Monday May Photo photo image Harbour's council vote 3 2024 12.5.2024 (X)
( ) ___ [ ] # * • + - – — : ; , & | / 3rd ago Published SmithPublished AnnaMay é Éric ß ſ İ ı ǅ ² ª
x_y _ " “ ” ‘ ’ … ... . ! ? < > @ a@b.org \xa0 \t \u200b \u3000 王 а Анна PhD Jr.
"""
_tokens = st.sampled_from([*_WORDS.split(" "), "  ", "\t", "\xa0", "\u3000"])
_spaces = st.sampled_from([" ", " ", " ", "", "  "])
LINES = st.lists(st.tuples(_tokens, _spaces), max_size=14).map(
    lambda pairs: "".join(word + space for word, space in pairs).strip()
)


@pytest.fixture(scope="module")
def twin(twin_of: Twin) -> ModuleType:
    """What is compiled; given names are read before, as that takes a while."""
    given_names()
    return twin_of("tasks.text.authors")


def read_in_python(line: str) -> tuple[str, ...]:
    """The authors that the reference reads, by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "_compiled", None)
        names.read_name_line.cache_clear()
        return names._read_authors.__wrapped__(line)


@given(line=LINES)
@example(line="Anna Ruiz")
@example(line="Anna Ruiz, editor")
@example(line="the council - Anna Ruiz and Ben Okafor - voted 3")
@example(line="Anna Ruiz, Ben Okafor, Paris")
@example(line="and Anna Ruiz")
@example(line="+ Anna Ruiz")
@example(line="The council met – Anna Ruiz – and voted")
@example(line="the council said, Anna Ruiz in")
@example(line="council vote, by Anna Ruiz")
@example(line="Prof. Dr. Anna von der Alm | Harbour News")
@example(line="* #Anna  Ruiz")
def test_the_same_authors(twin: ModuleType, line: str) -> None:
    """What the twin reads is what Python reads."""
    found = twin.read_authors(line)
    if found is not None:
        assert read_in_python(line) == found
        assert names.read_written_by(line) == ()


@given(line=st.text())
def test_any_text(twin: ModuleType, line: str) -> None:
    """The same holds of any text."""
    found = twin.read_authors(line)
    assert found is None or read_in_python(line) == found


def test_prose_names_nobody(twin: ModuleType) -> None:
    """A line of prose with names in it is told without Python."""
    line = "the council heard Anna Ruiz and Ben Okafor speak of the harbour"
    assert twin.read_authors(line) == ()
