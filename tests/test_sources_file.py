"""A sources file: blocks that say where pages are and what holds for them; and backfills."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.settings import IngestSettings, make_settings
from tasks.errors import SettingError
from tasks.lake.layout import Lake
from tasks.lake.restore import rebuild_page
from tasks.lake.tables import read
from tasks.read.discover import list_inputs
from tasks.read.origins import load_origins
from tasks.read.plan import Room, plan_shards
from tasks.read.stored import restore_page
from tasks.report.summary import check_balance
from tasks.text.declared import prefer_declared
from tasks.text.language import Language
from tasks.work.cutter import Cutter

DATED = (
    "Ferry resumes\n\nBy Ilse Tornquist\n\nMarch 4, 2025 10:30 am\n\n"
    "The ferry resumed its crossings on Tuesday after a long winter of repairs in the yard.\n\n"
    "Its crew said that the engine had been taken apart twice before the fault was found.\n"
)


PACK = """
[[rule]]
id = "valley.slogan"
why = "The paper's slogan."
scope = "line"
match = 'Valley Wire, always there[.]'
removes = ["Valley Wire, always there."]
keeps = ["Valley Wire, always there for you."]
"""
SLOGAN = "Valley Wire, always there.\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a sources file, and files beside it."""

    def write(text: str, **files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_txt", ".txt").replace(
                "_toml", ".toml"
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (tmp_path / "sources.toml").write_text(text)
        return tmp_path / "sources.toml"

    return write


def test_a_block_says_what_holds_for_its_pages(write: Callable[..., Path], tmp_path: Path) -> None:
    """Local places and packs count from the file's folder; what is not said is None."""
    path = write(
        """
[[source]]
at = ["valley", "s3://wire/valley/*.txt"]
name = "valleywire.example"
zone = "America/New_York"
language = "en"
encoding = "windows-1251"
rules = ["house.toml"]
max_page_bytes = 1_000_000
page_seconds = 5
since = 2025-03-04
limit = 100

[[source]]
at = "harbour"
"""
    )
    first, second = load_origins(path)
    assert first.at == (str(tmp_path / "valley"), "s3://wire/valley/*.txt")
    assert (first.name, first.zone, first.language) == (
        "valleywire.example",
        "America/New_York",
        "en",
    )
    assert first.rules == (tmp_path / "house.toml",)
    assert (first.max_page_bytes, first.page_seconds, first.limit) == (1_000_000, 5.0, 100)
    assert first.since == datetime(2025, 3, 4, tzinfo=UTC)
    assert second.at == (str(tmp_path / "harbour"),)
    assert (second.name, second.zone, second.rules, second.limit) == (None, None, (), None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[source]]\nat = 'a'\n\nname = ''", "sources.toml:4: `name`: a name"),
        ("[[source]]\nat='a'\n[[source]]\nat='b'\nzone='Mars'", "sources.toml:5: `zone`: 'Mars'"),
        ("[[source]]\nat = 'a'\nlanguage = 'English'", "sources.toml:3: `language`: 'English'"),
        ("[[source]]\nat = 'a'\nencoding = 'rot13'", "sources.toml:3: `encoding`: 'rot13'"),
        ("[[source]]\nat = 'a'\nlimit = 0", "sources.toml:3: `limit`: a whole number"),
        ("[[source]]\nat = 'a'\nsince = 'soon'", "sources.toml:3: `since`: 'soon' is no date"),
        ("[[source]]\nat = 'a'\nurl = 'b'", "sources.toml:3: `url`: no such key. There are at"),
        ("\n[[source]]\nname = 'a'", "sources.toml:2: `at`: say where"),
        ("[[source]]\nat = 7", "sources.toml:2: `at`: a path"),
        ("[[source]]\nat = = 'a'\n", r"sources.toml: no TOML: .*line 2"),
        ("[[sources]]\nat = 'a'", r"one \[\[source\]\] block a source.*found `sources`"),
        ("", "block a source"),
    ],
)
def test_a_mistake_is_told_with_its_line(write: Callable[..., Path], text: str, told: str) -> None:
    """File, line, key, what is wrong and what may stand there."""
    with pytest.raises(SettingError, match=told):
        load_origins(write(text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(SettingError, match=r"sources\.toml: No such file"):
        load_origins(tmp_path / "sources.toml")


def test_something_must_be_read() -> None:
    """By arguments, or by a sources file."""
    with pytest.raises(SettingError, match="SOURCE arguments, or --sources FILE"):
        make_settings(IngestSettings, sources=[])
    assert make_settings(IngestSettings, sources=[], sources_file="sources.toml").sources == ()
    assert make_settings(IngestSettings, sources=["a"], since="2025-03-04").since == datetime(
        2025, 3, 4, tzinfo=UTC
    )


def ingest(desk: Any, lake: Path, run_id: str, *sources: str, **job: Any) -> Any:
    """An ingest from its start to its end, with settings of the job's."""
    with desk(lake, run_id, *sources) as run:
        run.recover()
        run.set(**job)
        run.plan()
        summary = run.finish()
    assert check_balance(summary.counts) is None
    return summary


def test_its_pages_are_read_as_the_block_says(
    desk: Any, write: Callable[..., Path], tmp_path: Path, story: Callable[[int], str]
) -> None:
    """Source, zone and encoding; the bytes come back. Pages of others are as ever."""
    russian = "Паром возобновил рейсы во вторник после долгого ремонта на верфи.\n" * 3
    path = write(
        """
[[source]]
at = "valley"
name = "valleywire.example"
zone = "America/New_York"

[[source]]
at = "neva"
encoding = "windows-1251"
""",
        valley__a_txt=DATED,
        neva__b_txt=russian.encode("cp1251"),
        other__c_txt=story(1),
    )
    lake = tmp_path / "lake"
    ingest(desk, lake, "one", str(tmp_path / "other"), origins=load_origins(path))
    articles = {row["source"]: row for row in read(Lake(lake), "articles").to_pylist()}
    pages = {row["source"]: row for row in read(Lake(lake), "pages").to_pylist()}
    assert set(pages) == {"valleywire.example", "neva", "other"}
    published = articles["valleywire.example"]["published_at"]
    assert published == datetime(2025, 3, 4, 15, 30, tzinfo=UTC)
    assert pages["neva"]["text"] == russian
    assert articles["neva"]["language"] == "ru"
    assert rebuild_page(Lake(lake), pages["neva"]["page_id"]) == russian.encode("cp1251")


def test_its_rules_cut_its_pages_only(
    desk: Any, write: Callable[..., Path], tmp_path: Path, story: Callable[[int], str]
) -> None:
    """A pack of one source's own."""
    path = write(
        '[[source]]\nat = "valley"\nrules = ["valley.toml"]\n[[source]]\nat = "harbour"\n',
        valley_toml=PACK,
        valley__a_txt=story(1) + SLOGAN,
        harbour__a_txt=story(2) + SLOGAN,
    )
    ingest(desk, tmp_path / "lake", "one", origins=load_origins(path))
    cut = {
        row["source"]: "valley.slogan" in {span["rule"] for span in row["spans"]}
        for row in read(Lake(tmp_path / "lake"), "pages").to_pylist()
    }
    assert cut == {"valley": True, "harbour": False}


def test_its_pages_are_cut_again_as_they_were(
    desk: Any, write: Callable[..., Path], tmp_path: Path
) -> None:
    """A reprocess needs no sources file: what cutting hangs on is kept with the page."""
    path = write(
        '[[source]]\nat = "valley"\nzone = "America/New_York"\nlanguage = "en"\n'
        'rules = ["valley.toml"]\n',
        valley_toml=PACK,
        valley__a_txt=DATED + SLOGAN,
    )
    with desk(tmp_path / "lake", "one") as run:
        run.recover()
        run.set(origins=load_origins(path))
        run.plan()
        run.finish()
        (row,) = read(run.lake, "pages").to_pylist()
        (article,) = read(run.lake, "articles").to_pylist()
        again = restore_page(row)
        cutter = Cutter(replace(run.job, origins=()))
        cut = cutter.cut(again)
    assert [span._asdict() for span in cut.spans] == row["spans"]
    assert cut.articles[0].published_at == article["published_at"]
    assert cutter.rules_of(again).digest == row["rules_version"]
    assert again.declared is not None
    assert again.declared.language == "en"


def test_its_limits_hold_for_its_pages_only(
    desk: Any, write: Callable[..., Path], tmp_path: Path, story: Callable[[int], str]
) -> None:
    """A page's size, here."""
    path = write(
        '[[source]]\nat = "valley"\nmax_page_bytes = 100\n[[source]]\nat = "harbour"\n',
        valley__a_txt=story(1),
        harbour__a_txt=story(2),
    )
    summary = ingest(desk, tmp_path / "lake", "one", origins=load_origins(path))
    assert summary.counts["rejected.too-large"] == 1
    assert summary.counts["pages_new"] == 1


def test_an_input_is_of_the_first_block_that_names_it(
    desk: Any, write: Callable[..., Path], tmp_path: Path, story: Callable[[int], str]
) -> None:
    """And read once, though an argument names it too."""
    path = write(
        '[[source]]\nat = "valley/a.txt"\nname = "one"\n[[source]]\nat = "valley"\nname = "two"\n',
        valley__a_txt=story(1),
        valley__b_txt=story(2),
    )
    ingest(desk, tmp_path / "lake", "one", str(tmp_path / "valley"), origins=load_origins(path))
    pages = read(Lake(tmp_path / "lake"), "pages").to_pylist()
    assert {Path(row["source_uri"]).name: row["source"] for row in pages} == {
        "a.txt": "one",
        "b.txt": "two",
    }


@pytest.mark.parametrize(
    ("found", "taken"),
    [
        (Language("und", None), Language("de", None)),
        (Language("nl", 0.6), Language("de", None)),
        (Language("de", 0.6), Language("de", 0.6)),
        (Language("en", 0.99), Language("en", 0.99)),
    ],
)
def test_a_declared_language_counts_where_detection_is_unsure(
    found: Language, taken: Language
) -> None:
    """It is not measured, so it has no confidence; a sure other one is believed."""
    assert prefer_declared(found, "de") == taken


@pytest.fixture
def archive(tmp_path: Path, story: Callable[[int], str]) -> Path:
    """Six pages, the last name the oldest, a day apart."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(6):
        path = folder / f"{number}.txt"
        path.write_text(story(number))
        at = datetime(2025, 3, 10 - number, tzinfo=UTC).timestamp()
        os.utime(path, (at, at))
    return folder


def names(lake: Path) -> list[str]:
    """The pages of a lake, by their names."""
    return sorted(Path(uri).name for uri in read(Lake(lake), "pages")["source_uri"].to_pylist())


def test_a_backfill_takes_the_oldest_first_and_goes_on_from_there(
    desk: Any, archive: Path, tmp_path: Path
) -> None:
    """Until nothing is left; it says how much is."""
    lake = tmp_path / "lake"
    first = ingest(desk, lake, "one", str(archive), limit=4)
    assert names(lake) == ["2.txt", "3.txt", "4.txt", "5.txt"]
    assert first.counts["inputs_left"] == 2
    assert "Left 2 inputs" in " ".join(first.notes)
    second = ingest(desk, lake, "two", str(archive), limit=4)
    assert names(lake) == [f"{number}.txt" for number in range(6)]
    assert "inputs_left" not in second.counts
    assert ingest(desk, lake, "three", str(archive), limit=4).state == "nothing-new"


def test_what_is_older_than_since_is_left_alone(desk: Any, archive: Path, tmp_path: Path) -> None:
    """Of that moment and later ones it reads all."""
    since = datetime(2025, 3, 8, tzinfo=UTC)
    ingest(desk, tmp_path / "lake", "one", str(archive), since=since)
    assert names(tmp_path / "lake") == ["0.txt", "1.txt", "2.txt"]


def test_a_block_has_a_limit_and_a_date_of_its_own(
    desk: Any, archive: Path, write: Callable[..., Path], tmp_path: Path
) -> None:
    """Beside those of the run."""
    path = write(
        '[[source]]\nat = "archive/[0-2].txt"\nlimit = 1\n'
        '[[source]]\nat = "archive"\nsince = 2025-03-07\n'
    )
    ingest(desk, tmp_path / "lake", "one", origins=load_origins(path))
    assert names(tmp_path / "lake") == ["2.txt", "3.txt"]


def test_an_input_is_taken_whole(tmp_path: Path) -> None:
    """The last one may go beyond the limit, or a file larger than it would never be read."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text('{"text": "The mill was sold."}\n' * 30)
    refs = list(list_inputs([tmp_path]))
    plan = plan_shards(refs, Room(10))  # type: ignore[arg-type]
    assert (sum(shard.pages for shard in plan.shards), plan.left) == (30, 1)


def test_a_killed_backfill_redoes_no_finished_shard(
    desk: Any, archive: Path, tmp_path: Path
) -> None:
    """The next run takes them over, though it has another limit."""
    lake = tmp_path / "lake"
    with suppress(KeyboardInterrupt), desk(lake, "dying", str(archive)) as run:
        run.recover()
        run.set(limit=3)
        run.plan()
        run.cut()
        raise KeyboardInterrupt
    with desk(lake, "next", str(archive)) as run:
        run.recover()
        run.set(limit=5)
        plan = run.plan()
        assert [shard.counts["pages_in"] for shard in plan.staged] == [3]
        assert plan.pages == 2
        run.finish()
    assert names(lake) == ["1.txt", "2.txt", "3.txt", "4.txt", "5.txt"]


@pytest.mark.flow
def test_the_command_takes_a_sources_file(
    copydesk: Any, archive: Path, write: Callable[..., Path], tmp_path: Path
) -> None:
    """With a limit and a date; it says what is left; without anything to read it is wrong usage."""
    path = write('[[source]]\nat = "archive"\nname = "archive.example"\n')
    lake = tmp_path / "lake"
    backfill = ["--sources", path, "--lake", lake, "--limit", "2", "--since", "2025-03-07"]
    done = copydesk("ingest", *backfill)
    assert done.returncode == 0, done.stderr
    assert "Left 2 inputs for the next run" in done.stdout
    assert names(lake) == ["2.txt", "3.txt"]
    assert set(read(Lake(lake), "pages")["source"].to_pylist()) == {"archive.example"}
    done = copydesk("ingest", "--lake", lake)
    assert (done.returncode, done.stderr.count("say what to read")) == (2, 1)
