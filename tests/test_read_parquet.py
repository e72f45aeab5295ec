"""Parquet: a page a row."""

import datetime
import gzip
import hashlib
import json
import random
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tasks.read.discover import list_inputs, plan_shards
from tasks.read.pages import read_part
from tasks.read.refs import InputRef, Limits, Page, Part, Reject

LIMITS = Limits()

Read = Callable[..., list[Page | Reject]]


@pytest.fixture
def read(tmp_path) -> Read:
    """Writes a table, or bytes, into `courier/` and reads it as one part."""
    folder = tmp_path / "courier"
    folder.mkdir()

    def read(
        what: pa.Table | dict | bytes, name: str = "a.parquet", limits: Limits = LIMITS
    ) -> list[Page | Reject]:
        path = folder / name
        if isinstance(what, bytes):
            path.write_bytes(what)
        else:
            pq.write_table(what if isinstance(what, pa.Table) else pa.table(what), path)
            pack = {"gz": gzip.compress, "zst": zstandard.compress}.get(
                name.lower().rpartition(".")[2]
            )
            path.write_bytes(pack(path.read_bytes()) if pack else path.read_bytes())
        (ref,) = list_inputs([path])
        assert isinstance(ref, InputRef)
        return list(read_part(Part(ref), limits))

    return read


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.gz", "A.PARQUET.ZST"])
def test_a_row_is_a_page(read, name):
    """Its number is the row's, its bytes the row as canonical JSON."""
    first, second = read({"text": ["One “é”.", "Two."], "id": [7, 8]}, name)
    assert [page.source_uri.partition("#")[2] for page in (first, second)] == ["L1", "L2"]
    assert first.raw == '{"id":7,"text":"One “é”."}'.encode()
    assert first.page_id == hashlib.sha256(first.raw).hexdigest()
    assert (first.text, first.encoding, first.source) == ("One “é”.", "utf-8", "courier")


def test_columns_beside_the_text_are_given(read):
    """They mean what the fields of JSON Lines mean."""
    (page,) = read(
        {
            "text": ["x"],
            "url": ["https://news.example.co.uk/a"],
            "title": [" A title "],
            "published": ["3 Mai 2024"],
            "language": ["de"],
        }
    )
    assert (page.url, page.source) == ("https://news.example.co.uk/a", "example.co.uk")
    assert (page.given.title, page.given.published) == ("A title", "3 Mai 2024")
    assert page.given.language == "de"


@pytest.mark.parametrize(
    ("column", "json_value"),
    [
        (pa.array([b"\0\1"]), "AAE="),
        (pa.array([datetime.date(2020, 1, 2)]), "2020-01-02"),
        (pa.array([1], pa.timestamp("ns", "UTC")), "1970-01-01 00:00:00.000000001Z"),
        (pa.array([2**60], pa.timestamp("us")), None),
        (pa.array([[1]], pa.list_(pa.timestamp("s"))), ["1970-01-01 00:00:01.000"]),
        (pa.array([5], pa.duration("ms")), 5),
        (pa.array([Decimal("1.50")]), "1.50"),
        (pa.array([{"b": 1, "a": None}]), {"a": None, "b": 1}),
        (pa.array(["q"]).dictionary_encode(), "q"),
        (pa.array([None], pa.null()), None),
    ],
)
def test_any_column_has_a_place_in_the_bytes(read, column, json_value):
    """Whatever a column holds, the row has one form, and the page is read."""
    (page,) = read(pa.table({"text": ["x"], "z": column}))
    assert isinstance(page, Page)
    value = json.loads(page.raw)["z"]
    assert value == json_value or (json_value is None and isinstance(value, str))


def test_the_order_of_columns_does_not_matter(read):
    """The same row is the same page, however its file is laid out."""
    (one,), (two,) = read({"a": [1], "text": ["x"]}), read({"text": ["x"], "a": [1]})
    assert one.page_id == two.page_id


def test_a_bad_row_is_a_reject_and_the_file_goes_on(read):
    """Rows without text are rejected by their number."""
    found = read({"text": ["one", None, " ", "x" * 3000, "two"]}, limits=Limits(page_bytes=2000))
    assert [getattr(item, "reason", "page") for item in found] == [
        "page",
        "bad-record",
        "empty",
        "too-large",
        "page",
    ]
    assert found[1].source_uri.endswith("#L2")


@pytest.mark.parametrize(
    ("table", "detail"),
    [
        ({"body": ["x"], "id": [1]}, "It has no column `text`; its columns are `body`, `id`."),
        ({"text": [b"x"]}, "Its column `text` is binary, not string."),
        ({"text": [1]}, "Its column `text` is int64, not string."),
    ],
)
def test_a_wrong_schema_is_one_reject(read, table, detail):
    """The reject says which column is missing, and is the input's."""
    (reject,) = read(table)
    assert (reject.reason, reject.detail) == ("bad-record", detail)
    assert "#" not in reject.source_uri


def test_two_columns_of_one_name_are_a_wrong_schema(read):
    """It would be luck which of them is the text."""
    (reject,) = read(pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"])], ["text", "text"]))
    assert reject.detail == "It has two columns named `text`."


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1 no Parquet at all PAR1", b"{}"])
def test_what_is_no_parquet_is_a_bad_record(read, data):
    """One reject, not one a row that cannot be known."""
    (reject,) = read(data)
    assert (reject.reason, reject.head) == ("bad-record", data)


def test_a_file_without_rows_is_empty(read):
    """A file that holds no records says so."""
    (reject,) = read({"text": pa.array([], pa.string())})
    assert reject.reason == "empty"


def test_a_damaged_row_group_is_one_reject_and_the_others_are_read(tmp_path):
    """The format lets the file go on behind what cannot be read."""
    path = tmp_path / "a.parquet"
    texts = [random.Random(number).randbytes(200).hex() for number in range(90)]
    pq.write_table(
        pa.table({"text": texts}), path, row_group_size=30, compression="none", use_dictionary=False
    )
    at = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[at : at + 30] = b"\xff" * 30
    path.write_bytes(data)
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    found = list(read_part(Part(ref)))
    assert [item.text for item in found if isinstance(item, Page)] == texts[:30] + texts[60:]
    (reject,) = [item for item in found if isinstance(item, Reject)]
    assert (reject.reason, reject.source_uri) == ("bad-record", f"{ref.uri}#L31")
    assert reject.detail.startswith("Rows 31 to 60 cannot be read")


def test_rows_are_divided_and_each_is_read_once(tmp_path):
    """Shards begin within row groups."""
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"text": [f"Page {n}." for n in range(1000)]}), path, row_group_size=300
    )
    plan = plan_shards(list_inputs([path]))
    pages = [page for s in plan.shards for part in s.parts for page in read_part(part)]
    assert len(plan.shards) > 4
    assert [page.source_uri.partition("#L")[2] for page in pages] == [
        str(number) for number in range(1, 1001)
    ]
    assert pages[-1].text == "Page 999."


@pytest.mark.parametrize("seed", range(150))
def test_damage_anywhere_is_no_error(tmp_path, seed):
    """Whatever byte of a file is wrong, each row is a page or a reject, and reading ends."""
    path = tmp_path / "a.parquet"
    texts = [f"Page {number} has words." for number in range(20)]
    pq.write_table(pa.table({"text": texts, "url": texts}), path, row_group_size=7)
    data, chance = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(chance.choice([1, 3])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)
    plan = plan_shards(list_inputs([path]))
    items = [item for s in plan.shards for part in s.parts for item in read_part(part)]
    assert items
