"""A run's report, made and put into its lake."""

from collections.abc import Callable

from tasks.lake.layout import Lake
from tasks.lake.reports import put_report
from tasks.lake.tables import open_table
from tasks.report.html.page import render_report
from tasks.report.html.told import ToldRun
from tasks.report.past import Compared
from tasks.schemas import FORGOTTEN


def write_report(lake: Lake, run: ToldRun, compared: Callable[[], Compared] | None = None) -> str:
    """Make a run's report and put it into its lake, over what there was; where it is.

    It is made again where something was forgotten meanwhile: it might show that.

    Args:
        lake: Where the run is.
        run: As ``find_run`` gives it.
        compared: Gives what ``compare_past`` does, for whoever wants that too.

    Raises:
        LakeError: where the lake cannot be read.
        OSError: where the report cannot be written.
    """
    while True:
        before = open_table(lake, FORGOTTEN.name).version()
        where = put_report(lake, run.run_id, render_report(lake, run, compared))
        if open_table(lake, FORGOTTEN.name).version() == before:
            return where
        compared = None
