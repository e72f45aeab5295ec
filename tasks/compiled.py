"""The compiled twins of hot loops: made at installation, where there is a C compiler.

A stage's module is the reference, in Python; its twin, ``_NAME.pyx`` beside it, gives the same
results in a fraction of the time, and tests compare the two on any text. Where there is no twin,
or ``COPYDESK_COMPILED`` is ``0``, Python does the work; with ``1`` a missing one is an error.
"""

import os
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from tasks.errors import SettingError

SWITCH = "COPYDESK_COMPILED"
"""Environment variable: ``0`` leaves compiled twins alone, ``1`` asks for them."""


def twin(name: str) -> ModuleType | None:
    """The compiled twin of the module ``name``; None where Python is to do the work.

    Raises:
        SettingError: the twin is older than its source, or missing though it is asked for.
    """
    wish = os.environ.get(SWITCH, "")
    if wish == "0":
        return None
    package, _, last = name.rpartition(".")
    try:
        found = import_module(f"{package}._{last}")
    except ModuleNotFoundError as error:  # any other error of importing is one
        if wish == "1":
            message = f"{name} is not compiled, and {SWITCH}=1 asks for it: {error}. {_REMEDY}"
            raise SettingError(message) from error
        return None
    _check_age(Path(found.__file__ or "").parent)
    return found


def is_compiled() -> bool:
    """Whether installing found a C compiler; asks no stage."""
    return find_spec("tasks.text._boilerplate") is not None


_REMEDY = "A C compiler and Python's headers are needed; then `pip install -e .`, or `make run`."


@cache
def _check_age(folder: Path) -> None:
    """Refuse twins of older sources, in a checkout: they would hide what was changed."""
    for source in sorted(folder.glob("_*.pyx")):
        for built in folder.glob(f"{source.stem}.*.so"):
            if source.stat().st_mtime > built.stat().st_mtime:
                message = f"{built} is older than {source.name}. {_REMEDY}"
                raise SettingError(message)
