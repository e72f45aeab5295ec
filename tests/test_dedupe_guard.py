"""The guard: no kept article swallows too much unseen."""

import pyarrow as pa
import pytest

from tasks.dedupe.decide import Decision, Withheld
from tasks.dedupe.guard import check_guard


def decide_as(groups):
    """A decision and its articles from {kept: [(withheld id, source), …]}."""
    withheld = {
        article_id: Withheld(kept, f"file:///{kept}.txt", "near", 0.91, 0.97, "")
        for kept, members in groups.items()
        for article_id, _ in members
    }
    return Decision(withheld), [one for members in groups.values() for one in members]


def published(count, source):
    """So many articles of a source that no one withholds."""
    return [(f"p{at}-{source}", source) for at in range(count)]


def check(decision, articles):
    """What the guard says of articles by id and source."""
    ids, sources = zip(*articles, strict=True)
    return check_guard(decision, pa.table({"article_id": ids, "source": sources}))


def test_a_usual_run_passes():
    """A few copies trip nothing."""
    decision, articles = decide_as({"k": [(f"a{at}", "site") for at in range(9)]})
    assert check(decision, articles + published(30, "site")) is None


@pytest.mark.parametrize(("count", "trips"), [(100, False), (101, True)])
def test_a_group_has_a_limit(count, trips):
    """One kept article may have a hundred copies."""
    decision, articles = decide_as({"k": [(f"a{at}", f"s{at}") for at in range(count)]})
    trip = check(decision, articles)
    assert (trip is not None) == trips
    assert trip is None or trip.rule == "group"


@pytest.mark.parametrize(("lost", "trips"), [(10, False), (11, True)])
def test_a_source_may_not_lose_most_of_its_articles_to_one(lost, trips):
    """Half of twenty is allowed, more is not."""
    decision, articles = decide_as({"k": [(f"a{at}", "site") for at in range(lost)]})
    trip = check(decision, articles + published(20 - lost, "site"))
    assert (trip is not None) == trips
    assert trip is None or trip.rule == "source-share"


def test_a_source_may_lose_all_to_many():
    """A feed that repeats another's articles, each of its own, is no fault."""
    decision, articles = decide_as({f"k{at}": [(f"a{at}", "site")] for at in range(40)})
    assert check(decision, articles) is None


def test_a_small_source_is_let_pass():
    """Of a source with few articles a share says nothing."""
    decision, articles = decide_as({"k": [(f"a{at}", "site") for at in range(19)]})
    assert check(decision, articles) is None


def test_the_message_names_the_pair_and_what_to_do():
    """Whoever reads it can look at the two texts."""
    decision, articles = decide_as({"kept": [(f"a{at:03}", "site") for at in range(120)]})
    trip = check(decision, articles)
    assert trip is not None
    assert (trip.kept_article_id, trip.example_article_id) == ("kept", "a000")
    told = ("rule group", "120 articles", "file:///kept.txt", "a000", "0.91", "max_group")
    for part in (*told, "--no-guard"):
        assert part in trip.message
