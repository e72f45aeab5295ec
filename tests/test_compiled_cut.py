"""The compiled twins of a page's spans and of a dateline's clues give what Python gives."""

from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.rules import Rules
from tasks.rules.load import load_rules
from tasks.text import metadata
from tasks.text.cut import _find_spans, _Labelled
from tasks.text.marks import read_page
from tasks.text.page import Span

Twin = Callable[[str], ModuleType]

RULES: Rules = load_rules(())
WORDS = (
    *("LONDON", "Paris", "Rio", "de", "Janeiro", "Al", "Port", "of", "Spain", "an", "der", "Oder"),
    *("(Reuters)", "[AP]", "May", "may", "3", "2024", "on", "the", "council", "said", "AT&T", "É."),
    *(
        "-",
        "--",
        "–",
        "—",
        ":",
        ":-",
        ",",
        ";",
        "/",
        '"',
        "’",
        "\xa0",
        "\t",
        "Mr. Jo Alder writes:",
    ),
)
HEADS = st.lists(
    st.tuples(st.sampled_from(WORDS) | st.text(max_size=2), st.sampled_from((" ", "", ", ", "  "))),
    max_size=12,
).map(lambda pairs: "".join(word + gap for word, gap in pairs).strip())
REST = " the council voted for a new ferry from the harbour to the old town on Monday."
LABELS = st.sampled_from(
    [("body", 0, None), ("heading", 0, None), ("boilerplate", None, "menu"), ("title", 1, None)]
)


@given(HEADS)
@example("LONDON, May 3 (Reuters) –")
@example("Paris –")
@example("Port of Spain:")
@example("Rome, on may 3, 2024 -")
def test_datelines_are_read(twin_of: Twin, head: str) -> None:
    """A paragraph in which the twin sees none has none."""
    clues = twin_of("tasks.text.metadata").clues
    for paragraph in (head, head + REST):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(metadata, "_clues", metadata._look_for_clues)
            in_python = metadata.read_dateline(paragraph)
            patch.setattr(metadata, "_clues", clues)
            assert metadata.read_dateline(paragraph) == in_python


def test_prose_begins_with_no_place(twin_of: Twin) -> None:
    """A sentence whose words in small letters come before any dash is told at a glance."""
    clues = twin_of("tasks.text.metadata").clues
    assert clues("The council of the old town - as it said - voted", 400) == 0


@given(st.lists(st.sampled_from(("", "The ferry.", " ")), max_size=12).map("\n".join), st.data())
def test_the_same_spans(twin_of: Twin, text: str, data: st.DataObject) -> None:
    """Whatever the lines are."""
    page = read_page(text, RULES)
    size = len(page.lines)
    labelled: list[_Labelled] = data.draw(st.lists(LABELS, min_size=size, max_size=size))
    spans = twin_of("tasks.text.cut").find_spans(page, labelled, Span)
    assert spans == _find_spans(page, labelled)
    assert all(type(span) is Span for span in spans)
