"""A person's word that some rejects need no further try: published under the lake's lock."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tasks.lake.commit import roll_forward
from tasks.lake.layout import Lake
from tasks.lake.lock import lake_lock
from tasks.lake.rewrite import Rewrite
from tasks.lake.runs import run_row, run_rows
from tasks.lake.staging import claim_staging
from tasks.lake.tables import check_version
from tasks.work.by_hand import run_by_hand


def discard_rejects(lake: Lake, reject_ids: Sequence[str], by: str, wait_seconds: float) -> str:
    """Mark rejects as needing no further try; they stay in the table. The run's id.

    Raises:
        LakeError: where there is no lake, or a newer one.
        LockTimeoutError: naming the holder, when the wait was in vain.
    """
    check_version(lake)
    told = {"command": "discard", "by": by, "rejects": list(reject_ids)}
    run = run_by_hand(lake, "rejects", told, f"rejects discard ({len(reject_ids)})")

    def mark(rows: pa.Table) -> pa.Table:
        at = rows.schema.get_field_index("discarded_by")
        return rows.set_column(at, rows.schema.field(at), pa.array([by] * len(rows), pa.string()))

    with lake_lock(lake, run.name, wait_seconds):
        roll_forward(lake)
        with claim_staging(lake, run.run_id, run.facts) as folder:
            rewrite = Rewrite(run, folder)
            chosen = pc.field("reject_id").isin(pa.array(list(reject_ids), pa.string()))
            count = rewrite.take_out("rejects", chosen, mark)
            message = f"{by}: discarded {count} rejects"
            row = run_row(run, "completed", {"rejects_discarded": count}, {}, {}, message)
            rewrite.put_in("runs", run_rows([row]))
            rewrite.publish()
    return run.run_id
