"""Carry out an intent: bring the files to their places, commit table by table, once.

Every step may be repeated: a file that was put in place is seen there, a commit by its application
transaction, a removal by the missing file. So a publication that died at any point
is finished by calling ``roll_forward`` again, by anyone who holds the lake's lock.
"""

import time

from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from tasks.errors import LakeError
from tasks.lake.intent import AddedFile, Intent, TableChange, read_intent, remove_intent
from tasks.lake.layout import Lake
from tasks.lake.lock import verify_lock
from tasks.lake.tables import open_table
from tasks.schemas import TABLES

TRANSACTION_VERSION = 1


def roll_forward(lake: Lake) -> Intent | None:
    """Finish the publication that a writer began, and say which; None where there was none.

    Call it under the lake's lock.
    """
    intent = read_intent(lake)
    if intent is None:
        return None
    for change in intent.changes:
        verify_lock(lake)  # a lease may be lost: then another finishes this
        commit_change(lake, intent, change)
    remove_intent(lake, intent)
    return intent


def commit_change(lake: Lake, intent: Intent, change: TableChange) -> None:
    """Bring one table to the state that the intent gives it; does nothing if it is there."""
    _put_in_place(lake, change)
    _commit(lake, intent, change)
    for removed in () if change.keep_files else change.removed:
        lake.storage.remove(f"{change.table}/{removed.path}")


def _put_in_place(lake: Lake, change: TableChange) -> None:
    lost = lake.storage.place((one.staged, f"{change.table}/{one.path}") for one in change.added)
    if lost is not None:
        message = (
            f"{lost}: named by the intent of {lake}, but neither there nor published. "
            "Restore it, or move the intent away to give up that run."
        )
        raise LakeError(message)


def _commit(lake: Lake, intent: Intent, change: TableChange) -> None:
    table = open_table(lake, change.table)
    if table.transaction_version(intent.application) is not None:
        return
    try:
        _write_commit(table, intent, change)
    except CommitFailedError:
        # Of another who finishes the same publication, or ours, of which no answer came.
        if open_table(lake, change.table).transaction_version(intent.application) is None:
            raise


def _write_commit(table: DeltaTable, intent: Intent, change: TableChange) -> None:
    now = int(time.time() * 1000)
    is_news = not change.is_rewrite
    adds = [_add_action(added, now, is_news) for added in change.added]
    removes = [
        RemoveAction(
            path=removed.path,
            data_change=is_news,
            deletion_timestamp=now,
            size=removed.size,
            partition_values=dict(removed.partition) or None,
        )
        for removed in change.removed
    ]
    partition = TABLES[change.table].partition
    table.create_write_transaction(
        [*adds, *removes],
        mode="append",
        schema=table.schema(),
        partition_by=None if partition is None else [partition.name],
        commit_properties=CommitProperties(
            custom_metadata={"copydesk.run_id": intent.run_id},
            app_transactions=[Transaction(intent.application, TRANSACTION_VERSION)],
        ),
    )


def _add_action(added: AddedFile, now: int, is_news: bool) -> AddAction:
    return AddAction(
        path=added.path,
        size=added.size,
        partition_values=dict(added.partition),
        modification_time=now,
        data_change=is_news,
        stats=added.statistics,
    )
