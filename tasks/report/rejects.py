"""`copydesk rejects`: what could not be worked, shown to a person; tried again, or let be."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.retries import MOST_ATTEMPTS
from tasks.lake.tables import read
from tasks.read.refs import ACCESS_REASONS
from tasks.report.listing import print_table

SHORT_ID = 12
"""Characters of a reject_id that are listed: enough to tell a lake's rejects apart."""
MIN_PREFIX = 6


def list_rejects(lake: Lake, reason: str | None, discarded: bool, last: int) -> None:
    """Print the rejects of a lake by reason and place, and how many there are of each reason."""
    where = pc.field("discarded_by").is_valid() if discarded else _is_open()
    rows = _read(lake, where if reason is None else where & (pc.field("reason") == reason))
    names = ["id", "reason", "tries", "where", "detail"]
    print_table(
        names,
        [[row["reject_id"][:SHORT_ID], *(row[name] for name in _SHOWN)] for row in rows[:last]],
    )
    counts = Counter(row["reason"] for row in rows)
    print(f"{len(rows)} rejects", end="")
    print(": " + ", ".join(f"{n} {name}" for name, n in counts.most_common()) if rows else "")
    if len(rows) > last:
        print(f"The first {last} are shown; --last {len(rows)} shows all.")


def show_reject(lake: Lake, given: str) -> None:
    """Print all that is known of one reject."""
    (row,) = choose_rejects(lake, (given,), None, every=False)
    head = row["head"] or b""
    facts = {
        "id": row["reject_id"],
        "where": row["source_uri"],
        "reason": row["reason"],
        "detail": row["detail"],
        "tries": f"{row['attempts']}; {_next_try(row)}",
        "first met in run": row["first_run_id"],
        "last met in run": row["run_id"],
        "tried with": row["tried_with"] or "",
        "page_id": row["page_id"] or "(its bytes were not all read)",
        "first bytes": repr(head)[2:-1] if head else "(none)",
    }
    for name, value in facts.items():
        print(f"{name:>17}  {value}")


def choose_rejects(
    lake: Lake, ids: Sequence[str], reason: str | None, *, every: bool
) -> list[dict[str, Any]]:
    """The rejects that a person means: by beginnings of ids, by reason, or all that are open.

    Raises:
        SettingError: where an id is unknown or ambiguous, or nothing is named.
    """
    if not ids and reason is None and not every:
        message = "Nothing is named. Give ids, --reason REASON or --all."
        raise SettingError(message)
    if not ids:
        where = _is_open()
        return _read(lake, where if reason is None else where & (pc.field("reason") == reason))
    chosen = []
    for given in ids:
        found = _read(lake, pc.starts_with(pc.field("reject_id"), given))
        if len(given) < MIN_PREFIX or len(found) != 1:
            number = "no reject has" if not found else f"{len(found)} rejects have"
            if len(given) < MIN_PREFIX:
                number = f"give {MIN_PREFIX} or more characters; {number}"
            message = f"{given}: {number} an id that begins so. `copydesk rejects list` shows them."
            raise SettingError(message)
        chosen += found
    return chosen


def _is_open() -> pc.Expression:
    return pc.field("discarded_by").is_null()


_SHOWN = ("reason", "attempts", "source_uri", "detail")


def _read(lake: Lake, where: pc.Expression) -> list[dict[str, Any]]:
    rows: pa.Table = read(lake, "rejects", where=where)
    found: list[dict[str, Any]] = rows.sort_by(
        [("reason", "ascending"), ("source_uri", "ascending")]
    ).to_pylist()
    return found


def _next_try(row: dict[str, Any]) -> str:
    """When it is tried again by itself."""
    if row["discarded_by"] is not None:
        return f"discarded by {row['discarded_by']}, not tried again"
    if row["reason"] in ACCESS_REASONS:
        return "tried again in every run that lists its place"
    if row["attempts"] >= MOST_ATTEMPTS:
        return "not tried again by itself; `copydesk rejects replay` does"
    return "tried again when the reader or the rules change"
