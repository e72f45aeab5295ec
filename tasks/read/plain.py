"""Plain text: the file is the page."""

import hashlib
from collections.abc import Iterator

from tasks.read.charset import CODECS
from tasks.read.encoding import Decoded, Undecoded, decode, encode, has_bom, too_many_controls
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
    found = _decode_declared(data, limits.encoding) or decode(data)
    if isinstance(found, Undecoded):
        yield Reject(uri, found.reason, found.detail, head, page_id)
    elif not found.text.strip():
        detail = "It is empty." if not data else "It holds only white space."
        yield Reject(uri, "empty", detail, head, page_id)
    else:
        # What `decode` tells gives the bytes back; of what is declared they stay.
        raw = data if limits.encoding and encode(found.text, found.encoding) != data else None
        yield Page(uri, page_id, folder_name(uri), found.text, found.encoding, raw=raw)


def _decode_declared(data: bytes, declared: str | None) -> Decoded | None:
    """The text in the encoding that the sources file names; None where it is not in that one."""
    if declared is None or has_bom(data):
        return None
    try:
        text = data.decode(CODECS[declared])
    except UnicodeDecodeError:
        return None
    return None if too_many_controls(text) else Decoded(text, "utf-8")


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
