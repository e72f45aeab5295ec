"""What the lake learned of its sources' pages, listed for a person who approves and revokes."""

from collections.abc import Sequence

import pyarrow.compute as pc

from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.tables import check_version, read
from tasks.report.listing import print_table
from tasks.schemas import LEARNED
from tasks.text.templates import learned_rule

STATES = ("proposed", "active", "revoked", "seen", "all")
SHOWN = ("proposed", "active", "revoked")
"""Without being asked for: what was seen on too few pages is a matter of chance yet."""

_COLUMNS = [
    "source",
    "template",
    "pages",
    "source_pages",
    "position",
    "kept",
    "example",
    "state",
    "decided_by",
]


def list_learned(lake: Lake, source: str | None, state: str | None) -> None:
    """Print the learned lines of a lake, those on most pages first.

    Raises:
        SettingError: for an unknown state, or a source of which nothing is known.
        LakeError: where there is no lake.
    """
    if state is not None and state not in STATES:
        message = f"--state {state}: choose one of {', '.join(STATES)}."
        raise SettingError(message)
    check_version(lake)
    of_source = None if source is None else pc.field("source") == source
    rows = read(lake, LEARNED.name, _COLUMNS, of_source).to_pylist()
    if source is not None and not rows:
        message = f"--source {source}: no page of it is known. `copydesk rules learned` shows all."
        raise SettingError(message)
    wanted = SHOWN if state is None else STATES if state == "all" else (state,)
    shown = [row for row in rows if row["template"] and row["state"] in wanted]
    shown.sort(key=lambda row: (row["source"], -row["pages"], row["template"]))
    print_table(
        ["state", "pages", "of", "share", "position", "kept", "by", "id", "example"],
        [_cells(row) for row in shown],
    )


def _cells(row: dict[str, object]) -> Sequence[object]:
    pages, of = row["pages"], row["source_pages"]
    assert isinstance(pages, int)
    assert isinstance(of, int)
    return [
        row["state"],
        pages,
        of,
        f"{pages / of:.0%}" if of else "",
        f"{row['position']:.2f}",
        row["kept"],
        row["decided_by"],
        learned_rule(str(row["source"]), str(row["template"])),
        row["example"] or row["template"],
    ]
