"""What a takedown is told to forget, found in the lake's tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import pyarrow as pa
import pyarrow.compute as pc

from tasks.errors import SettingError
from tasks.lake.forgotten import ForgottenKind, normalise_url
from tasks.lake.layout import Lake
from tasks.lake.tables import dataset
from tasks.schemas import ARTICLES, DUPLICATES

MIN_PREFIX = 8
"""Characters of an article_id that are asked for at least."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What is to be forgotten; all that is named in any of the lists."""

    articles: tuple[str, ...] = ()
    """article_ids, or beginnings that no other article has."""
    urls: tuple[str, ...] = ()
    source_uris: tuple[str, ...] = ()
    """Of a page, or of a file with all its records."""
    sources: tuple[str, ...] = ()

    @property
    def named(self) -> list[tuple[ForgottenKind, str]]:
        """What goes on the list, but for texts."""
        return [
            *(("url", normalise_url(one)) for one in self.urls),
            *(("source_uri", one) for one in self.source_uris),
            *(("source", one) for one in self.sources),
        ]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows concerned, by key."""

    where: pc.Expression | None
    """Pages that go whole, over ``source``, ``url`` and ``source_uri``; None without any."""
    articles: pa.Table
    """Published and withheld articles to forget: a few columns."""
    copies: pa.Table
    """Rows of ``duplicates`` that are a copy of one, and are not forgotten themselves."""
    positions: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """Articles to blot out of pages that stay."""


_PLACE = ["article_id", "source_uri", "page_id", "position"]
COLUMNS = [*_PLACE, "source", "url", "title", "text", "supersedes"]


def find_targets(lake: Lake, targets: Targets, with_copies: bool) -> Found:
    """The rows that a takedown concerns; with ``with_copies`` those of withheld copies too.

    Raises:
        SettingError: where nothing is named, an article is not there, or an id is ambiguous.
    """
    where = where_pages(targets)
    single = _find_articles(lake, targets.articles)
    wanted = [pc.field("article_id").isin(pa.array(single, pa.string()))] if single else []
    chosen = any_of([*wanted, *([] if where is None else [where])])
    if chosen is None:
        message = "Nothing is named. Give --article, --url, --source-uri or --source."
        raise SettingError(message)
    articles = _read_articles(lake, chosen)
    copies = _copies_of(lake, articles)
    if with_copies:
        while copies.num_rows:  # copies of what was published in an article's place, and so on
            articles = pa.concat_tables([articles, copies.select(COLUMNS)])
            single = [*single, *copies["article_id"].to_pylist()]
            copies = _copies_of(lake, articles)
    positions: dict[tuple[str, str], set[int]] = {}
    alone = set(single)
    for row in articles.select(_PLACE).to_pylist():
        if row["article_id"] in alone:
            positions.setdefault((row["source_uri"], row["page_id"]), set()).add(row["position"])
    return Found(where, articles, copies, positions)


def where_pages(targets: Targets) -> pc.Expression | None:
    """The pages that go whole, in any table that has their source, URL and URI."""
    uri, url, source = pc.field("source_uri"), pc.field("url"), pc.field("source")
    found = [source == one for one in targets.sources]
    for one in map(normalise_url, targets.urls):
        found += [url.isin([one, f"{one}/"]), pc.starts_with(url, f"{one}#")]
        found.append(pc.starts_with(url, f"{one}/#"))
    found += [is_uri(uri, one) for one in targets.source_uris]
    return any_of(found)


def is_uri(uri: pc.Expression, named: str) -> pc.Expression:
    """A page's own URI, or that of the file that it is a record of."""
    return (uri == named) | pc.starts_with(uri, f"{named}#")


def any_of(conditions: Sequence[pc.Expression]) -> pc.Expression | None:
    """Whether one of the conditions holds, null counting as no; None without conditions."""
    known = [pc.coalesce(one, pa.scalar(False)) for one in conditions]
    return reduce(or_, known) if known else None


def _find_articles(lake: Lake, given: Sequence[str]) -> list[str]:
    """Whole ids for beginnings of ids."""
    found: list[str] = []
    for one in given:
        if len(one) < MIN_PREFIX:
            message = f"{one!r}: too short. Give {MIN_PREFIX} or more characters of article_id."
            raise SettingError(message)
        begins = pc.starts_with(pc.field("article_id"), one)
        matches = {
            identity
            for table in (ARTICLES, DUPLICATES)
            for identity in dataset(lake, table.name)
            .to_table(["article_id"], filter=begins)["article_id"]
            .to_pylist()
        }
        if len(matches) != 1:
            number = "no article" if not matches else f"{len(matches)} articles"
            message = (
                f"{one}: {number} of {lake} has an id that begins so. `copydesk sql` over "
                "`articles` and `duplicates` lists them."
            )
            raise SettingError(message)
        found += matches
    return found


def _read_articles(lake: Lake, where: pc.Expression) -> pa.Table:
    return pa.concat_tables(
        dataset(lake, table.name).to_table(COLUMNS, filter=where)
        for table in (ARTICLES, DUPLICATES)
    )


def _copies_of(lake: Lake, articles: pa.Table) -> pa.Table:
    """Rows of ``duplicates`` that point at one of the articles and are none of them."""
    ids = articles["article_id"].combine_chunks()
    points = pc.field("kept_article_id").isin(ids) & ~pc.field("article_id").isin(ids)
    return dataset(lake, "duplicates").to_table(DUPLICATES.schema.names, filter=points)
