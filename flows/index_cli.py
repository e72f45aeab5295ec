"""`copydesk reindex`: the index of duplicates, made anew."""

from typing import Annotated

import typer

from flows.options import LakeOption

EXAMPLE = "Example:\n\n  copydesk reindex --workers 4"


def reindex(
    lake: LakeOption = None,
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Worker processes; 0 is one a core.")
    ] = 0,
    lock_wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for another writer of the lake.")
    ] = 600.0,
) -> None:
    """Make the index of duplicates anew from the published articles' texts.

    For an index that copydesk refuses: made with other parameters, laid out otherwise, or damaged.
    Nothing else changes.
    """
    from tasks.lake.layout import locate_lake
    from tasks.work.reindex import reindex as rebuild

    done = rebuild(locate_lake(lake), workers, lock_wait)
    print(f"{done.articles:,} articles indexed in {done.seconds:,.0f} s (run {done.run_id}).")
