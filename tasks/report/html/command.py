"""`copydesk report`: write a report, say where it is, and open it."""

import sys
import tempfile
import webbrowser
from pathlib import Path

from tasks.errors import LakeError, SettingError
from tasks.lake.files import write_bytes
from tasks.lake.layout import Lake
from tasks.read.uris import path_to_uri
from tasks.report.html.page import render_report
from tasks.report.html.store import write_report
from tasks.report.html.told import ToldRun, find_run


def make_report(lake: Lake, given: str | None, output: Path | None, *, show: bool) -> None:
    """Write the report of a run and print where it is.

    Args:
        lake: Where the run is.
        given: Beginning of its id; None for the newest.
        output: Where to write it; None for the lake's own folder of reports.
        show: Open it in a browser.

    Raises:
        SettingError: where there is no such run, or the file cannot be written.
        LakeError: where there is no lake, or it cannot be written to.
    """
    run = find_run(lake, given)
    where = _write_into(lake, run) if output is None else _write(lake, run, output)
    print(where)
    if show:
        path = _fetch(lake, run) if output is None and lake.address else Path(where).absolute()
        if not webbrowser.open(path_to_uri(path)):
            print("There is no browser to open it with.", file=sys.stderr)


def _write_into(lake: Lake, run: ToldRun) -> str:
    try:
        return write_report(lake, run)
    except OSError as error:
        message = (
            f"{lake}: the report cannot be written there ({error.strerror}). "
            "Say where to with --output FILE."
        )
        raise LakeError(message) from error


def _write(lake: Lake, run: ToldRun, output: Path) -> str:
    html = render_report(lake, run)
    try:
        write_bytes(output.absolute(), html.encode())
    except OSError as error:
        message = f"--output {output}: it cannot be written ({error.strerror}). Choose another."
        raise SettingError(message) from error
    return str(output)


def _fetch(lake: Lake, run: ToldRun) -> Path:
    """A copy, on this machine, of a report in an object store."""
    name = lake.name_of(lake.reports / f"{run.run_id}.html")
    with tempfile.NamedTemporaryFile("wb", suffix=".html", delete=False) as copy:
        copy.write(lake.storage.read(name) or b"")
    return Path(copy.name)
