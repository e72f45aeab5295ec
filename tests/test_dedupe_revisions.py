"""Updated stories: published, and linked to the one that they supersede."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dedupe.candidates import Candidate, Candidates, Earlier, MemoryIndex, MemoryTexts
from tasks.dedupe.decide import decide
from tasks.dedupe.fingerprint import fingerprint
from tasks.dedupe.revisions import is_revision
from tasks.dedupe.verdicts import measure

NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)
FIRST = """A warehouse fire in the old tannery quarter has driven forty families from their
homes, the fire brigade of Ostermouth said. Crews were called shortly before four in the
morning, when a baker on his way to work saw smoke above the roofs. Nobody was hurt, but the
roof of the warehouse fell in an hour later and the streets around it are closed. The families
were taken to a school hall, where the town has put up beds. What set the building alight is not
known."""
MORE = """

The mayor, Ines Oduya, visited the school hall in the afternoon and promised that every family
would sleep in a proper bed by the weekend. Two hotels have offered rooms at no charge."""
STILL_MORE = """

By evening the last of the flames were out, and an inspector from the insurer walked through what
is left. He would not say when the streets might open again, or whether the wall will be pulled
down."""
OTHER = """Volunteers counted the swifts above the town on Sunday evening and found more than in any
year since the count began, which their leader puts down to nest boxes under the new school roof."""


def article(article_id, text, published_at=NOON, **facts):
    """An article of this run."""
    prints = fingerprint(text)
    given_facts = {"source": "site", "source_uri": f"file:///{article_id}.txt"} | facts
    return Candidate(
        article_id=article_id,
        words=len(text.split()),
        text_hash=prints.text_hash,
        signature=prints.signature,
        shingles=prints.shingles,
        published_at=published_at,
        **given_facts,
    )


def published(candidate):
    """The same article, as an earlier run published it."""
    names = (name for name in Earlier.__slots__)
    return Earlier(**{name: getattr(candidate, name) for name in names})


def run(articles, earlier=(), mode="near"):
    """Decide on pairs of candidate and text, after earlier pairs."""
    texts = {one.article_id: text for one, text in [*articles, *earlier]}
    index = MemoryIndex([published(one) for one, _ in earlier])
    candidates = Candidates.of([one for one, _ in articles])
    return decide(candidates, index, MemoryTexts(texts), mode)


def versions(*texts, **facts):
    """Versions of a story, an hour apart."""
    return [
        (article(f"v{at}", text, NOON + timedelta(hours=at), **facts), text)
        for at, text in enumerate(texts)
    ]


def test_an_updated_story_is_published_and_linked():
    """In one run with the story that it updates: both are published."""
    decision = run(versions(FIRST, FIRST + MORE))
    assert (decision.withheld, decision.supersedes) == ({}, {"v1": "v0"})


def test_an_update_of_an_earlier_run_s_story_is_linked():
    """What is published stays, and the update stands beside it."""
    old, new = versions(FIRST, FIRST + MORE)
    decision = run([new], [old])
    assert (decision.withheld, decision.supersedes) == ({}, {"v1": "v0"})


def test_a_revision_supersedes_the_latest_before_it():
    """Of three versions the third points at the second, in one run and in three."""
    one, two, three = versions(FIRST, FIRST + MORE, FIRST + MORE + STILL_MORE)
    assert run([three, one, two]).supersedes == {"v1": "v0", "v2": "v1"}
    assert run([three], [one, two]).supersedes == {"v2": "v1"}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_links_do_not_depend_on_order(data):
    """Any order of the candidates gives the same links and the same copies."""
    pairs = versions(FIRST, FIRST + MORE, OTHER, FIRST + MORE + STILL_MORE)
    pairs += [(article("copy", FIRST + MORE, NOON), FIRST + MORE)]
    assert run(data.draw(st.permutations(pairs))) == run(pairs)


def test_a_page_that_grew_in_place_supersedes_what_was_on_it():
    """Without a date, or with the old one, the page's own address and the run tell the later."""
    for date in (None, NOON):
        old = article("a", FIRST, date, source_uri="file:///page.txt")
        new = article("b", FIRST + MORE, date, source_uri="file:///page.txt")
        decision = run([(new, FIRST + MORE)], [(old, FIRST)])
        assert (decision.withheld, decision.supersedes) == ({}, {"b": "a"})


def test_a_crawl_of_one_address_again_supersedes_too():
    """Records of two crawls have one URL and lie in two files."""
    old, new = (article(one, text, None, url="https://a.example/1") for one, text in CRAWLS)
    assert run([(new, FIRST + MORE)], [(old, FIRST)]).supersedes == {"b": "a"}


