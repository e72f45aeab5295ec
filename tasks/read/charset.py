"""The characters of an HTML page, which may say itself in which code it is written."""

import re

from tasks.read.encoding import Undecoded, decode, too_many_controls

_META_BYTES = 4096
"""Where a ``<meta charset>`` is looked for; the standard has it in the first 1024."""
# White space is taken whole: to try each part of it takes time with the square of its length.
_IS = r"""\s*+=\s*+(?:["']\s*+)?([\w.:-]{2,40})"""
_META = re.compile(rf"<meta[^>]{{1,400}}?charset{_IS}".encode(), re.IGNORECASE)
_XML = re.compile(rb"""\s*<\?xml[^>]{1,200}?encoding\s*=\s*["']([\w.:-]{2,40})""")
_PARAMETER = re.compile(f"charset{_IS}", re.IGNORECASE)
_CODECS = """
utf-8: utf8 unicode-1-1-utf-8
cp1252: ascii us-ascii iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 windows-1252 x-cp1252
iso8859-2: iso-8859-2 iso8859-2 latin2
iso8859-3: iso-8859-3
iso8859-4: iso-8859-4
iso8859-5: iso-8859-5
iso8859-6: iso-8859-6
iso8859-7: iso-8859-7
iso8859-8: iso-8859-8 iso-8859-8-i
cp1254: iso-8859-9 latin5 windows-1254
iso8859-10: iso-8859-10
iso8859-13: iso-8859-13
iso8859-14: iso-8859-14
iso8859-15: iso-8859-15 latin9 latin-9
iso8859-16: iso-8859-16
cp1250: windows-1250 cp1250
cp1251: windows-1251 cp1251
cp1253: windows-1253 cp1253
cp1255: windows-1255 cp1255
cp1256: windows-1256 cp1256
cp1257: windows-1257 cp1257
cp1258: windows-1258 cp1258
cp874: windows-874 tis-620 iso-8859-11
koi8-r: koi8-r koi8
koi8-u: koi8-u
cp866: ibm866 cp866
mac-roman: macintosh x-mac-roman
gb18030: gb2312 gbk gb18030 x-gbk
big5hkscs: big5 big5-hkscs
cp932: shift_jis shift-jis sjis x-sjis windows-31j ms_kanji
euc_jp: euc-jp x-euc-jp
iso2022_jp: iso-2022-jp
cp949: euc-kr ks_c_5601-1987 windows-949
"""
CODECS: dict[str, str] = {
    label: codec
    for codec, labels in (line.split(": ") for line in _CODECS.strip().splitlines())
    for label in (codec, *labels.split())
}
"""Python's codec for each name that pages declare; latin-1 means cp1252, as in browsers. Source:
WHATWG Encoding Standard. Other codecs of Python's are not for pages."""
_MOST_REPLACED = 1000
"""A page of which fewer than one character in so many cannot be decoded is still a page."""


def decode_html(data: bytes, content_type: str | None = None) -> str | Undecoded:
    """The characters of an HTML page, without byte order mark, or why it has none.

    The order is: mark; UTF-8 wherever the bytes are that and not only ASCII, for then a
    declaration to the contrary is wrong; the charset of the HTTP header; that of the page; then
    as ``decode`` does. Where the charset is declared and hardly anything does not fit,
    that becomes U+FFFD: the bytes are kept anyway.
    """
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return _decode_by_itself(data)
    declared = _declared(data, content_type)
    for codec in (*(() if data.isascii() else ("utf-8",)), *declared):
        try:
            return _without_controls(data.decode(codec))
        except UnicodeDecodeError:
            continue
    found = _decode_by_itself(data)
    if isinstance(found, Undecoded) and found.reason in {"undecodable", "surrogate"}:
        text = data.decode(declared[0] if declared else "utf-8", "replace")
        if text.count("\ufffd") * _MOST_REPLACED <= len(text):
            return _without_controls(text)
    return found


def _declared(data: bytes, content_type: str | None) -> list[str]:
    """Python's codecs for what the header and the page declare, in this order."""
    labels = []
    if content_type and (found := _PARAMETER.search(content_type)):
        labels.append(found[1])
    head = data[:_META_BYTES]
    labels += [found[1].decode() for found in (_META.search(head), _XML.match(head)) if found]
    known = (CODECS.get(label.lower()) for label in labels)
    return list(dict.fromkeys(codec for codec in known if codec))


def _decode_by_itself(data: bytes) -> str | Undecoded:
    found = decode(data)
    return found if isinstance(found, Undecoded) else found.text


def _without_controls(text: str) -> str | Undecoded:
    if too_many_controls(text):
        return Undecoded("binary", "Over 1% of it are control characters.")
    return text
