"""Mangled inputs by kind: each kind is a function of chance that gives a suffix and bytes."""

import gzip
import io
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from invented import make_story

Made = tuple[str, bytes]
"""A file's suffix, and what it holds."""


def write_inputs(folder: Path, count: int, seed: int) -> list[Path]:
    """Write so many inputs, a folder a kind; the rare kinds are those that are large."""
    chance = random.Random(seed)
    names = list(KINDS)
    written = []
    for number in range(count):
        kind = names[number % len(names)]
        if kind in RARE and chance.random() < 0.9:
            kind = chance.choice([one for one in names if one not in RARE])
        suffix, data = KINDS[kind](chance)
        name = strange_name(chance, number) if kind == "path name" else f"{number:05d}".encode()
        path = folder / kind / os.fsdecode(name + suffix.encode())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        written.append(path)
    return written


def strange_name(chance: random.Random, number: int) -> bytes:
    """A name that no file should have and that a file may have."""
    strange = chance.choice(
        [
            "new\nline",
            "carriage\rreturn",
            "tab\tand\x07bell",
            "a#L3",
            "per%cent%0A%2e%2e",
            "question?mark&x=1",
            "-rf",
            " blank ",
            "star*[a-z]{1,2}",
            "back\\slash",
            "gro\u202eper\u200b\ufeff",
            "quote'\"`$(x)",
            "😀 emoji e\u0301",
            "ingest_date=2025-01-01",
            "x" * 200,
        ]
    ).encode()
    if chance.random() < 0.2:
        strange += b"\xff\xfe\xc3"
    return f"{number:05d}".encode() + strange


def cut_off_gzip(chance: random.Random) -> Made:
    suffix, data = _packable(chance)
    return f"{suffix}.gz", _cut_off(chance, gzip.compress(data))


def cut_off_zstd(chance: random.Random) -> Made:
    suffix, data = _packable(chance)
    return f"{suffix}.zst", _cut_off(chance, zstandard.compress(data))


def damaged_packing(chance: random.Random) -> Made:
    suffix, data = _packable(chance)
    if chance.random() < 0.5:
        return f"{suffix}.gz", _damage(chance, gzip.compress(data) * chance.randint(1, 3))
    return f"{suffix}.zst", _damage(chance, zstandard.compress(data) * chance.randint(1, 3))


