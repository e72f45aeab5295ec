#!/usr/bin/env python3
"""An ingest without Prefect: what is missing in its time is Prefect's share.

All that is the command's own work is done here too: workers started, and
the source measured, ahead, modules loaded without a look for garbage, report, card, figures.

Usage: bare.py SOURCE LAKE WORKERS
"""

import sys

from tasks.work.pool import started_ahead
from tasks.work.spawn import loading
from tasks.work.warm import count_ahead, warm_up


def main() -> None:
    """Ingest once, with the settings that the command has by itself."""
    source, lake, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with started_ahead(count_ahead([source], workers), warm_up, ()):
        with loading():
            from tasks.work.ahead import measured_ahead
        with measured_ahead([source]):
            with loading():
                from without_prefect import ingest
            ingest(source, lake, workers)


if __name__ == "__main__":
    main()
