"""Plain text: the file is the page."""

import hashlib
from collections.abc import Iterator

from tasks.read.encoding import Undecoded, decode
from tasks.read.refs import HEAD_BYTES, Limits, Page, Part, Reject
from tasks.read.streams import Stored
from tasks.read.uris import folder_name


def read_text(stored: Stored, part: Part, limits: Limits) -> Iterator[Page | Reject]:
    """The file as one page, or why it is none. Reads no further than ``limits.page_bytes``."""
    uri = part.input.uri
    data = read_whole(stored, part, limits)
    if isinstance(data, Reject):
        yield data
        return
    page_id, head = hashlib.sha256(data).hexdigest(), data[:HEAD_BYTES]
    found = decode(data)
    if isinstance(found, Undecoded):
        yield Reject(uri, found.reason, found.detail, head, page_id)
    elif not found.text.strip():
        detail = "It is empty." if not data else "It holds only white space."
        yield Reject(uri, "empty", detail, head, page_id)
    else:
        yield Page(uri, page_id, folder_name(uri), found.text, found.encoding)


def read_whole(stored: Stored, part: Part, limits: Limits) -> bytes | Reject:
    """An input's decompressed bytes, at most ``limits.page_bytes``; else ``too-large``."""
    pieces, size = list[bytes](), 0
    for chunk in stored.chunks():
        size += len(chunk)
        if size > limits.page_bytes:
            detail = f"It is larger than {limits.page_bytes} bytes, the limit for one page."
            return Reject(part.input.uri, "too-large", detail, stored.head)
        pieces.append(chunk)
    return b"".join(pieces)
