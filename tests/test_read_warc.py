"""WARC: a page a record that holds text, whatever stands or is damaged in between."""

import gzip
import hashlib
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.read.discover import list_inputs, plan_shards
from tasks.read.pages import read_part
from tasks.read.records import split_records
from tasks.read.refs import InputRef, Limits, Page, Part, Reject

HTML = b"<html><body><h1>Harbour wall</h1><p>The wall will stand, the mayor said.</p></body></html>"
LIMITS = Limits()

Read = Callable[..., list[Page | Reject]]


def record(kind: str, block: bytes, **fields: str) -> bytes:
    """One WARC record; fields are its header's, with `_` for `-`."""
    said = {"WARC-Type": kind, "WARC-Target-URI": "https://news.example.co.uk/a"}
    said |= {"WARC-Date": "2025-03-04T05:06:07Z", "Content-Length": str(len(block))}
    said |= {name.replace("_", "-"): value for name, value in fields.items()}
    header = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"WARC/1.0\r\n{header}\r\n".encode() + block + b"\r\n\r\n"


def response(body: bytes = HTML, status: str = "200 OK", **headers: str) -> bytes:
    """A response record; headers are HTTP's."""
    said = {"Content-Type": "text/html"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items() if value)
    block = f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body
    return record("response", block, Content_Type="application/http; msgtype=response")


REQUEST = record("request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Content_Type="application/http")
INFO = record("warcinfo", b"software: x\r\n", Content_Type="application/warc-fields")


@pytest.fixture
def read(tmp_path) -> Read:
    """Writes records into `crawl/` and reads them as one part."""
    folder = tmp_path / "crawl"
    folder.mkdir()

    def read(*records: bytes, name: str = "a.warc", limits: Limits = LIMITS) -> list:
        path = folder / name
        pack = {"gz": gzip.compress, "zst": zstandard.compress}.get(name.rpartition(".")[2], bytes)
        path.write_bytes(b"".join(map(pack, records)))
        (ref,) = list_inputs([path])
        assert isinstance(ref, InputRef)
        return list(read_part(Part(ref), limits))

    return read


def reasons(found: list[Page | Reject]) -> list[tuple[str, str]]:
    """Record numbers and what became of them."""
    return [(item.source_uri.partition("#")[2], getattr(item, "reason", "page")) for item in found]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.warc.zst"])
def test_a_response_is_a_page(read, name):
    """Records are numbered from 1, and those that are no page are counted and passed over."""
    found = read(INFO, REQUEST, response(), REQUEST, response(), name=name)
    assert reasons(found) == [("L3", "page"), ("L5", "page")]
    page = found[0]
    assert isinstance(page, Page)
    assert page.text == "Harbour wall\n\nThe wall will stand, the mayor said.\n"
    assert (page.raw, page.encoding) == (HTML, "utf-8")
    assert page.page_id == hashlib.sha256(HTML).hexdigest()
    assert (page.url, page.source) == ("https://news.example.co.uk/a", "example.co.uk")
    assert page.given.fetched_at == datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "other",
    [
        response(status="301 Moved"),
        response(status="404 Not Found"),
        response(Content_Type="image/png"),
        response(b"\x89PNG", Content_Type=""),
        record("revisit", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"),
        record("metadata", b"a: b", Content_Type="text/plain"),
        record("resource", b"{}", Content_Type="application/json"),
    ],
)
def test_what_is_no_page_is_no_reject_either(read, other):
    """Redirects, errors, images and crawl data are not pages, and not counted as rejected."""
    assert reasons(read(other, response())) == [("L2", "page")]


@pytest.mark.parametrize("kind", ["resource", "conversion"])
@pytest.mark.parametrize("content_type", ["text/html", "application/xhtml+xml; charset=utf-8"])
def test_records_without_http_are_pages_too(read, kind, content_type):
    """Their payload is their block, its type in their own header."""
    (page,) = read(record(kind, HTML, Content_Type=content_type))
    assert (page.raw, page.text[:12]) == (HTML, "Harbour wall")


def test_plain_text_is_a_page_as_it_is(read):
    """Text that a crawler has made of a page is not rendered again; its bytes are kept."""
    text = "Zeile <eins>\r\n\r\nZeile zwei é\n"
    (page,) = read(record("conversion", text.encode(), Content_Type="text/plain"))
    assert (page.text, page.raw, page.encoding) == (text, text.encode(), "utf-8")


def test_a_payload_of_no_type_is_a_page_if_it_looks_like_one(read):
    """A server that sends no type is not lost."""
    assert reasons(read(response(Content_Type=""))) == [("L1", "page")]


def test_the_header_s_charset_counts(read):
    """What HTTP says of the characters is known only here."""
    body = "<p>Жук сидит на камне у воды</p>".encode("cp1251")
    (page,) = read(response(body, Content_Type="text/html; charset=windows-1251"))
    assert page.text == "Жук сидит на камне у воды\n"


def chunked(body: bytes) -> bytes:
    """A body as HTTP/1.1 sends it, in two chunks."""
    first, rest = body[:10], body[10:]
    return b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(first), first, len(rest), rest)


