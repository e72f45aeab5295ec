"""SQL over the lake's tables, by DuckDB.

DuckDB is imported where it is asked: a run needs none, and one that fails would end in pages of
DuckDB's own words on what it leaked, below the one line that says what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.tables import check_version, dataset
from tasks.schemas import TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(lake: Lake) -> DuckDBPyConnection:
    """A DuckDB connection that has every table of the lake, at its newest version.

    Tables go in as Arrow datasets: DuckDB's own Delta extension is fetched over the network.
    """
    import duckdb

    check_version(lake)
    connection = duckdb.connect()
    for name in TABLES:
        connection.register(name, dataset(lake, name))
    return connection


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query, all of them."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def query(lake: Lake, statement: str) -> Answer:
    """Ask the tables of a lake.

    Raises:
        SettingError: where DuckDB refuses the statement, or fails on a row, with its reason.
    """
    import duckdb

    try:
        relation = connect(lake).sql(statement)
        answer = None if relation is None else Answer(relation.columns, relation.fetchall())
    except duckdb.Error as error:
        message = f"{error}\nTables: {', '.join(TABLES)}."
        raise SettingError(message) from error
    if answer is None:
        message = "The statement gives no rows. Write a select."
        raise SettingError(message)
    return answer
