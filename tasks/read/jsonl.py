"""JSON Lines: each line that is not blank is a page, an object with the page's ``text``."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from tasks.read.fields import make_record_page
from tasks.read.refs import HEAD_BYTES, Limits, Page, Part, Reason, Reject
from tasks.read.streams import Line, Stored, split_lines
from tasks.read.uris import folder_name, record_uri


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


def _read_record(uri: str, line: Line, folder: str, limits: Limits) -> Page | Reject:
    head = line.data[:HEAD_BYTES]
    if line.size > limits.page_bytes:
        detail = f"The line is {line.size} bytes; the limit for one page is {limits.page_bytes}."
        return Reject(uri, "too-large", detail, head)
    page_id = hashlib.sha256(line.data).hexdigest()
    record = _parse(line)
    if isinstance(record, dict):
        return make_record_page(uri, record, line.data, page_id, folder)
    reason, detail = record
    return Reject(uri, reason, detail, head, page_id)


def _parse(line: Line) -> dict[str, Any] | tuple[Reason, str]:
    """The record, or why it is none."""
    data = line.data.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.data
    try:
        record = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        detail = f"The line is not UTF-8: byte {error.start} is {error.reason}."
        return "undecodable", detail
    except RecursionError:
        return "bad-record", "The line's JSON is nested too deep."
    except json.JSONDecodeError as error:
        detail = f"The line is not JSON: {error.msg}, at character {error.colno}."
        return "bad-record", detail
    except ValueError:
        return "bad-record", "The line has a number of more digits than can be read."
    if not isinstance(record, dict):
        return "bad-record", f"The line is JSON, but no object: {type(record).__name__}."
    return record
