"""The compiled twin of fastText gives what fastText gives, to the last bit."""

import gzip
import json
import os
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.text import language
from tasks.text.language import Model

SHARED = Path(os.environ.get("COPYDESK_SHARED", Path(__file__).parents[1] / "../shared"))
PARTS = (
    *"aé中あ\U0001f600<>/_ \0\x0b\r\t-'.",
    *("the ", " ferry", "порт ", "</s>", " </s> ", "__label__", " __label__en ", "x" * 300),
)
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\n")) | st.lists(
    st.sampled_from(PARTS)
).map("".join)


@pytest.fixture(scope="module")
def models() -> tuple[Model, Model]:
    """The twin and fastText itself; skip where nothing was compiled."""
    if language._compiled is None:
        pytest.skip("the model is not compiled: there was no C compiler at installation")
    return language._model(), language._fasttext(language._model_file())


@given(LINES)
def test_any_line_has_the_same_guesses(models: tuple[Model, Model], line: str) -> None:
    """Whatever stands in it."""
    ours, theirs = models
    assert list(ours(line)) == list(theirs(line))


def _sentences() -> Iterator[str]:
    path = SHARED / "gold" / "langid.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no gold at {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in islice(lines, 0, None, 10))


def test_real_sentences_have_the_same_guesses(models: tuple[Model, Model]) -> None:
    """In 75 languages, as they are and in lower case."""
    ours, theirs = models
    for text in _sentences():
        for line in (" ".join(text.split()), " ".join(text.split()).lower()):
            assert list(ours(line)) == list(theirs(line))


def test_a_long_line_has_the_same_guesses(models: tuple[Model, Model]) -> None:
    """Whether it is one word or many."""
    ours, theirs = models
    letters = random.Random(0).choices("abcdeé 中", k=100_000)
    for line in ("".join(letters), "".join(letters).replace(" ", "")):
        assert list(ours(line)) == list(theirs(line))


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_ends_early_is_refused(share: float) -> None:
    """And no byte behind its end is read."""
    if language._compiled is None:
        pytest.skip("the model is not compiled: there was no C compiler at installation")
    data = language._model_file().read_bytes()
    with pytest.raises(ValueError, match=r"model|section|found"):
        language._compiled.Model(data[: int(len(data) * share)])
