"""`copydesk forget`: what would go is shown, asked for at a terminal, and taken down."""

import sys
from collections.abc import Sequence

from tasks.errors import CopydeskError
from tasks.lake.layout import locate_lake
from tasks.read.uris import path_to_uri
from tasks.report.card import refresh_card
from tasks.work.forget import Takedown, forget
from tasks.work.targets import Targets


def take_down(
    lake: str | None,
    *,
    articles: Sequence[str],
    urls: Sequence[str],
    source_uris: Sequence[str],
    sources: Sequence[str],
    why: str,
    by: str,
    with_copies: bool,
    dry_run: bool,
    ask: bool,
    wait_seconds: float,
) -> None:
    """Forget what is named and say what was done; at a terminal, ask before.

    Raises:
        CopydeskError: where the answer is no.
    """
    where = locate_lake(lake)
    uris = tuple(one if "://" in one else path_to_uri(one) for one in source_uris)
    targets = Targets(tuple(articles), tuple(urls), uris, tuple(sources))
    if dry_run or (ask and sys.stdin.isatty()):
        planned = forget(
            where,
            targets,
            why,
            by,
            with_copies=with_copies,
            dry_run=True,
            wait_seconds=wait_seconds,
        )
        _say(planned, "Would forget")
        if dry_run:
            return
        if input("This cannot be undone. Go on? [y/N] ").strip().lower() not in {"y", "yes"}:
            message = "Nothing was forgotten."
            raise CopydeskError(message)
    done = forget(where, targets, why, by, with_copies=with_copies, wait_seconds=wait_seconds)
    _say(done, "Forgot")
    if wrong := refresh_card(where):
        print(wrong, file=sys.stderr)
    print(f"The reason is in `runs`, run {done.run_id}.")


def _say(takedown: Takedown, verb: str) -> None:
    counts = {
        "page": takedown.pages,
        "published article": takedown.published,
        "withheld copy": takedown.withheld,
        "reject": takedown.rejects,
    }
    parts = [_count(number, what) for what, number in counts.items()]
    print(f"{verb} {', '.join(parts[:-1])} and {parts[-1]}.")
    if takedown.redacted:
        print(f"Out of {_count(takedown.redacted, 'page')} that stay, its text is blotted out.")
    if takedown.released:
        what = "withheld copy takes" if takedown.released == 1 else "withheld copies take"
        print(f"{takedown.released} {what} its place; --with-copies forgets them as well.")
    for example in takedown.examples:
        print(f"  {example}")


def _count(number: int, what: str) -> str:
    if number == 1:
        return f"1 {what}"
    return f"{number} {what[:-1]}ies" if what.endswith("y") else f"{number} {what}s"
