"""The same text in every form it may come in: cut alike, and given back byte for byte."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks.lake.layout import Lake
from tasks.lake.restore import rebuild_page
from tasks.lake.tables import read

TEXT = """\
Fährbetrieb: Café owners on the quay ask for a later boat

By Noémie Løvstad

5 March 2025

The ferry between the old town and the Île d'Arsel should sail until midnight in summer, the \
owners of eleven cafés wrote to the council on Tuesday – “or nobody will stay for dinner”.

The boat leaves at 21.30 today. Those who miss it pay €40 for a water taxi, or wait on the \
quay until half past five. A survey in August counted ninety people a week who did.

The council’s answer is expected in April. Its treasurer, José Brøgger, said that a crew for \
the night costs 210,000 crowns a season, and that the café owners had offered to pay a third.
"""
"""Invented; every character of it is in cp1252 and few are in ASCII."""

FORMS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "utf-8": ("page.txt", lambda text: text.encode()),
    "utf-8 with BOM": ("page.txt", lambda text: text.encode("utf-8-sig")),
    "utf-16 LE": ("page.txt", lambda text: b"\xff\xfe" + text.encode("utf-16-le")),
    "utf-16 BE": ("page.txt", lambda text: b"\xfe\xff" + text.encode("utf-16-be")),
    "cp1252": ("page.txt", lambda text: text.encode("cp1252")),
    "CRLF": ("page.txt", lambda text: text.replace("\n", "\r\n").encode()),
    "CRLF in utf-16": (
        "page.txt",
        lambda text: b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le"),
    ),
    "record": ("page.jsonl", lambda text: _record(text) + b"\n"),
    "record, escaped": ("page.jsonl", lambda text: json.dumps({"text": text}).encode()),
    "record with CRLF": (
        "page.jsonl",
        lambda text: _record(text.replace("\n", "\r\n")) + b"\r\n" + _record("Another.") + b"\r\n",
    ),
    "gzip": ("page.txt.gz", lambda text: gzip.compress(text.encode())),
    "record in gzip": ("page.jsonl.gz", lambda text: gzip.compress(_record(text) + b"\n")),
}
"""By name: the file's name, and its bytes for a text."""


def _record(text: str) -> bytes:
    return json.dumps({"id": 7, "text": text}, ensure_ascii=False).encode()


def ingest_forms(desk: Any, folder: Path, texts: dict[str, str]) -> Lake:
    """Ingest each text in each form that can hold it, one folder a form; gives the lake."""
    sources = []
    for form, (name, encode) in FORMS.items():
        for title, text in texts.items():
            try:
                content = encode(text)
            except UnicodeEncodeError:
                continue
            path = folder / form / title / name
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
            sources.append(path)
    with desk(folder / "lake", "run", *sources) as ingest:
        ingest.work_through()
    return Lake(folder / "lake")


def pages_of(lake: Lake) -> dict[tuple[str, str], dict[str, Any]]:
    """The pages by form and title; of a file of records, the first."""
    found = {}
    for page in read(lake, "pages").to_pylist():
        path, _, record = page["source_uri"].partition("#L")
        if record in ("", "1"):
            form, title = path.replace("%20", " ").replace("%2C", ",").split("/")[-3:-1]
            found[form, title] = page
    return found


def received(lake: Lake, form: str, title: str) -> bytes:
    """The page's bytes as they came in: the file decompressed, or its first line."""
    name, _ = FORMS[form]
    content = (lake.root.parent / form / title / name).read_bytes()
    content = gzip.decompress(content) if name.endswith(".gz") else content
    return content.split(b"\n")[0] if "jsonl" in name else content


def cut_of(lake: Lake, page: dict[str, Any]) -> tuple[Any, ...]:
    """What was cut of a page, without a word on line ends."""
    text = page["text"]
    labelled = [
        (span["label"], span["article"], _plain(text[span["start"] : span["end"]]))
        for span in page["spans"]
    ]
    articles = [
        (row["position"], row["title"], row["authors"], row["published_at"], _plain(row["text"]))
        for table in ("articles", "duplicates")
        for row in read(lake, table).to_pylist()
        if row["source_uri"] == page["source_uri"]
    ]
    return labelled, sorted(articles)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


@pytest.fixture(scope="module")
def invented(desk: Any, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of the invented text in every form."""
    return ingest_forms(desk, tmp_path_factory.mktemp("forms"), {"invented": TEXT})


@pytest.fixture(scope="module")
def real(desk: Any, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of the real documents in every form."""
    files = sorted((shared / "seeds").glob("*.txt"))
    texts = {file.name: file.read_bytes().decode() for file in files}
    assert len(texts) == 5
    return ingest_forms(desk, tmp_path_factory.mktemp("real-forms"), texts)


@pytest.mark.parametrize("form", FORMS)
def test_a_text_in_any_form_comes_back(invented: Lake, form: str) -> None:
    """``rebuild`` gives the bytes that came in."""
    page = pages_of(invented)[form, "invented"]
    assert rebuild_page(invented, page["page_id"]) == received(invented, form, "invented")


@pytest.mark.parametrize("form", FORMS)
def test_a_text_in_any_form_is_cut_alike(invented: Lake, form: str) -> None:
    """The same labels, the same article, the same metadata."""
    pages = pages_of(invented)
    expected = cut_of(invented, pages["utf-8", "invented"])
    assert cut_of(invented, pages[form, "invented"]) == expected
    (article,) = expected[1]
    assert article[1:3] == (
        "Fährbetrieb: Café owners on the quay ask for a later boat",
        ["Noémie Løvstad"],
    )


def test_one_text_is_published_once(invented: Lake) -> None:
    """The other forms are withheld as equal, each with the article that was kept."""
    (kept,) = [row for row in read(invented, "articles").to_pylist() if row["title"] is not None]
    copies = read(invented, "duplicates").to_pylist()
    assert len(copies) == len(FORMS) - 1
    assert {(row["kept_article_id"], row["kind"]) for row in copies} == {
        (kept["article_id"], "exact")
    }


@pytest.mark.parametrize("form", FORMS)
def test_real_pages_in_any_form_come_back(real: Lake, form: str) -> None:
    """``rebuild`` gives the bytes that came in; all five but where cp1252 has no such letter."""
    pages = pages_of(real)
    titles = {title for one, title in pages if one == form}
    assert titles == {path.name for path in (real.root.parent / form).iterdir()}
    assert len(titles) == 5 or form == "cp1252"
    for title in titles:
        page_id = pages[form, title]["page_id"]
        assert rebuild_page(real, page_id) == received(real, form, title), title


@pytest.mark.parametrize("form", FORMS)
def test_real_pages_in_any_form_are_cut_alike(real: Lake, form: str) -> None:
    """The same labels, the same articles, the same metadata as in UTF-8."""
    pages = pages_of(real)
    for one, title in pages:
        if one == form:
            expected = cut_of(real, pages["utf-8", title])
            assert expected[1]
            assert cut_of(real, pages[form, title]) == expected, title
