"""Values and tables as Markdown."""

from collections.abc import Iterable


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table's lines, with an empty one at its end."""
    names = list(head)
    lines = [row(names), row("---" for _ in names)]
    return [*lines, *(row(cells) for cells in rows), ""]


def row(cells: Iterable[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def code(text: object) -> str:
    """Text as code, whatever backticks it holds."""
    shown = str(text).replace("\n", "⏎")
    fence = "`" * (1 + max((len(run) for run in _runs(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _runs(text: str) -> Iterable[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]
