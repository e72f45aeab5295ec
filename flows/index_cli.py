"""`copydesk reindex`: the index of duplicates, made anew."""

from flows.options import LakeOption, LockWaitOption, WorkersOption

EXAMPLE = "Example:\n\n  copydesk reindex --workers 4"


def reindex(
    lake: LakeOption = None,
    workers: WorkersOption = 0,
    lock_wait: LockWaitOption = 600.0,
) -> None:
    """Make the index of duplicates anew from the published articles' texts.

    For an index that copydesk refuses: made with other parameters, laid out otherwise, or damaged.
    Nothing else changes.
    """
    from tasks.lake.layout import locate_lake
    from tasks.work.reindex import reindex as rebuild

    done = rebuild(locate_lake(lake), workers, lock_wait)
    print(f"{done.articles:,} articles indexed in {done.seconds:,.0f} s (run {done.run_id}).")