def bomb(chance: random.Random) -> Made:
    filler = chance.choice([b"\0", b"a", b"word \n", b'{"text":"', b"<div>", b"WARC/1.0\r\n"])
    data = filler * (chance.choice([10, 30, 60]) * 1_000_000 // len(filler))
    suffix = chance.choice([".txt", ".jsonl", ".html", ".warc", ".parquet"])
    packing = chance.choice([".gz", ".zst", ".gz twice", "record", "http"])
    if packing == ".zst":
        return f"{suffix}.zst", zstandard.compress(data)
    packed = gzip.compress(data, 6)
    if packing == ".gz twice":
        return f"{suffix}.gz", gzip.compress(packed)
    if packing == "record":
        line = b'{"text":"' + data.replace(b'"', b"'").replace(b"\n", b" ") + b'"}'
        return ".jsonl.gz", gzip.compress(line, 6)
    if packing == "http":
        return ".warc", _warc_record(packed, "Content-Encoding: gzip")
    return f"{suffix}.gz", packed


def nested_json(chance: random.Random) -> Made:
    depth = chance.choice([10, 500, 3_000, 100_000])
    text = json.dumps(make_story(chance.randrange(10**6)))
    lines = [
        "[" * depth,
        "[" * depth + "]" * depth,
        '{"text":' * depth + text + "}" * depth,
        '{"text":' + text + ',"more":' + "[" * depth + "]" * depth + "}",
        '{"text":' + text + ',"number":' + "9" * depth + "}",
        '{"text":[' + text + "]}",
        '{"text":' + text + ',"text":null}',
        '{"text":NaN,"title":Infinity}',
        '{"text":' + text + ',"title":{"a":1},"url":[],"published":1e999,"source":""}',
        '{"text":' + text + ',"url":"http://[::1","published":"31 Feb 99999 25:61"}',
        text,
        "null",
        "{}",
    ]
    return ".jsonl", "\n".join(chance.sample(lines, 4)).encode()


def wrong_parquet(chance: random.Random) -> Made:
    texts = [make_story(chance.randrange(10**6)) for _ in range(3)]
    columns: list[pa.Array] = [
        pa.array([1, 2, None]),
        pa.array([texts, None, []]),
        pa.array([one.encode() for one in texts]),
        pa.array([{"text": one} for one in texts]),
        pa.array([None, None, None], pa.string()),
        pa.array([1.5, float("nan"), None]),
        pa.array(texts).dictionary_encode(),
        pa.array(texts, pa.large_string()),
        pa.array([10**15, -(10**15), 0], pa.timestamp("s")),
    ]
    named = {
        chance.choice(["text", "text", "Text", "body", ""]): chance.choice(columns),
        chance.choice(["title", "url", "a\nb", "published", "source"]): chance.choice(columns),
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(named), sink, row_group_size=chance.randint(1, 3))
    data = sink.getvalue()
    how = chance.choice([lambda _, same: same, _damage, _cut_off, _splice])
    return ".parquet", how(chance, data)


def broken_warc(chance: random.Random) -> Made:
    records = []
    for _ in range(3):
        html = f"<html><body><p>{make_story(chance.randrange(10**6))}</p></body></html>".encode()
        extra = chance.choice(
            [
                "",
                "Transfer-Encoding: chunked",
                "Content-Encoding: br",
                "Content-Encoding: gzip, zstd",
                "Content-Type: text/html; charset=klingon",
                "X: " + "y" * chance.choice([10, 70_000]),
            ]
        )
        record = _warc_record(html, extra)
        length = chance.choice([b"-1", b"99999999999", b"0", b"1e3", b"", b"12"])
        if chance.random() < 0.5:
            record = record.replace(b"Content-Length: ", b"Content-Length: " + length, 1)
        records.append(chance.choice([lambda _, same: same, _damage, _cut_off])(chance, record))
    data = chance.choice([b"", b"\r\n\r\n", b"garbage"]).join(records)
    if chance.random() < 0.4:
        return ".warc.gz", _damage(chance, b"".join(map(gzip.compress, records)))
    return ".warc", data


def nuls(chance: random.Random) -> Made:
    text = make_story(chance.randrange(10**6))
    for _ in range(chance.choice([1, 3, 100])):
        at = chance.randrange(len(text))
        text = text[:at] + "\0" + text[at:]
    if chance.random() < 0.3:
        return ".jsonl", json.dumps({"text": text, "title": "a\0b", "url": "http://a\0/"}).encode()
    encoding = chance.choice(["utf-8", "utf-16-le", "utf-16-be", "utf-16", "utf-32"])
    return ".txt", text.encode(encoding)[: chance.choice([None, -1])]


def surrogates(chance: random.Random) -> Made:
    text = make_story(chance.randrange(10**6))
    at = chance.randrange(len(text))
    text = text[:at] + chance.choice(["\ud800", "\udfff", "\udc00\ud800", "\ud83d"]) + text[at:]
    if chance.random() < 0.5:
        whole = make_story(chance.randrange(10**6))
        name = chance.choice(["text", "title", "url", "source", "published", "\ud800"])
        return ".jsonl", json.dumps({"text": whole, name: text}).encode()
    encoding = chance.choice(["utf-8", "utf-16-le", "utf-16"])
    return chance.choice([".txt", ".html"]), text.encode(encoding, "surrogatepass")


def bidi_and_zero_width(chance: random.Random) -> Made:
    marks = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202d\u202e\u2066\u2067\u2069\ufeff\u00ad"
    strange = marks + "\u0301\u0336\u20dd\U000e0061\U0001f3fd\u2028\u2029\u0085"
    often = chance.choice([0.01, 0.2, 1.0])
    text = "".join(
        one
        + (chance.choice(strange) * chance.choice([1, 1, 40]) if chance.random() < often else "")
        for one in make_story(chance.randrange(10**6))
    )
    return chance.choice([".txt", ".html", ".md"]), text.encode()


def long_lines(chance: random.Random) -> Made:
    piece = chance.choice(
        [
            "a",
            "a ",
            ". ",
            "By ",
            "By Ilse Tornquist, ",
            "(((",
            "1/1/",
            "12:30 ",
            "http://a.b/",
            "\n",
            " \n",
            "\t",
            "a\n\n",
            "- - - ",
            "March 4, 2025 ",
            "Read more: ",
            "“",
            "é",
            "漢",
            "ا",
            "@a",
            "ORSTEN: ",
        ]
    )
    size = chance.choice([5_000, 100_000, 1_500_000])
    ending = chance.choice(["", "\n" + make_story(chance.randrange(10**6))])
    return ".txt", (piece * (size // len(piece.encode())) + ending).encode()


def wild_html(chance: random.Random) -> Made:
    tag = chance.choice(["div", "p", "table><tr><td", "b", "span", "a href=x", "ul><li", "font"])
    depth = chance.choice([100, 3_000, 50_000])
    story = make_story(chance.randrange(10**6))
    inside = chance.choice(
        [
            story,
            "&#0;&#xD800;&#x110000;&bogus;" * 50,
            "<script>" + "x" * 1000,
            "<!--" * 500,
            "<![CDATA[" + story,
            "<p>" + "</p><p>".join(story.split(". ")),
        ]
    )
    heads = ["", '<meta charset="utf-7">', "<?xml encoding='x'?>", "\ufeff<!doctype html>"]
    return ".html", f"{chance.choice(heads)}<html><body>{f'<{tag}>' * depth}{inside}".encode()


def noise(chance: random.Random) -> Made:
    suffix = chance.choice(["", ".txt", ".html", ".jsonl", ".parquet", ".warc", ".gz", ".txt.zst"])
    begin = chance.choice(
        [b"", b"\x1f\x8b\x08", b"PAR1", b"WARC/1.0\r\n", b"\xff\xfe", b"\xef\xbb\xbf"]
    )
    return suffix, begin + chance.randbytes(chance.choice([0, 1, 50, 5000]))


def damaged_text(chance: random.Random) -> Made:
    suffix, data = _packable(chance)
    return suffix, chance.choice([_damage, _cut_off, _splice])(chance, data)


def path_name(chance: random.Random) -> Made:
    return _packable(chance)


KINDS: dict[str, Callable[[random.Random], Made]] = {
    "gzip cut off": cut_off_gzip,
    "zstd cut off": cut_off_zstd,
    "packing damaged": damaged_packing,
    "bomb": bomb,
    "JSON nested": nested_json,
    "Parquet wrong": wrong_parquet,
    "WARC broken": broken_warc,
    "NULs": nuls,
    "surrogates": surrogates,
    "bidi and zero-width": bidi_and_zero_width,
    "long lines": long_lines,
    "HTML wild": wild_html,
    "noise": noise,
    "text damaged": damaged_text,
    "path name": path_name,
}
RARE = {"bomb", "long lines", "HTML wild"}


def _packable(chance: random.Random) -> Made:
    """A good file."""
    story = make_story(chance.randrange(10**6))
    suffix = chance.choice([".txt", ".jsonl", ".html", ".warc"])
    if suffix == ".jsonl":
        lines = [json.dumps({"text": make_story(chance.randrange(10**6))}) for _ in range(3)]
        return suffix, "\n".join(lines).encode()
    html = f"<html><head><title>A page</title></head><body><p>{story}</p></body></html>".encode()
    if suffix == ".warc":
        return suffix, _warc_record(html) * 2
    return suffix, html if suffix == ".html" else story.encode()


def _warc_record(body: bytes, header: str = "") -> bytes:
    fields = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + (f"{header}\r\n" if header else "")
    block = fields.encode() + b"\r\n" + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://paper.example/a\r\n"
        "WARC-Date: 2025-03-04T08:15:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"WARC-Record-ID: <urn:uuid:0>\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def _cut_off(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _damage(chance: random.Random, data: bytes) -> bytes:
    """Some bytes replaced."""
    damaged = bytearray(data)
    for _ in range(chance.choice([1, 5, 50])):
        if damaged:
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _splice(chance: random.Random, data: bytes) -> bytes:
    """A stretch moved elsewhere."""
    begin, end, at = sorted(chance.randrange(len(data) + 1) for _ in range(3))
    return data[:begin] + data[end:at] + data[begin:end] + data[at:]
