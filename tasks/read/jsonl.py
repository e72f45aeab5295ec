"""JSON Lines: each line that is not blank is a page, an object with the page's ``text``."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from tasks.read.encoding import too_many_controls
from tasks.read.refs import HEAD_BYTES, Limits, Page, Part, Reason, Reject
from tasks.read.streams import Line, Stored, split_lines
from tasks.read.uris import folder_name, record_uri
from tasks.text.page import Given


def read_jsonl(stored: Stored, part: Part, limits: Limits) -> Iterator[Page | Reject]:
    """The records from ``part.first`` to before ``part.stop``, one page or reject each."""
    folder = folder_name(part.input.uri)
    start = part.first if part.offset else 1
    lines = split_lines(
        stored.chunks(part.offset), limits.page_bytes, first=start, offset=part.offset
    )
    any_record = False
    for line in lines:
        if part.stop is not None and line.number >= part.stop:
            return
        if not line.blank and line.number >= part.first:
            any_record = True
            yield _read_record(record_uri(part.input.uri, line.number), line, folder, limits)
    if not any_record and part.first == 1:
        page_id = stored.sha256 if not part.input.size else None
        yield Reject(part.input.uri, "empty", "It holds no records.", stored.head, page_id)


def registered_domain(url: str) -> str | None:
    """The domain that was registered for a URL: ``bbc.co.uk``; None where there is none."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return _registered(host) if host else None


@lru_cache(maxsize=4096)
def _registered(host: str) -> str | None:
    return _extractor()(host).top_domain_under_public_suffix or None


@lru_cache(maxsize=1)
def _extractor() -> Any:
    import tldextract  # 0.1 s, and most inputs bring no URL

    # The list of suffixes that comes with the package: no network, no cache on disk.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(frozen=True, slots=True)
class _Bad:
    """Why a line is no page."""

    detail: str
    reason: Reason = "bad-record"


def _read_record(uri: str, line: Line, folder: str, limits: Limits) -> Page | Reject:
    head = line.data[:HEAD_BYTES]
    if line.size > limits.page_bytes:
        detail = f"The line is {line.size} bytes; the limit for one page is {limits.page_bytes}."
        return Reject(uri, "too-large", detail, head)
    page_id = hashlib.sha256(line.data).hexdigest()
    found = _parse(line)
    if isinstance(found, _Bad):
        return Reject(uri, found.reason, found.detail, head, page_id)
    record, text = found
    url = _optional(record, "url")
    return Page(
        source_uri=uri,
        page_id=page_id,
        source=_optional(record, "source") or (registered_domain(url) if url else None) or folder,
        text=text,
        encoding="utf-8",
        raw=line.data,
        url=url,
        given=Given(
            title=_optional(record, "title"),
            published=_optional(record, "published"),
            language=_optional(record, "language"),
        ),
    )


def _parse(line: Line) -> tuple[dict[str, Any], str] | _Bad:
    """The record and its text."""
    data = line.data.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.data
    try:
        record = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _Bad(f"The line is not UTF-8: byte {error.start} is {error.reason}.", "undecodable")
    except RecursionError:
        return _Bad("The line's JSON is nested too deep.")
    except json.JSONDecodeError as error:
        return _Bad(f"The line is not JSON: {error.msg}, at character {error.colno}.")
    except ValueError:
        return _Bad("The line has a number of more digits than can be read.")
    if not isinstance(record, dict):
        return _Bad(f"The line is JSON, but no object: {type(record).__name__}.")
    text = _text_of(record)
    return text if isinstance(text, _Bad) else (record, text)


def _text_of(record: dict[str, Any]) -> str | _Bad:
    text = record.get("text")
    if not isinstance(text, str):
        return _Bad("The record has no `text`." if text is None else "Its `text` is no string.")
    if not _is_encodable(text):
        return _Bad("Its `text` holds half of a surrogate pair.", "surrogate")
    if not text.strip():
        return _Bad("Its `text` is empty, or only white space.", "empty")
    if too_many_controls(text):
        return _Bad("Over 1% of its `text` are control characters.", "binary")
    return text


def _optional(record: dict[str, Any], name: str) -> str | None:
    """A field beside the text, stripped; None where it is missing, blank or cannot be stored."""
    value = record.get(name)
    if not isinstance(value, str) or not _is_encodable(value):
        return None
    return value.strip() or None


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
