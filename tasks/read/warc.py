"""WARC: a record whose payload is HTML or plain text is a page; its bytes are the payload.

That is what the server meant to send: the HTTP body after transfer decoding (chunks) and content
decoding (gzip, deflate, Zstandard), or the block of a record without HTTP. Pages are records of
type ``response`` with a status of success, ``resource`` and ``conversion``. All others (requests,
crawl metadata, revisits, redirects, errors, images) are counted in record numbers and are neither
pages nor rejects.
"""

import hashlib
import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tasks.read.charset import decode_html
from tasks.read.encoding import Undecoded
from tasks.read.fields import registered_domain
from tasks.read.html import make_html_page
from tasks.read.payload import BadPayload, decode_payload
from tasks.read.records import MAGIC, WarcRecord, split_records
from tasks.read.refs import HEAD_BYTES, Limits, Page, Part, Reject
from tasks.read.streams import Line, Stored
from tasks.read.uris import folder_name, record_uri
from tasks.text.page import Given

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_HEAD_BYTES = 1 << 16
"""Of a record's block; HTTP headers are shorter."""
_SNIFF_BYTES = 2000
"""Of a payload of which nobody says what it is."""
_MARKUP = re.compile(rb"\s*(?:<!--.{0,1000}?-->\s*)?<(?:!doctype\s+html|html|head)\b", re.I | re.S)


def read_warc(stored: Stored, part: Part, limits: Limits) -> Iterator[Page | Reject]:
    """The pages among the records from ``part.first`` to before ``part.stop``."""
    folder = folder_name(part.input.uri)
    start = part.first if part.offset else 1
    chunks = stored.chunks(part.offset, resume=MAGIC)
    records = split_records(
        chunks, limits.page_bytes + _HEAD_BYTES, first=start, offset=part.offset
    )
    any_page = False
    for record in records:
        if part.stop is not None and record.number >= part.stop:
            return
        if record.number < part.first:
            continue
        found = _read_record(record, record_uri(part.input.uri, record.number), folder, limits)
        if found is not None:
            any_page = True
            yield found
    if not any_page and part.first == 1:
        page_id = stored.sha256 if not part.input.size else None
        yield Reject(part.input.uri, "empty", "It holds no pages.", stored.head, page_id)


def scan_warc(stored: Stored) -> Iterator[Line]:
    """The place of each record; ``blank`` where it gives neither page nor reject."""
    for record in split_records(stored.chunks(resume=MAGIC), _HEAD_BYTES):
        size = len(record.header) + record.size
        is_page = bool(record.damage) or _look(record) is not None
        yield Line(record.number, record.offset, b"", size, not is_page)


@dataclass(frozen=True, slots=True)
class _Payload:
    """A record that is a page, before its payload is decoded."""

    record: Any
    """warcio's."""
    content_type: str
    is_html: bool


def _look(found: WarcRecord) -> _Payload | BadPayload | None:
    """What a record holds; None where that is no page."""
    stream = io.BytesIO(found.header + found.block)
    try:
        record = _loader().parse_record_stream(stream, known_format="warc")
    except Exception:  # warcio's parser raises whatever damage leads to
        return BadPayload("Its headers cannot be read.")
    if record.rec_type == "response":
        if record.http_headers is None or not _is_success(record.http_headers):
            return None
        content_type = record.http_headers.get_header("Content-Type")
    elif record.rec_type in {"resource", "conversion"}:
        content_type = record.rec_headers.get_header("Content-Type")
    else:
        return None
    content_type = content_type or record.rec_headers.get_header("WARC-Identified-Payload-Type")
    if not content_type:
        begins = stream.getvalue()[stream.tell() : stream.tell() + _SNIFF_BYTES]
        content_type = "text/html" if _MARKUP.match(begins) else ""
    kind = content_type.partition(";")[0].strip().lower()
    is_html = kind in HTML_TYPES
    return _Payload(record, content_type, is_html) if is_html or kind == "text/plain" else None


@lru_cache(maxsize=1)
def _loader() -> Any:
    from warcio import recordloader  # type: ignore[import-untyped]  # few inputs are WARC

    recordloader.logger.setLevel(logging.ERROR)  # it warns of blanks in addresses
    return recordloader.ArcWarcRecordLoader(verify_http=False, arc2warc=False)


def _is_success(headers: Any) -> bool:
    return str(headers.get_statuscode()).startswith("2")


def _read_record(found: WarcRecord, uri: str, folder: str, limits: Limits) -> Page | Reject | None:
    head = found.block[:HEAD_BYTES] or found.header[:HEAD_BYTES]
    if found.damage:
        return Reject(uri, "bad-record", found.damage, head)
    seen = _look(found)
    if seen is None:
        return None
    if isinstance(seen, BadPayload):
        return Reject(uri, seen.reason, seen.detail, head)
    too_large = f"The page is larger than {limits.page_bytes} bytes, the limit for one page."
    if found.size > len(found.block):
        return Reject(uri, "too-large", too_large, head)
    payload = decode_payload(seen.record, limits.page_bytes)
    if isinstance(payload, BadPayload):
        return Reject(uri, payload.reason, payload.detail or too_large, head)
    headers = seen.record.rec_headers
    url = headers.get_header("WARC-Target-URI") or None
    fetched_at = _read_time(headers.get_header("WARC-Date"))
    if seen.is_html:
        return make_html_page(
            uri, payload, folder, url=url, content_type=seen.content_type, fetched_at=fetched_at
        )
    return _make_text_page(uri, payload, folder, url, seen.content_type, fetched_at)


def _make_text_page(
    uri: str,
    data: bytes,
    folder: str,
    url: str | None,
    content_type: str,
    fetched_at: datetime | None,
) -> Page | Reject:
    page_id, head = hashlib.sha256(data).hexdigest(), data[:HEAD_BYTES]
    text = decode_html(data, content_type)
    if isinstance(text, Undecoded):
        return Reject(uri, text.reason, text.detail, head, page_id)
    if not text.strip():
        detail = "It holds only white space." if data else "It is empty."
        return Reject(uri, "empty", detail, head, page_id)
    source = (registered_domain(url) if url else None) or folder
    given = Given(fetched_at=fetched_at)
    return Page(uri, page_id, source, text, "utf-8", raw=data, url=url, given=given)


def _read_time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
