"""The reports of runs: HTML files beside the tables, which can be made anew at any time."""

import shutil
from datetime import UTC, datetime, timedelta

from tasks.lake.files import write_bytes
from tasks.lake.layout import Lake

KEPT_DAYS = 90
"""As long as Prefect's history, which links to them. A year of hourly ones would be a gigabyte."""


def put_report(lake: Lake, run_id: str, html: str) -> str:
    """Put a run's report into its lake, over what there was; where it is, a path or an address.

    Raises:
        OSError: where it cannot be written.
    """
    path = lake.reports / f"{run_id}.html"
    if lake.address is None:
        write_bytes(path, html.encode())
        return str(path)
    name = lake.name_of(path)
    lake.storage.replace(name, html.encode(), lambda: None)
    return f"{lake}/{name}"


def drop_reports(lake: Lake) -> None:
    """Remove all reports: they may show what is forgotten."""
    if lake.address is None:
        shutil.rmtree(lake.reports, ignore_errors=True)
        return
    from tasks.lake.bucket import BucketStorage  # object stores are an extra

    assert isinstance(lake.storage, BucketStorage)
    lake.storage.remove_all(lake.name_of(lake.reports))


def drop_old_reports(lake: Lake) -> None:
    """Remove reports that are old; in an object store its own rules of age do that."""
    latest = datetime.now(UTC) - timedelta(days=KEPT_DAYS)
    for path in lake.reports.glob("*"):
        if path.stat().st_mtime < latest.timestamp():
            path.unlink(missing_ok=True)
