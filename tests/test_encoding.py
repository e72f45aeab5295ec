"""Bytes to text and back."""

import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tasks.read.encoding import ENCODINGS, Decoded, Undecoded, decode, encode, rebuild_bytes

STORY = (
    "Ferry returns to the northern route\r\n\r\n"
    "LARNEK: The ferry “Aurora” sailed again on Monday, café open and all, the port said.\r\n"
    "It had been in the dock for 14 weeks – longer than planned.\r\n"
) * 3
CYRILLIC = "Паром вернулся на северный маршрут.\nОн стоял в доке 14 недель.\n"
CHINESE = "渡轮重返北方航线。\n它在船坞停了14周，比计划的时间更长，港口表示一切正常。\n" * 4

MARKED = [name for name in ENCODINGS if name.endswith("-bom")]


@given(st.binary())
@example(b"\xff\xfe\x00\x00")
@example(b"\xff\xfe\x00\x00\x41\x00")
@example(b"\xff\xfe\x00\x00\x41\x00\x00\x00")
@example(b"\x00\x00\xfe\xff\x00\x00\x00\x41")
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
@example(b"caf\xe9\r\n")
@example(b"a\x00\r\x00\n\x00")
def test_what_decodes_encodes_to_the_same_bytes(data):
    """Encoding is the exact inverse of decoding, for any bytes that decode."""
    found = decode(data)
    if isinstance(found, Decoded):
        assert found.encoding in ENCODINGS
        assert encode(found.text, found.encoding) == data


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_any_text_in_utf8_is_read_as_itself(text):
    """UTF-8 without a mark comes back as it was, but for texts that begin with a mark."""
    if not text.startswith("\ufeff"):
        assert decode(text.encode()) == Decoded(text, "utf-8")


@pytest.mark.parametrize("encoding", MARKED)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_any_text_behind_a_mark_is_read_as_itself(encoding, text):
    """A byte order mark decides, whatever follows it."""
    assert decode(encode(text, encoding)) == Decoded(text, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_story_is_read_in_every_encoding(encoding):
    """A page in any encoding of the list gives its text, newlines and all, and its bytes."""
    data = encode(STORY, encoding)
    assert decode(data) == Decoded(STORY, encoding)
    assert rebuild_bytes(STORY, encoding, None) == data


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [CYRILLIC, CHINESE, "A\n", "Wort für Wort\r\n"])
def test_utf16_without_a_mark_is_told_by_its_nuls(encoding, text):
    """Scripts beyond Latin have NULs only at blanks, digits and line ends."""
    assert decode(text.encode(encoding)) == Decoded(text, encoding)


@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz ,.\r\n"), min_size=40))
def test_accents_and_quotes_are_read_as_cp1252(text):
    """Western text with a few 8-bit characters is cp1252."""
    page = f"Der Bürgermeister sagte “ja”. {text} Später – viel später – kam der Zug."
    assert decode(page.encode("cp1252")) == Decoded(page, "cp1252")


@pytest.mark.parametrize(
    "text",
    [
        "Le maire parle de «\xa0liberté\xa0» et de «\xa0santé\xa0».",
        "Il a dit «\xa0liberté\xa0».",
        "„Grüße“, kein Spaß” und kein Gruß“ dabei, schloß’ er.",
        "“Naïve”",
        "À table ! Il y a là 3 à 4 œufs.",
        "L’Haÿ-les-Roses",
        "Mae hi’n mynd â nhw adref.",
        "Það er gott veður á Íslandi.",
        "“HYVÄÄ PÄIVÄÄ” – sanoi hän.",
        "Le mot « façade » devient Ã§ dans un mauvais lecteur : é, è, à, ù, ê, î, ô, û, ë.",
        "It cost £5 – or €6.",
        "São Paulo: a decisão não é final.",
    ],
)
def test_cp1252_that_looks_like_utf8_in_places_is_read(text):
    """Letter and quote may form a UTF-8 sequence by chance: one such does not reject a page."""
    assert decode(text.encode("cp1252")) == Decoded(text, "cp1252")


