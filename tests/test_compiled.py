"""Compiled twins: that they give what Python gives, and what is said where there are none."""

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks import compiled
from tasks.errors import SettingError
from tasks.text import boilerplate


@given(st.lists(st.floats(-9, 9)))
def test_the_best_path_is_the_same(
    twin_of: Callable[[str], ModuleType], worth: list[float]
) -> None:
    """Whatever the lines are worth."""
    found = twin_of("tasks.text.boilerplate").best_path(worth, 0.5)
    assert found == boilerplate._best_path(worth, 0.5)


def test_python_alone_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch leaves the twins alone."""
    monkeypatch.setenv(compiled.SWITCH, "0")
    assert compiled.twin("tasks.text.boilerplate") is None


def test_a_missing_twin_is_said_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do."""
    monkeypatch.setenv(compiled.SWITCH, "1")
    with pytest.raises(SettingError, match=r"tasks\.schemas is not compiled.*C compiler"):
        compiled.twin("tasks.schemas")


def test_a_stale_twin_is_refused(tmp_path: Path) -> None:
    """It would hide what was changed in its source."""
    built, source = tmp_path / "_lines.cpython.so", tmp_path / "_lines.pyx"
    built.touch()
    source.touch()
    os.utime(built, (0, 0))
    with pytest.raises(SettingError, match=r"older than _lines\.pyx"):
        compiled._check_age(tmp_path)
