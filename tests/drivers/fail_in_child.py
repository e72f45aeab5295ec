"""Run an ingest that cannot publish, as a child of Python: ``fail_in_child.py SOURCE LAKE``.

Such a process waits for its children before it ends, where Python otherwise first ends its threads,
and with them its pools. Exits as the ingest does.
"""

import errno
import multiprocessing
import os
import sys
from typing import NoReturn


def _ingest(source: str, lake: str) -> None:
    import tasks.work.finish
    from flows.cli import main

    tasks.work.finish.publish = _meet_full_disk
    sys.argv = ["copydesk", "ingest", source, "--lake", lake]
    main()


def _meet_full_disk(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "articles")


if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=_ingest, args=sys.argv[1:])
    child.start()
    child.join()
    sys.exit(child.exitcode)
