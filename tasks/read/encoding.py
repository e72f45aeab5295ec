"""Bytes to text and back, exactly: ``encode(*decode(data)) == data`` for whatever decodes.

The order is BOM, strict UTF-8, UTF-16 without BOM by its NUL pattern, cp1252. Nothing is repaired
and no newline is translated: a page that would have to be guessed at is rejected instead.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import islice
from typing import AnyStr

from tasks.read.refs import Reason

ENCODINGS: tuple[str, ...] = (
    "utf-8",
    "utf-8-bom",
    "utf-16-le-bom",
    "utf-16-be-bom",
    "utf-32-le-bom",
    "utf-32-be-bom",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
)
"""Every name that ``Page.encoding`` may have. ``-bom``: the bytes begin with a byte order mark,
which is not part of the text."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text, and the encoding that gives back its bytes."""

    text: str
    encoding: str
    """One of ``ENCODINGS``."""


@dataclass(frozen=True, slots=True)
class Undecoded:
    """Why bytes are not text."""

    reason: Reason
    """``binary``, ``undecodable`` or ``surrogate``."""
    detail: str


def decode(data: bytes) -> Decoded | Undecoded:
    """The text of ``data`` and its encoding, or why it has none. Empty bytes are empty text.

    Newlines, NULs below the share that makes a page binary, and all other characters stay as
    they are, so that ``encode`` is the exact inverse.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            found = _decode_as(data, encoding)
            if found is None and encoding == "utf-32-le-bom":
                continue  # FF FE 00 00 also begins UTF-16 whose first character is NUL
            return found or _explain(data, encoding)
    if b"\0" in data:
        return _decode_with_nuls(data)
    return _decode_as(data, "utf-8") or _decode_cp1252(data)


def has_bom(data: bytes) -> bool:
    """Whether a byte order mark says what the bytes are."""
    return data.startswith(tuple(bom for bom, _ in _BOMS))


def encode(text: str, encoding: str) -> bytes:
    """The bytes that ``decode`` read as ``text`` and ``encoding``.

    Raises:
        ValueError: If ``encoding`` is none of ``ENCODINGS`` or cannot hold the text.
    """
    if encoding not in ENCODINGS:
        msg = f"unknown encoding {encoding!r}: use one of {', '.join(ENCODINGS)}"
        raise ValueError(msg)
    return _bom(encoding) + text.encode(_codec(encoding))


def rebuild_bytes(text: str, encoding: str, raw: bytes | None) -> bytes:
    """A page's bytes as received: ``raw`` where it is kept, else the text encoded again."""
    return encode(text, encoding) if raw is None else raw


def too_many_controls(text: str) -> bool:
    """Whether control characters other than white space exceed 1% of ``text``."""
    allowed = int(_CONTROL_SHARE * len(text))
    if text.isascii():  # in a third of the time
        plain = text.encode()
        return len(plain) - len(plain.translate(None, _ASCII_CONTROLS)) > allowed
    return next(islice(_CONTROL.finditer(text), allowed, None), None) is not None


