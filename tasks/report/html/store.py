"""A run's report, made and put into its lake."""

from tasks.lake.layout import Lake
from tasks.lake.reports import put_report
from tasks.lake.tables import open_table
from tasks.report.html.page import render_report
from tasks.report.html.told import ToldRun
from tasks.schemas import FORGOTTEN


def write_report(lake: Lake, run: ToldRun) -> str:
    """Make a run's report and put it into its lake, over what there was; where it is.

    It is made again where something was forgotten meanwhile: it might show that.

    Raises:
        LakeError: where the lake cannot be read.
        OSError: where the report cannot be written.
    """
    while True:
        before = open_table(lake, FORGOTTEN.name).version()
        where = put_report(lake, run.run_id, render_report(lake, run))
        if open_table(lake, FORGOTTEN.name).version() == before:
            return where
