"""A person's decision on a learned line: published like a run, under the lake's lock."""

from dataclasses import dataclass
from typing import Any

from tasks.lake.commit import roll_forward
from tasks.lake.layout import Lake
from tasks.lake.learned import Decision, decide_template
from tasks.lake.lock import lake_lock
from tasks.lake.publish import publish_decision
from tasks.lake.runs import run_row
from tasks.lake.staging import claim_staging
from tasks.lake.tables import check_version
from tasks.work.by_hand import run_by_hand

VERBS: dict[Decision, str] = {"active": "approve", "revoked": "revoke"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided."""

    run_id: str
    """Of its row in ``runs``."""
    template: dict[str, Any]
    """The row of ``learned`` as it is now."""


def judge_template(
    lake: Lake, rule_id: str, decision: Decision, by: str, wait_seconds: float
) -> Judged:
    """Approve or revoke a learned line, and leave a row in ``runs`` that says who did.

    Args:
        lake: Whose line.
        rule_id: ``learned.<source>.<hash>``.
        decision: ``active`` approves, ``revoked`` revokes.
        by: Who decides.
        wait_seconds: How long to wait for another writer.

    Raises:
        SettingError: where no line has this id.
        LakeError: where there is no lake, or a newer one.
        LockTimeoutError: naming the holder, when the wait was in vain.
    """
    check_version(lake)
    told = {"command": VERBS[decision], "rule": rule_id, "by": by}
    run = run_by_hand(lake, "rules", told, f"rules {VERBS[decision]} {rule_id}")
    with lake_lock(lake, run.name, wait_seconds):
        roll_forward(lake)
        template, rows, replaced = decide_template(run, rule_id, decision, by)
        message = f"{by}: {VERBS[decision]} {rule_id} ({template['template']})"
        row = run_row(run, "completed", {}, {}, {}, message)
        with claim_staging(lake, run.run_id, run.facts) as folder:
            publish_decision(run, rows, replaced, row, folder)
    return Judged(run.run_id, template)
