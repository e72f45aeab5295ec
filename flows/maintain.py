"""A lake kept in order, nightly: compact → clear → report. Safe beside an ingest."""

from flows.begin import begin_run, settings_flow
from flows.heartbeat import beating
from flows.settings import MaintainSettings
from tasks import steps
from tasks.lake.lock import lake_lock
from tasks.lake.staging import claim_staging
from tasks.lake.tables import check_version
from tasks.schemas import TABLES
from tasks.work.maintain import Maintained, finish, give_up_staging


@settings_flow(__doc__)
def maintain(settings: MaintainSettings) -> Maintained:
    """Put small files together, remove those that nobody reads, give up old staging.

    The lake is locked for one table at a time, so that an ingest waits for seconds, not for all.
    """
    run = begin_run(settings, settings.lake)
    check_version(run.lake)
    wait, keep = settings.lock_wait_seconds, settings.keep_old_hours
    with beating(run), claim_staging(run.lake, run.run_id, run.facts) as folder:
        tables, removed = [], {}
        for name in TABLES:
            with lake_lock(run.lake, run.name, wait):
                tables.append(steps.compact(run, name, folder, keep))
            with lake_lock(run.lake, run.name, wait):
                removed[name] = steps.clear(run, name, keep)
        with lake_lock(run.lake, run.name, wait):
            dead = give_up_staging(run, settings.staging_days)
            dead_ids = tuple(one.run_id for one in dead)
            done = Maintained(run.run_id, str(run.lake), tuple(tables), removed, dead_ids)
            finish(run, done, dead, folder)
    steps.report_maintain(done)
    return done
