"""The formats that pages come in, by file name. Adding one is one entry in ``FORMATS``."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tasks.read.html import read_html
from tasks.read.jsonl import read_jsonl
from tasks.read.parquet import read_parquet, scan_parquet
from tasks.read.plain import read_text
from tasks.read.refs import Limits, Page, Part, Reject
from tasks.read.streams import Line, Packing, Stored, split_lines
from tasks.read.warc import read_warc, scan_warc

Read = Callable[[Stored, Part, Limits], Iterator[Page | Reject]]
Scan = Callable[[Stored], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Format:
    """How the files of one kind are read."""

    name: str
    read: Read | None
    """Gives a part's pages; None where there is no reader for the format."""
    scan: Scan | None = None
    """Gives the place of each record, for a format with many in a file; else None."""


def _scan_lines(stored: Stored) -> Iterator[Line]:
    return split_lines(stored.chunks(), keep=0)


# Not text, or data rather than pages. What else is not text is told by its bytes: `binary`.
_PACKED = "bz2 xz lz4 br 7z rar zip tar tgz tbz2 txz"
_DOCUMENTS = "pdf doc docx odt rtf epub ppt pptx xls xlsx ods"
_DATA = "json csv tsv xml rss atom yaml yml toml sqlite db arrow feather avro orc pickle pkl"
_IMAGES = "gif jpg jpeg png webp avif bmp ico svg tif tiff heic psd"
_SOUND = "mp3 m4a aac ogg oga opus flac wav wma"
_VIDEO = "mp4 m4v mov avi mkv webm mpg mpeg wmv flv"
_CODE = "exe dll so dylib bin iso dmg class jar wasm pyc ttf otf woff woff2 css js"
_UNREAD = " ".join((_PACKED, _DOCUMENTS, _DATA, _IMAGES, _SOUND, _VIDEO, _CODE)).split()

TEXT = Format("text", read_text)
"""Also what has another suffix than those below, or none."""
HTML = Format("HTML", read_html)
FORMATS: dict[str, Format] = {
    ".txt": TEXT,
    ".text": TEXT,
    ".md": TEXT,
    ".jsonl": Format("jsonl", read_jsonl, _scan_lines),
    ".ndjson": Format("jsonl", read_jsonl, _scan_lines),
    ".htm": HTML,
    ".html": HTML,
    ".xhtml": HTML,
    ".parquet": Format("Parquet", read_parquet, scan_parquet),
    ".warc": Format("WARC", read_warc, scan_warc),
    **{f".{suffix}": Format(suffix.upper(), None) for suffix in _UNREAD},
}
"""By suffix, in small letters. The one before ``.gz`` or ``.zst`` counts: ``.tar.gz`` has no
reader."""


def format_of(uri: str) -> tuple[Format, Packing]:
    """The format of an input, by its name, and how it is compressed."""
    stem, dot, suffix = uri.rpartition("/")[2].lower().rpartition(".")
    packing = _PACKINGS.get(dot + suffix, "")
    if packing:
        stem, dot, suffix = stem.rpartition(".")
    return FORMATS.get(dot + suffix, TEXT), packing


_PACKINGS: dict[str, Packing] = {".gz": "gz", ".zst": "zst"}