_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8-bom"),
    (b"\xff\xfe\0\0", "utf-32-le-bom"),  # before UTF-16, whose mark it begins with
    (b"\0\0\xfe\xff", "utf-32-be-bom"),
    (b"\xff\xfe", "utf-16-le-bom"),
    (b"\xfe\xff", "utf-16-be-bom"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_ASCII_CONTROLS = bytes(code for code in range(128) if _CONTROL.match(chr(code)))
_CONTROL_SHARE = 0.01
_NUL_SHARE_OF_ASCII = 0.3
"""UTF-16 of Western text is valid UTF-8 full of NULs: every other byte, or nearly."""
_NUL_SHARE_OF_OTHERS = 0.01
"""In other scripts only blanks, digits and line ends have a NUL: 1% of the characters and more."""
# A character of UTF-8, without those that begin with DF, which in cp1252 is ß before a quote.
_SEQUENCE = re.compile(
    rb"[\xc2-\xde][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_DAMAGE_PER_SEQUENCE = 2
"""cp1252 French has « liberté » with no-break spaces: one sequence by chance, two bytes beside."""
# What no language writes in cp1252: Â Ã Ä Å before a sign that does not close a word, and â€.
_MOJIBAKE = re.compile(rb"[\xc2-\xc5](?![\x85\x92-\x94\x96\x97\xa0\xab\xbb])[\x80-\xbf]|\xe2\x80")
_DAMAGE_PER_MOJIBAKE = 8
"""A page of cp1252 may still quote some: with eight times as many accents it is one."""
_ASCII_LETTER = re.compile(r"[A-Za-z]")
_ACCENTED = re.compile(r"[À-ÖØ-öø-ÿ]")
_LETTER = "A-Za-zÀ-ÖØ-öø-ÿŠŒŽšœžŸ"
# Alone but no word, as à, â, é, ó, å are; a capital behind a small letter; ÿ and þ in a row.
_MISPLACED = re.compile(
    rf"(?<![{_LETTER}])[ÂÃÄËÎÏÐÑÕÛÜÝÞßãäëîïðñõûüýþÿ](?![{_LETTER}])"
    r"|(?<=[a-zß-öø-ÿ])[À-ÖØ-Þ]|[þÿ](?=[þÿ])|(?<=[þÿ])[þÿ]"
)
_FOREIGN_LETTERS = 16
"""Fewer accented letters than this do not tell one 8-bit code page from another."""


def _codec(encoding: str) -> str:
    return encoding.removesuffix("-bom")


def _bom(encoding: str) -> bytes:
    return next((bom for bom, name in _BOMS if name == encoding), b"")


def _decode_as(data: bytes, encoding: str) -> Decoded | Undecoded | None:
    """The text under ``encoding``, ``binary`` where it is full of controls, None if it fails."""
    try:
        text = data[len(_bom(encoding)) :].decode(_codec(encoding))
    except UnicodeDecodeError:
        return None
    if too_many_controls(text):
        return Undecoded("binary", f"Over 1% of it are control characters, read as {encoding}.")
    return Decoded(text, encoding)


def _decode_with_nuls(data: bytes) -> Decoded | Undecoded:
    """Text in UTF-16 without a mark, UTF-8 with a stray NUL, or why it is neither."""
    plain = _decode_as(data, "utf-8")
    units = max(len(data) // 2, 1)
    nuls = {"utf-16-le": data[1::2].count(0), "utf-16-be": data[0::2].count(0)}
    encoding = max(nuls, key=nuls.__getitem__)  # ASCII has its NUL second in LE, first in BE
    is_utf8 = isinstance(plain, Decoded)
    needed = _NUL_SHARE_OF_ASCII if is_utf8 else _NUL_SHARE_OF_OTHERS
    if nuls[encoding] >= needed * units:
        wide = _decode_as(data, encoding)
        if isinstance(wide, Decoded) and _is_assigned(wide.text):
            return wide
        if wide is None and nuls[encoding] >= _NUL_SHARE_OF_ASCII * units:
            return _explain(data, encoding)
    return plain or _explain(data, "utf-8")


def _is_assigned(text: str) -> bool:
    """Whether nearly all characters exist: numbers read as UTF-16 name many that do not."""
    sample = text[:10_000]
    strange = sum(unicodedata.category(character) in {"Cn", "Co", "Cc"} for character in sample)
    breaks = sum(map(sample.count, "\t\n\v\f\r"))
    return strange - breaks <= _CONTROL_SHARE * len(sample)


def _decode_cp1252(data: bytes) -> Decoded | Undecoded:
    """The text as cp1252, if that is what it is and not UTF-8 with damage in it."""
    explained = _explain(data, "utf-8")
    if explained.reason != "undecodable":
        return explained
    if _is_broken_utf8(data):
        return explained
    found = _decode_as(data, "cp1252")
    if not isinstance(found, Decoded) or _CONTROL.search(found.text):
        return Undecoded("undecodable", f"{explained.detail} Nor is it cp1252.")
    if not _is_western(found.text):
        return Undecoded("undecodable", f"{explained.detail} Read as cp1252 it is no language.")
    return found


def _is_western(text: str) -> bool:
    """Whether accented letters are as the languages of cp1252 have them: few, and within words.

    They are not in other 8-bit code pages, nor where ASCII is damaged.
    """
    accented = _count(_ACCENTED, text)
    if accented >= _FOREIGN_LETTERS and accented > _count(_ASCII_LETTER, text):
        return False
    return accented == 0 or 2 * _count(_MISPLACED, text) < accented


def _is_broken_utf8(data: bytes) -> bool:
    """Whether enough of what is beyond ASCII is UTF-8 for the rest to be damage, not accents."""
    damage = data.decode("utf-8", "replace").count("\ufffd") - data.count(b"\xef\xbf\xbd")
    return (
        _count(_SEQUENCE, data) * _DAMAGE_PER_SEQUENCE > damage
        or _count(_MOJIBAKE, data) * _DAMAGE_PER_MOJIBAKE > damage
    )


def _count(pattern: re.Pattern[AnyStr], text: AnyStr) -> int:
    """How often it matches; not by ``findall``, which takes 50 bytes of memory a match."""
    return sum(1 for _ in pattern.finditer(text))


def _explain(data: bytes, encoding: str) -> Undecoded:
    """Why ``data`` does not decode: by its controls, its surrogates, or where it breaks."""
    body, codec = data[len(_bom(encoding)) :], _codec(encoding)
    try:
        text = body.decode(codec, "surrogatepass")
    except UnicodeDecodeError as error:
        if too_many_controls(body.decode(codec, "replace")):
            return Undecoded("binary", "Over 1% of it are control characters.")
        where = error.start + len(_bom(encoding))
        return Undecoded("undecodable", f"It is not {encoding}: byte {where} is {error.reason}.")
    if too_many_controls(text):
        return Undecoded("binary", "Over 1% of it are control characters.")
    return Undecoded("surrogate", f"It holds half of a surrogate pair, read as {encoding}.")
