"""References to pages and their outcome: what travels between discovery, shards and the lake."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tasks.text.page import Given

Reason = Literal[
    # content: remembered by (URI, bytes), not tried again until the reader or the rules change
    "empty",
    "binary",
    "undecodable",
    "surrogate",
    "too-large",
    "timeout",
    "bad-record",
    "bad-compression",
    "unsupported-format",
    "not-a-file",
    # access: tried again in the next run
    "vanished",
    "permission",
    "io",
    "changed-while-reading",
]
ACCESS_REASONS: frozenset[Reason] = frozenset(
    {"vanished", "permission", "io", "changed-while-reading"}
)


@dataclass(frozen=True, slots=True)
class InputRef:
    """A file or object as discovery saw it."""

    uri: str
    """Absolute, percent-encoded: ``file:///a/b.txt``."""
    size: int
    """Bytes, as stored (compressed, if it is)."""
    modified: datetime | None
    """UTC, to the microsecond; None where the store does not say."""
    etag: str | None = None
    known: bool = False
    """Whether ``inputs`` has a row for it, with another size, time or etag: some of its pages may
    have been seen."""
    origin: int | None = None
    """Number of the block of the sources file that names it, from 0; None where none does."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one input: a whole file, or a range of its records.

    Records are numbered as in their URIs: in JSONL by line, blank lines included. The last part
    reads to the input's end (``stop`` is None), so it is the one to meet damage in a gzip file:
    it gives the records before the damage, then one reject of the input.
    """

    input: InputRef
    first: int = 1
    """First record, from 1."""
    stop: int | None = None
    """One past the last record; None reads to the end."""
    offset: int = 0
    """Where ``first`` begins, in bytes of the decompressed input; 0 where that is not known."""
    last: bool = True
    """Whether it is the input's last part: the shard that has it writes the row in ``inputs``."""
    sha256: str | None = None
    """Of the input's bytes, where discovery had to read it to find its records; else None."""
    records: int | None = None
    """Records in the whole input, blank lines left out; a reject of the input itself counts as
    one. None where discovery did not count them."""
    work: int = 0
    """Bytes of text to cut, roughly: what shards are sized by."""


@dataclass(frozen=True, slots=True)
class ShardRef:
    """The pages that one task works on."""

    name: str
    """``shard-003``: names the shard's files, with the run."""
    parts: tuple[Part, ...]
    pages: int
    """How many pages it should hold."""
    work: int
    """Bytes of text to cut, roughly."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a sources file says of a page, as far as cutting it hangs on that."""

    zone: str | None = None
    """IANA zone of times without one."""
    language: str | None = None
    """ISO 639-1."""
    rules: tuple[str, ...] = ()
    """Paths of rule packs that are read after all others."""


@dataclass(frozen=True, slots=True)
class Page:
    """One document as received."""

    source_uri: str
    """The input's URI, or that of a record in it: ``…/b.jsonl.gz#L17``."""
    page_id: str
    """sha256, hex, of the page's bytes."""
    source: str
    """Site or feed it is from."""
    text: str
    encoding: str
    """One of ``tasks.read.encoding.ENCODINGS``: ``encode(text, encoding)`` there gives back the
    bytes, unless ``raw`` holds them."""
    raw: bytes | None = None
    """The bytes, where text and encoding do not give them back (a JSON line); else None."""
    url: str | None = None
    given: Given = field(default_factory=Given)
    declared: Declared | None = None
    """What the sources file says of it; None where that says nothing."""


@dataclass(frozen=True, slots=True)
class Reject:
    """An input or record that could not be worked."""

    source_uri: str
    reason: Reason
    detail: str
    """What a person should know, in one sentence."""
    head: bytes = b""
    """The first bytes, at most ``HEAD_BYTES``."""
    page_id: str | None = None
    """sha256, hex, where all bytes were read; else None."""

    @property
    def is_access(self) -> bool:
        """Whether the next run tries it again by itself."""
        return self.reason in ACCESS_REASONS


HEAD_BYTES = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading allows itself."""

    page_bytes: int = 20_000_000
    """A larger page, decompressed, is rejected as ``too-large``, and not read further."""
    last_try: bool = False
    """Whether transient I/O errors become rejects; else they are raised, to be tried again."""
    encoding: str | None = None
    """What the sources file says that text is in, one of ``charset.CODECS``; None: it is told."""
