"""What Arrow imports: not pandas, unless it is asked to."""

import subprocess
import sys

import pytest

LOADED = "import sys; from tasks.lake.tables import read; import pyarrow.dataset; "


def test_rows_are_read_and_written_without_pandas() -> None:
    """It takes 0.3 s and 45 MB, in each worker."""
    told = "import pyarrow as pa; pa.table({'a': [1]}); print('pandas' in sys.modules)"
    assert _run(LOADED + told) == "False"


def test_pandas_is_there_for_who_asks() -> None:
    """As a table's frame, and of itself."""
    pytest.importorskip("pandas")
    asked = "import pyarrow as pa; print(pa.table({'a': [1]}).to_pandas().a.sum()); import pandas"
    assert _run(LOADED + asked) == "1"


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()
