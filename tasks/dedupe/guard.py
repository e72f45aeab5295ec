"""Stops a run in which one kept article would swallow too much: mostly a page's common text."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.decide import Decision

K = TypeVar("K", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class GuardTrip:
    """Why a decision should not be published as it is."""

    rule: str
    """``group`` or ``source-share``."""
    kept_article_id: str
    example_article_id: str
    """One of the articles that would be withheld: look at the pair."""
    message: str
    """What happened and what to do, for a person."""


def check_guard(
    decision: Decision,
    articles: pa.Table,
    *,
    max_group: int = 100,
    max_source_share: float = 0.5,
    min_source_articles: int = 20,
) -> GuardTrip | None:
    """The worst breach of the guard's limits; None where there is none.

    One kept article may have at most ``max_group`` others withheld, and at most the share
    ``max_source_share`` of one source's articles of the run, where there are at least
    ``min_source_articles``. ``articles`` are all of the run: ``article_id`` and ``source``.
    """
    by_kept = Counter(one.kept_article_id for one in decision.withheld.values())
    for kept, count in _most_first(by_kept):
        if count > max_group:
            example = _example(decision, kept, decision.withheld)
            what = f"{count} articles would be withheld as copies of one, more than {max_group}"
            return _trip("group", kept, example, what, decision)
    source_of, total = _count_sources(decision, articles)
    by_source = Counter(
        (source_of[article_id], one.kept_article_id)
        for article_id, one in decision.withheld.items()
    )
    for (source, kept), count in _most_first(by_source):
        if total[source] >= min_source_articles and count > max_source_share * total[source]:
            of_source = [one for one in decision.withheld if source_of[one] == source]
            example = _example(decision, kept, of_source)
            what = (
                f"source {source!r} would lose {count} of its {total[source]} articles to one, "
                f"more than the share {max_source_share:g}"
            )
            return _trip("source-share", kept, example, what, decision)
    return None


def _count_sources(decision: Decision, articles: pa.Table) -> tuple[dict[str, str], Counter[str]]:
    """The sources of the withheld articles, and how many articles each source has."""
    withheld = pa.array(decision.withheld, pa.string())
    rows = articles.filter(pc.is_in(articles["article_id"], value_set=withheld))
    of_withheld = dict(zip(rows["article_id"].to_pylist(), rows["source"].to_pylist(), strict=True))
    counts = pc.value_counts(articles["source"].combine_chunks().cast(pa.string()))
    names, sizes = (counts.field(name).to_pylist() for name in ("values", "counts"))
    return of_withheld, Counter(dict(zip(names, sizes, strict=True)))


_LIMITS = {"group": "max_group", "source-share": "max_source_share"}


def _most_first(counts: Counter[K]) -> list[tuple[K, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _example(decision: Decision, kept: str, article_ids: Iterable[str]) -> str:
    return min(one for one in article_ids if decision.withheld[one].kept_article_id == kept)


def _trip(rule: str, kept: str, example: str, what: str, decision: Decision) -> GuardTrip:
    one = decision.withheld[example]
    return GuardTrip(
        rule,
        kept,
        example,
        f"Dedupe guard, rule {rule}: {what}.\n"
        f"Kept: {kept} ({one.kept_source_uri}); withheld, for one: {example} ({one.kind}, Jaccard "
        f"{one.jaccard:.2f}, containment {one.containment:.2f}).\n"
        "Nothing was published. Look at the two texts: if what they share is a page's common text, "
        f"add a boilerplate rule; if they are copies, raise the limit ({_LIMITS[rule]}) or run "
        "again with --no-guard: what was cut is kept, and not cut again.",
    )
