"""Values and tables as Markdown."""

import re
from collections.abc import Iterable

_CODE_OR_BAR = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|\|")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table's lines, with an empty one at its end."""
    names = list(head)
    lines = [row(names), row("---" for _ in names)]
    return [*lines, *(row(cells) for cells in rows), ""]


def row(cells: Iterable[str]) -> str:
    """One line of a table. Within code a bar parts no cells, and an escape would show."""
    return "| " + " | ".join(_CODE_OR_BAR.sub(_escape, cell) for cell in cells) + " |"


def code(text: object) -> str:
    """Text as code, whatever backticks it holds."""
    shown = str(text).replace("\n", "⏎")
    fence = "`" * (1 + max((len(run) for run in _runs(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _escape(found: re.Match[str]) -> str:
    return "\\|" if found[0] == "|" else found[0]


def _runs(text: str) -> Iterable[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]