@pytest.mark.parametrize(
    "data",
    [
        STORY.encode().replace("é".encode(), b"\xc3", 1),
        STORY.encode().replace("é".encode(), b"\xe9", 1),
        STORY.encode()[:-1] + b"\xff\n",
        CYRILLIC.encode()[:-1] + b"\xd0",
        CHINESE.encode()[:-2],
        b"a truncated quote: \xe2\x80 here, and no more of it",
        b"caf\xc3\xa9 and a letter overwritten: \xc3\xe9",
        b"plain text with \xff in it",
        b"plain text with \xff\xfe\xff in it",
        b"plain te\xc3(t",
        b"one caf\xc3\xa9 and one damaged \xc3 byte",
        codecs.BOM_UTF8 + b"caf\xe9 and nothing else",
        codecs.BOM_UTF16_LE + "odd".encode("utf-16-le") + b"\x20",
        "Паром вернулся на северный маршрут".encode("cp1251"),
        "渡轮重返北方航线，它在船坞停了十四周".encode("gbk"),
        b"undefined in cp1252: \x81 \x8d",
        b"caf\xe9 with one bell \x07" + b" and no more" * 9,
    ],
)
def test_what_would_be_mojibake_is_undecodable(data):
    """Broken UTF-8 and other code pages are rejected, not read as cp1252."""
    found = decode(data)
    assert isinstance(found, Undecoded)
    assert found.reason == "undecodable"


@given(st.integers(0, len(STORY.encode()) - 1))
def test_one_damaged_byte_in_utf8_never_gives_mojibake(at):
    """A byte of UTF-8 overwritten by FF is undecodable wherever it is."""
    data = bytearray(STORY.encode())
    data[at] = 0xFF
    assert isinstance(decode(bytes(data)), Undecoded)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)),
        b"%PDF-1.4\n" + bytes(range(256)) * 8,
        bytes(1000),
        b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00\x00\x00" * 20,
        b"plain but for bells" + b"\x07" * 3,
        codecs.BOM_UTF8 + b"\x01\x02\x03",
        codecs.BOM_UTF16_LE + bytes(40),
        b"".join(number.to_bytes(4, "little") for number in range(400)),
        b"".join((number * 37 % 997).to_bytes(2, "little") for number in range(400)),
    ],
)
def test_control_characters_tell_binary(data):
    """Over 1% of control characters is no text, whatever it would decode as."""
    found = decode(data)
    assert isinstance(found, Undecoded)
    assert found.reason == "binary"


def test_a_stray_nul_is_kept():
    """One NUL in a long page of UTF-8 is part of its text."""
    text = STORY + "\0" + STORY
    assert decode(text.encode()) == Decoded(text, "utf-8")


@pytest.mark.parametrize(
    "data",
    [
        "half \ud83d a pair".encode("utf-8", "surrogatepass"),
        codecs.BOM_UTF8 + "half \ud83d a pair".encode("utf-8", "surrogatepass"),
        codecs.BOM_UTF16_LE + "half \ud83d a pair".encode("utf-16-le", "surrogatepass"),
        codecs.BOM_UTF16_BE + "half \udc00 a pair".encode("utf-16-be", "surrogatepass"),
        "half \ud83d a pair".encode("utf-16-le", "surrogatepass"),
        "half \ud83d a pair".encode("utf-16-be", "surrogatepass"),
    ],
)
def test_half_a_pair_is_a_surrogate(data):
    """A lone surrogate is named as such, in UTF-8 and UTF-16."""
    found = decode(data)
    assert isinstance(found, Undecoded)
    assert found.reason == "surrogate"


def test_a_utf32_mark_is_not_taken_for_utf16():
    """FF FE 00 00 begins UTF-32, though it begins with UTF-16's mark."""
    assert decode(codecs.BOM_UTF32_LE + "né".encode("utf-32-le")) == Decoded("né", "utf-32-le-bom")


def test_empty_bytes_are_empty_text():
    """No bytes are no characters, in UTF-8."""
    assert decode(b"") == Decoded("", "utf-8")


def test_raw_bytes_win_over_text():
    """Where a page keeps its bytes, they are what was received."""
    assert rebuild_bytes("text", "utf-8", b'{"text": "text"}') == b'{"text": "text"}'


def test_an_unknown_encoding_is_refused():
    """Names outside the closed list do not encode, even if Python knows them."""
    with pytest.raises(ValueError, match="latin-1"):
        encode("text", "latin-1")
