"""JSON lines: a page a line."""

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.read.discover import list_inputs, plan_shards
from tasks.read.encoding import rebuild_bytes
from tasks.read.fields import registered_domain
from tasks.read.pages import MOST_REJECTS, read_part
from tasks.read.refs import InputRef, Limits, Page, Part, Reject
from tasks.text.page import Given

LIMITS = Limits()

Read = Callable[..., list[Page | Reject]]


@pytest.fixture
def read(tmp_path) -> Read:
    """Writes lines into `courier/a.jsonl` and reads it as one part."""
    folder = tmp_path / "courier"
    folder.mkdir()

    def read(*lines: bytes | dict, name: str = "a.jsonl", limits: Limits = LIMITS) -> list:
        encoded = [x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines]
        data = b"".join(line + b"\n" for line in encoded)
        path = folder / name
        path.write_bytes(gzip.compress(data) if name.lower().endswith(".gz") else data)
        (ref,) = list_inputs([path])
        assert isinstance(ref, InputRef)
        return list(read_part(Part(ref), limits))

    return read


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.NDJSON.GZ"])
def test_a_line_is_a_page(read, name):
    """A record's page has its text; `raw` and `page_id` are of the line without its newline."""
    line = b'{"text": "Caf\\u00e9 opens.\\r\\n", "id": 7}'
    (page,) = read(line, name=name)
    assert page.source_uri.endswith(f"/courier/{name}#L1")
    assert page == Page(
        source_uri=page.source_uri,
        page_id=hashlib.sha256(line).hexdigest(),
        source="courier",
        text="Café opens.\r\n",
        encoding="utf-8",
        raw=line,
    )


def test_blank_lines_count_as_lines_and_are_no_pages(read):
    """A record's number is that of its line, as an editor shows it."""
    pages = read(b"", b'{"text": "one"}', b"  \r", b'{"text": "two"}', b"")
    assert [page.source_uri.partition("#")[2] for page in pages] == ["L2", "L4"]


def test_a_carriage_return_stays_in_the_bytes(read):
    r"""Only ``\n`` ends a line, so that the bytes come back exactly."""
    (page,) = read(b'{"text": "one"}\r')
    assert page.raw == b'{"text": "one"}\r'


def test_line_separators_of_unicode_end_no_line(read):
    """U+2028 and U+0085 are characters like others."""
    (page,) = read('{"text": "one\u2028two\u0085three"}'.encode())
    assert page.text == "one\u2028two\u0085three"


def test_the_last_line_needs_no_newline(tmp_path):
    """A file may stop without a newline."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "one"}\n{"text": "two"}')
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    assert len(list(read_part(Part(ref)))) == 2


def test_a_mark_before_the_first_line_is_no_part_of_the_record(read):
    """A byte order mark is kept in the bytes and not parsed."""
    (page,) = read(b'\xef\xbb\xbf{"text": "one"}')
    assert (page.text, page.raw[:3]) == ("one", b"\xef\xbb\xbf")


def test_what_a_record_says_of_itself_is_given(read):
    """Fields beside the text travel with the page, stripped, unparsed."""
    (page,) = read(
        {
            "text": "x",
            "url": "https://news.example.co.uk/a?b",
            "title": " A title ",
            "published": "3 Mai 2024",
            "language": "de",
        }
    )
    assert page.url == "https://news.example.co.uk/a?b"
    assert page.given == Given(title="A title", published="3 Mai 2024", language="de")
    assert page.source == "example.co.uk"


@pytest.mark.parametrize("value", [None, "", "  ", 7, ["x"], {"a": 1}, float("nan"), "\ud800"])
def test_a_field_that_says_nothing_is_none(read, value):
    """Unknown is None, never an empty string or a guess."""
    fields = ("url", "title", "published", "source", "language")
    (page,) = read({"text": "x"} | dict.fromkeys(fields, value))
    assert (page.url, page.given, page.source) == (None, Given(), "courier")


def test_a_record_s_source_wins(read):
    """The record's own source comes before its URL's domain."""
    (page,) = read({"text": "x", "source": "The Wire", "url": "https://example.com/a"})
    assert page.source == "The Wire"


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.bbc.co.uk/1/2.html", "bbc.co.uk"),
        ("http://USER@Example.COM:8080/x", "example.com"),
        ("https://foo.github.io/x", "github.io"),
        ("https://127.0.0.1/x", None),
        ("https://localhost/x", None),
        ("https://[broken/x", None),
        ("example.com/x", None),
        ("", None),
    ],
)
def test_a_url_s_source_is_the_domain_that_was_registered(url, domain):
    """By the public suffix list that comes along, without network."""
    assert registered_domain(url) == domain


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "bad-record"),
        (b'{"text": "x"} {"text": "y"}', "bad-record"),
        (b'["text"]', "bad-record"),
        (b'"text"', "bad-record"),
        (b"NaN", "bad-record"),
        (b"{}", "bad-record"),
        (b'{"text": null}', "bad-record"),
        (b'{"text": NaN}', "bad-record"),
        (b'{"text": ["x"]}', "bad-record"),
        (b'{"n": ' + b"9" * 5000 + b', "text": "x"}', "bad-record"),
        (b"[" * 100_000, "bad-record"),
        (b'{"text": "x", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "bad-record"),
        (b'{"text": "\\ud83d"}', "surrogate"),
        (b'{"text": ""}', "empty"),
        (b'{"text": " \\n\\t"}', "empty"),
        (b'{"text": "\\u0000\\u0001\\u0002"}', "binary"),
        (b'{"text": "caf\xe9"}', "undecodable"),
    ],
)
def test_a_line_that_is_no_page_is_rejected_and_the_rest_goes_on(read, line, reason):
    """A bad record has the URI of its line, its hash and its first bytes."""
    reject, page = read(line, {"text": "the next"})
    assert isinstance(reject, Reject)
    assert reject.reason == reason
    assert reject.source_uri.endswith("#L1")
    assert reject.page_id == hashlib.sha256(line).hexdigest()
    assert reject.head == line[:256]
    assert page.text == "the next"


def test_nan_beside_the_text_does_no_harm(read):
    """What pandas writes for a missing value does not cost the page."""
    (page,) = read(b'{"text": "x", "score": NaN, "other": -Infinity}')
    assert page.text == "x"


def test_a_line_over_the_limit_is_rejected_and_the_rest_goes_on(read):
    """The limit is for one page, not for the file, and a line of just that size is read."""
    limits = Limits(page_bytes=100)
    fits = b'{"text": "' + b"x" * 88 + b'"}'
    assert len(fits) == 100
    found = read(fits, fits + b" ", b" " * 200, {"text": "last"}, limits=limits)
    assert [getattr(x, "reason", "page") for x in found] == ["page", "too-large", "page"]
    assert found[1].page_id is None
    assert found[2].source_uri.endswith("#L4")


@pytest.mark.parametrize("lines", [[], [b""], [b" ", b"\t\r", b""]])
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_file_without_records_is_empty(read, name, lines):
    """No record at all is one reject of the input itself."""
    (reject,) = read(*lines, name=name)
    assert (reject.reason, reject.source_uri[-len(name) :]) == ("empty", name)


def test_a_record_is_found_by_its_number_alone(tmp_path):
    """A part need not know where its first record begins."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b'{"text": "%d"}\n' % number for number in range(1, 10)))
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    (page,) = read_part(Part(ref, first=7, stop=8))
    assert isinstance(page, Page)
    assert (page.text, page.source_uri) == ("7", f"{ref.uri}#L7")


