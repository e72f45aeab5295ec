"""What is said of the tables' columns fits their schemas."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from tasks.columns import COLUMNS
from tasks.schemas import TABLES


def fields(table: str) -> Iterator[tuple[str, pa.Field]]:
    """Every column of a table, and every field within one, by its dotted name."""
    for field in TABLES[table].full_schema:
        yield field.name, field
        kind = field.type.value_type if pa.types.is_list(field.type) else field.type
        if pa.types.is_struct(kind):
            yield from ((f"{field.name}.{inner.name}", inner) for inner in kind)


def test_every_table_is_described() -> None:
    """No table is left out, and none is described that is not there."""
    assert COLUMNS.keys() == TABLES.keys()


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described_in_the_order_of_the_schema(table: str) -> None:
    """Fields of structs too."""
    assert list(COLUMNS[table]) == [name for name, _ in fields(table)]


@pytest.mark.parametrize("table", TABLES)
def test_it_is_said_when_a_column_is_null(table: str) -> None:
    """Of those that may be, and of no other."""
    for name, field in fields(table):
        assert bool(COLUMNS[table][name].null) == field.nullable, name


@pytest.mark.parametrize("table", TABLES)
def test_examples_are_values_that_the_column_may_have(table: str) -> None:
    """Each has the column's type; those of structs stand with their fields."""
    for name, field in fields(table):
        example = COLUMNS[table][name].example
        if example is None:
            assert any(other.startswith(f"{name}.") for other in COLUMNS[table]), name
        else:
            given = list(example.items()) if isinstance(example, dict) else example
            assert pa.scalar(given, field.type).is_valid, name