def raw_deflate(body: bytes) -> bytes:
    """Deflate without zlib's header, as some servers send it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


CODED = {
    "gzip": gzip.compress(HTML),
    "x-gzip": gzip.compress(HTML),
    "deflate": zlib.compress(HTML),
    "Deflate": raw_deflate(HTML),
    "zstd": zstandard.compress(HTML),
    "identity": HTML,
    "gzip, zstd": zstandard.compress(gzip.compress(HTML)),
    # the crawler undid it and left the header
    "GZIP": HTML,
    "br": HTML,
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("transfer", ["", "chunked"])
def test_the_payload_is_decoded(read, coding, transfer):
    """Out of its chunks and decompressed: the bytes that the server meant."""
    body = chunked(CODED[coding]) if transfer else CODED[coding]
    (page,) = read(response(body, Content_Encoding=coding, Transfer_Encoding=transfer))
    assert isinstance(page, Page), page
    assert page.raw == HTML


def test_a_body_that_says_chunked_and_is_not_is_taken_as_it_is(read):
    """Crawlers undo chunks and leave the header."""
    (page,) = read(response(HTML, Transfer_Encoding="chunked"))
    assert page.raw == HTML


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(HTML, mtime=0)[:-9], {"Content_Encoding": "gzip"}),
        (gzip.compress(HTML, mtime=0)[:20] + b"\xff" * 30, {"Content_Encoding": "gzip"}),
        (zstandard.compress(HTML)[:-3], {"Content_Encoding": "zstd"}),
        (b"\x1b\x03\x00packed", {"Content_Encoding": "br"}),
        (chunked(HTML)[:-30], {"Transfer_Encoding": "chunked"}),
    ],
)
def test_a_damaged_payload_is_a_bad_record(read, body, headers):
    """The record is rejected by its number, and the file goes on."""
    found = read(response(body, **headers), response())
    assert reasons(found) == [("L1", "bad-record"), ("L2", "page")]


def test_a_payload_that_the_crawler_cut_short_is_taken_as_far_as_it_goes(read):
    """Crawlers limit what they keep, and say so."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    block += gzip.compress(HTML * 3, 0)[:-60]
    (page,) = read(record("response", block, WARC_Truncated="length"))
    assert page.text.startswith("Harbour wall")


def test_large_payloads_and_bombs_are_too_large(read):
    """The limit holds for a body as stored and as decompressed."""
    limits = Limits(page_bytes=100_000)
    large = response(b"<p>" + b"x" * 200_000)
    bomb = response(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    found = read(large, bomb, response(), limits=limits)
    assert reasons(found) == [("L1", "too-large"), ("L2", "too-large"), ("L3", "page")]


@pytest.mark.parametrize(
    "damaged",
    [
        b"what is this\r\n" * 9,
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
        record("response", b"x", Content_Length="-5"),
        record("response", b"x", Content_Length="90"),
        record("response", b"x" * 90, Content_Length="20"),
        b"WARC/1.0\r\n" + b"x" * 200_000 + b"\r\n",
    ],
)
def test_a_damaged_record_is_a_reject_and_the_file_goes_on(read, damaged):
    """The next line that begins a record is where reading goes on."""
    found = read(response(), damaged, response(), response())
    assert reasons(found)[:2] == [("L1", "page"), ("L2", "bad-record")]
    assert reasons(found)[-1][1] == "page"


def test_a_file_that_stops_short_gives_what_it_has(read):
    """The last record is bad, the others are pages."""
    found = read(response(), response()[:-40])
    assert reasons(found) == [("L1", "page"), ("L2", "bad-record")]


def test_a_gzip_file_that_stops_short_gives_what_it_has(tmp_path):
    """Its records, then one reject of the input."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(response()) * 2 + gzip.compress(response())[:-20])
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    found = list(read_part(Part(ref)))
    assert reasons(found) == [("L1", "page"), ("L2", "page"), ("", "bad-compression")]


@pytest.mark.parametrize("at", [0, 30, 120])
def test_a_damaged_gzip_member_is_one_reject_and_the_others_are_read(tmp_path, at):
    """Each record is a member of its own, so that reading can go on at the next."""
    members = [gzip.compress(response()) for _ in range(4)]
    members[2] = members[2][:at] + b"\xff" * 9 + members[2][at + 9 :]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(members))
    (ref,) = list_inputs([path])
    assert isinstance(ref, InputRef)
    found = reasons(list(read_part(Part(ref))))
    assert found == [("L1", "page"), ("L2", "page"), ("L3", "bad-record"), ("L4", "page")]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_records_are_divided_and_each_is_read_once(tmp_path, name):
    """Shards begin at pages, damaged records are counted, and numbers are the file's."""
    path = tmp_path / name
    pack = gzip.compress if name.endswith(".gz") else bytes
    parts = [pack(INFO)]
    for number in range(60):
        parts += [pack(REQUEST), pack(response(HTML + b"<p>Page %d." % number))]
    path.write_bytes(b"".join(parts))
    plan = plan_shards(list_inputs([path]))
    readers = [read_part(part) for shard in plan.shards for part in shard.parts]
    pages = [page for reader in readers for page in reader]
    assert len(readers) > 1
    assert [page.source_uri.partition("#L")[2] for page in pages] == [
        str(3 + 2 * number) for number in range(60)
    ]
    assert {reader.records for reader in readers} == {60}


def test_a_file_without_pages_is_empty(read):
    """An archive of images and requests says that it holds no pages."""
    (reject,) = read(INFO, REQUEST)
    assert (reject.reason, reject.detail) == ("empty", "It holds no pages.")


@settings(deadline=None)
@given(st.binary(max_size=600), st.integers(1, 300), st.booleans())
def test_any_bytes_are_records_or_damage(data, chunk_bytes, framed):
    """Reading ends, offsets grow, and what is whole comes out, however it is cut into chunks."""
    content = response() + data + (b"\n" + response() if framed else b"")
    chunks = [content[at : at + chunk_bytes] for at in range(0, len(content), chunk_bytes)]
    found = list(split_records(iter(chunks), 10_000))
    assert found == list(split_records(iter([content]), 10_000))
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert [one.offset for one in found] == sorted({one.offset for one in found})