CRAWLS = [("a", FIRST), ("b", FIRST + MORE)]


def test_an_older_version_that_comes_later_is_withheld():
    """The update has all that it says, and cannot be linked to it any more."""
    old, new = versions(FIRST, FIRST + MORE)
    decision = run([old], [new])
    assert decision.withheld["v0"].kept_article_id == "v1"
    assert decision.supersedes == {}


def test_a_copy_of_a_revision_is_withheld():
    """Another site's copy points at the revision; the link stays."""
    pairs = versions(FIRST, FIRST + MORE)
    copy = article("w", FIRST + MORE, NOON + timedelta(hours=3), source="elsewhere")
    decision = run([*pairs, (copy, FIRST + MORE)])
    assert decision.supersedes == {"v1": "v0"}
    assert decision.withheld["w"].kept_article_id == "v1"


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"text": FIRST + MORE, "source": "elsewhere"}, {}),
        ({"text": FIRST + MORE, "published_at": NOON}, {}),
        ({"text": FIRST + MORE, "published_at": None}, {}),
        ({"text": FIRST + " It is not known."}, {}),
        ({"text": FIRST}, {"text": FIRST + MORE}),
        ({"text": STILL_MORE + MORE + FIRST}, {}),
    ],
    ids=["other site", "same date", "no date", "no more text", "less text", "other opening"],
)
def test_what_is_no_revision(newer, older):
    """Each of the four conditions must hold: site, opening, later date, more text."""
    later = {"text": FIRST, "published_at": NOON + timedelta(hours=1)} | newer
    sooner = {"text": FIRST, "published_at": NOON} | older
    one, two = article("b", **later), article("a", **sooner)
    texts = measure(later["text"]), measure(sooner["text"])
    assert not is_revision(one, two, *texts)


def test_a_changed_lead_is_the_same_opening():
    """A figure and a verb in the lead may be others."""
    update = FIRST.replace("forty families", "fifty families").replace("driven", "chased") + MORE
    assert run(versions(FIRST, update)).supersedes == {"v1": "v0"}


@pytest.mark.parametrize("mode", ["exact", "off"])
def test_links_are_verdicts_of_near(mode):
    """Where near copies are not looked for, nothing is linked."""
    assert run(versions(FIRST, FIRST + MORE), mode=mode).supersedes == {}


def test_a_better_copy_that_comes_later_is_flagged():
    """It is withheld, since what is published stays published; by the stated order it is better."""
    old = article("a", FIRST, None)
    better = article("b", FIRST, NOON, title="Fire drives forty families out")
    worse = article("c", FIRST, None, source="elsewhere")
    withheld = run([(better, FIRST), (worse, FIRST)], [(old, FIRST)]).withheld
    assert {one: verdict.is_better for one, verdict in withheld.items()} == {"b": True, "c": False}


def test_within_a_run_no_withheld_copy_is_better():
    """The order chooses who is kept, so none that it prefers is withheld."""
    pairs = versions(FIRST, FIRST + MORE, FIRST, FIRST + " It was so.")
    assert not any(one.is_better for one in run(pairs).withheld.values())


def story_page(title, date, text):
    """A page as plain text, a line a paragraph."""
    lines = "\n\n".join(" ".join(one.split()) for one in text.split("\n\n"))
    return f"{title}\n\nBy Ada Winslow\n\nPublished {date}\n\n{lines}\n"


def test_the_lake_has_link_flag_and_counts(desk, tmp_path):
    """Across runs: the revision's row names the old one, and a better copy's row has the flag."""
    from tasks.lake.layout import Lake
    from tasks.lake.tables import read

    page = tmp_path / "feed" / "page.txt"
    page.parent.mkdir()
    page.write_text(" ".join(FIRST.split()))
    with desk(tmp_path / "lake", "one", page.parent) as first:
        first.work_through()
    title = "Fire in the tannery quarter drives families out"
    page.write_text(story_page(title, "4 March 2025, 16:00 UTC", FIRST + MORE))
    copy = tmp_path / "feed" / "copy.txt"
    copy.write_text(story_page(title, "4 March 2025, 11:00 UTC", FIRST))
    with desk(tmp_path / "lake", "two", page.parent) as second:
        summary = second.work_through()
    lake = Lake(tmp_path / "lake")
    rows = {row["run_id"]: row for row in read(lake, "articles").to_pylist()}
    assert rows["one"]["supersedes"] is None
    assert rows["two"]["supersedes"] == rows["one"]["article_id"]
    (withheld,) = read(lake, "duplicates").to_pylist()
    assert "better-copy" in withheld["quality_flags"]
    assert (summary.counts["articles_superseding"], summary.counts["withheld.better_copy"]) == (
        1,
        1,
    )