@settings(deadline=None)  # it writes files
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",))), min_size=1))
def test_every_record_gives_back_its_line(tmp_path_factory, texts):
    """A page from a record can be rebuilt byte for byte, whatever its text."""
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    lines = [json.dumps({"text": text}, ensure_ascii=len(text) % 2 == 0) for text in texts]
    path.write_bytes("\n".join(lines).encode())
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    found = list(read_part(Part(ref)))
    assert len(found) == len(texts)
    for line, text, page in zip(lines, texts, found, strict=True):
        if isinstance(page, Page):
            assert page.text == text
            assert rebuild_bytes(page.text, page.encoding, page.raw) == line.encode()


def _reasons(found: Sequence[Page | Reject]) -> list[str]:
    return [x.reason if isinstance(x, Reject) else "page" for x in found]


@pytest.mark.parametrize("damage", ["cut", "flipped", "crc", "tail"])
def test_records_before_the_damage_are_pages(tmp_path, damage):
    """A broken gzip file gives all whole records before the damage, then one reject of itself."""
    lines = [json.dumps({"text": f"{i} {os.urandom(64).hex()}"}) for i in range(4000)]
    data = bytearray(gzip.compress("\n".join(lines).encode() + b"\n"))
    middle = len(data) // 2
    if damage == "cut":
        del data[middle:]
    elif damage == "flipped":
        data[middle : middle + 200] = bytes(200)
    elif damage == "crc":
        data[-8] ^= 1
    else:
        data += b"tail"
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(data)
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    reader = read_part(Part(ref))
    found = list(reader)
    assert _reasons(found).index("bad-compression") == len(found) - 1
    assert found[-1].source_uri == ref.uri
    assert reader.sha256 == hashlib.sha256(data).hexdigest()
    assert reader.accessible
    pages = [page.raw.decode() for page in found[:-1] if isinstance(page, Page)]
    sound = 1900 if damage in {"cut", "flipped"} else 4000
    assert pages[:sound] == lines[:sound]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
@pytest.mark.parametrize("whole", [True, False])
def test_parts_give_what_the_whole_gives(tmp_path, name, whole):
    """However an input is divided, each of its records is given once, in order, damage last."""
    lines = [json.dumps({"text": f"page {i} " + "x" * (i % 700)}) for i in range(500)]
    lines[::7] = [""] * len(lines[::7])
    lines[100] = "{"
    data = ("\n".join(lines) + "\n").encode()
    if name.endswith(".gz"):
        data = gzip.compress(data)
        data = data if whole else data[:-100]
    path = tmp_path / name
    path.write_bytes(data)
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    reader = read_part(Part(ref))
    expected = list(reader)
    plan = plan_shards([ref])
    parts = [part for shard in plan.shards for part in shard.parts]
    assert len(parts) > 5
    assert [found for part in parts for found in read_part(part)] == expected
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert {part.records for part in parts} == {len(expected)} == {reader.records}
    assert {part.sha256 for part in parts} == {hashlib.sha256(data).hexdigest()}
    assert sum(shard.pages for shard in plan.shards) == len(expected)


def test_bad_records_without_end_are_told_together(read):
    """One by one up to a number, then as one reject; pages among them are given."""
    lines = [b"no json"] * (MOST_REJECTS + 2) + [b'{"text": "A page."}', b"nor this"]
    *found, page, last = read(*lines)
    assert len(found) == MOST_REJECTS
    assert page.source_uri.endswith(f"#L{MOST_REJECTS + 3}")
    assert last.source_uri.endswith(f"#L{MOST_REJECTS + 1}")
    assert last.detail.startswith("It and 2 more records after it are no pages. ")


def test_one_bad_record_more_is_told_as_it_is(read):
    """There is nothing to put together."""
    found = read(*[b"no json"] * (MOST_REJECTS + 1))
    assert len(found) == MOST_REJECTS + 1
    assert found[-1].detail == found[0].detail
