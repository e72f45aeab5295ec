"""Which articles of a run are withheld as copies, each pointing at the one it was verified against.

Articles are taken in one total order: earlier runs' articles first, since what is published stays
published, then this run's by ``candidates.rank``. Each is compared with those kept before it, and
withheld if one of them is verified as its original. So there are no chains, and the outcome is a
function of the set of articles: neither their order on input nor their shards play a part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.dedupe.ahead import Ahead, Apart, Key, Pair, Titled, compare_facts
from tasks.dedupe.candidates import (
    Asked,
    Candidates,
    Earlier,
    EarlierIndex,
    Known,
    TextSource,
    is_better,
)
from tasks.dedupe.mates import Mates
from tasks.dedupe.nodes import Nodes
from tasks.dedupe.prints import Ints
from tasks.dedupe.revisions import is_revision
from tasks.dedupe.texts import TextCache
from tasks.dedupe.verdicts import (
    Kind,
    Verdict,
    tell_twins,
    weigh,
)
from tasks.memory import give_back

Mode = Literal["near", "exact", "off"]
Contained = Literal["never", "same-source", "always"]

# A withheld text must be covered by the kept one to this share of its shingles: an earlier
# article that has since grown by half is published again, not lost.
MIN_COVERED = 0.6
VERIFY_LIMIT = 16
"""Kept articles that one article is verified against, those that seem most alike first."""
NOTE_SHINGLES = 40
"""Texts up to this long are notes: that a longer text holds the words of one proves nothing."""
FLASH_SHINGLES = 20
FLASH_LASTS = timedelta(days=1)
"""A flash of up to ``FLASH_SHINGLES`` that is dated further from another is another event's, if its
words are the same: a bank sets the same rate, the same number of ships wait."""
BATCH = 65_536
"""Articles decided between two fetches of texts, at most: a fetch reads through all of a run's."""
TEXTS_AT_ONCE = 4_096
"""Texts fetched at a time, but for the last article's."""
SHINGLES_AT_ONCE = 1_500_000
"""Their shingles, likewise, some 40 MB with the texts: the longest texts come first in order."""
ASKED_AT_ONCE = 32_768
"""Articles whose look-up keys are asked for at a time: some 100 MB."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why an article is not published."""

    kept_article_id: str
    """The article it was verified against, which is published."""
    kept_source_uri: str
    kind: Kind
    jaccard: float
    containment: float
    reason: str
    is_better: bool = False
    """Whether it comes before the kept one in the stated order: the kept one was published by an
    earlier run, and what is published stays published."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run withholds; all its other candidates are published."""

    withheld: Mapping[str, Withheld]
    """By the withheld article's id."""
    supersedes: Mapping[str, str] = field(default_factory=dict)
    """By the id of a published article that updates another, that one's id; see ``revisions``."""
    compared: int = 0
    """Pairs that were verified."""
    capped: int = 0
    """Articles that had more plausible originals than are looked at; see ``VERIFY_LIMIT``."""


def decide(
    candidates: Candidates,
    index: EarlierIndex,
    texts: TextSource,
    mode: Mode = "near",
    contained: Contained = "same-source",
    ahead: Ahead | None = None,
) -> Decision:
    """Decide which candidates are copies of a kept article.

    Of several originals the best match wins: an exact one, then the highest Jaccard, then the
    highest containment, then the first in the total order. ``exact`` withholds equal words only,
    ``off`` nothing. ``contained`` says where an excerpt counts as a copy of the longer text that
    holds it; never the other way round. An article whose text cannot be fetched is published.
    ``ahead`` has processes that compare texts; without it this one does it alone.
    """
    if mode == "off" or not candidates.shingles.any():
        return Decision({})
    nodes = Nodes(_find_earlier(candidates, index, mode), candidates)
    desk = _Desk(nodes, TextCache(texts), mode, contained)
    ahead = ahead or Ahead(None)
    first = nodes.first
    while first < len(nodes):
        give_back()
        first = desk.decide_batch(first, ahead)
    return Decision(desk.withheld, desk.latest_superseded(), desk.compared, desk.capped)


@dataclass(slots=True)
class _Outcome:
    """What becomes of an article."""

    compared: int
    is_capped: bool
    withheld: Withheld | None = None
    """None where it is published."""
    revisions: list[tuple[str, Known]] = field(default_factory=list)


class _Desk:
    """The state of one decision."""

    def __init__(self, nodes: Nodes, texts: TextCache, mode: Mode, contained: Contained) -> None:
        self.mode = mode
        self.contained = contained
        self.withheld: dict[str, Withheld] = {}
        self.compared = 0
        self.capped = 0
        self._nodes = nodes
        self._known: dict[int, Known] = {}
        """The articles that the batch is about."""
        self._revisions: list[tuple[str, Known]] = []
        self._texts = texts
        self._weighed: dict[Key, Verdict] = {}
        self._apart: dict[Key, Apart] = {}
        self._wanted: dict[Key, Pair] | None = None
        """Pairs that nothing is known of, while it is found out which these are; else None."""
        self._mates = Mates(
            nodes,
            by_text=mode == "exact",
            by_passage=mode == "near" and contained != "never",
        )
        self._is_withheld = np.zeros(len(nodes), dtype=np.bool_)

    def decide_batch(self, first: int, ahead: Ahead) -> int:
        """Decide a stretch of the order, all before it being decided; where the next begins."""
        mates: dict[int, Ints] = {}
        wanted: set[int] = set()
        end, size = first, 0
        for node, found in self._mates.find(first, min(first + BATCH, len(self._nodes))):
            if len(found):
                mates[node] = found
                more = {node, *self._to_read(found)} - wanted
                wanted |= more
                size += int(self._nodes.shingles[list(more)].sum())
            end = node + 1
            if len(wanted) >= TEXTS_AT_ONCE or size >= SHINGLES_AT_ONCE:
                break
        named = sorted({*wanted, *(one for found in mates.values() for one in found.tolist())})
        self._known = dict(zip(named, self._nodes.listed(named), strict=True))
        self._texts.prefetch(self._known[node].article_id for node in sorted(wanted))
        self._weighed.clear()
        self._apart.clear()
        if ahead.is_there:
            self._compare_ahead(mates, ahead)
        for node, found in mates.items():
            self._settle(node, self._decide_one(node, found))
        gone = first + np.flatnonzero(self._is_withheld[first:end])
        self._mates.leave(np.append(gone, np.arange(end, self._mates.entered)))
        return end

    def latest_superseded(self) -> dict[str, str]:
        """For each published revision the latest of those that it supersedes."""
        latest: dict[str, Known] = {}
        for newer, older in self._revisions:
            before = latest.get(newer)
            if before is None or _age(older) > _age(before):
                latest[newer] = older
        return {newer: older.article_id for newer, older in sorted(latest.items())}

    def _to_read(self, mates: Ints) -> list[int]:
        """Mates whose texts may be needed: all of this run, of earlier ones those first verified.

        What is published is not withheld any more, so that later ones cannot come into question.
        """
        is_earlier = mates < self._nodes.first
        return [*mates[is_earlier][:VERIFY_LIMIT].tolist(), *mates[~is_earlier].tolist()]

    def _decide_one(self, node: int, mates: Ints) -> _Outcome:
        """What becomes of an article, as things stand with its mates."""
        kept = mates[~self._is_withheld[mates]].tolist()
        merits = self._rank_mates(node, kept[:VERIFY_LIMIT])
        outcome = _Outcome(len(merits), len(kept) > VERIFY_LIMIT)
        for mate in merits:
            copy, original = self._known[node], self._known[mate]
            verdict = self._verify(node, mate)
            if verdict.kind is None:
                continue
            if self._is_revision(original, copy):
                outcome.revisions.append((original.article_id, copy))
            elif self._is_revision(copy, original):
                outcome.revisions.append((copy.article_id, original))
            elif self._may_withhold(verdict, copy, original):
                outcome.withheld = Withheld(
                    original.article_id,
                    original.source_uri,
                    verdict.kind,
                    verdict.jaccard,
                    verdict.containment,
                    verdict.reason,
                    is_better(copy, original),
                )
                return outcome
        return outcome

    def _settle(self, node: int, outcome: _Outcome) -> None:
        self.compared += outcome.compared
        self.capped += outcome.is_capped
        if outcome.withheld is None:
            self._revisions += outcome.revisions
        else:
            self._is_withheld[node] = True
            self.withheld[self._known[node].article_id] = outcome.withheld

    def _compare_ahead(self, mates: Mapping[int, Ints], ahead: Ahead) -> None:
        """Have the facts compared of all pairs that the decision will ask for.

        Which these are hangs on the outcome of others. So it is gone through as if all of which
        nothing is known were copies, as most are, then again with what came of these.
        """
        before = self._is_withheld.copy()
        while True:
            self._wanted = {}
            for node, found in mates.items():
                self._is_withheld[node] = self._decide_one(node, found).withheld is not None
            wanted, self._wanted = self._wanted, None
            self._is_withheld[:] = before
            apart = ahead.compare(wanted)
            if not apart:
                return
            self._apart |= apart

    def _rank_mates(self, node: int, mates: Sequence[int]) -> list[int]:
        """The mates whose text can be had, best first; see ``decide``."""
        if self._texts.get(self._known[node].article_id) is None:
            return []
        had = [mate for mate in mates if self._texts.get(self._known[mate].article_id) is not None]

        def merit(mate: int) -> tuple[bool, float, float, int]:
            weighed = self._weigh(node, mate)
            return weighed.kind == "exact", weighed.jaccard, weighed.containment, -mate

        return sorted(had, key=merit, reverse=True)

    def _weigh(self, node: int, mate: int) -> Verdict:
        """The verdict on a pair by its measures alone; kept for the batch."""
        found = self._weighed.get((node, mate))
        if found is None:
            one, other = (self._texts.have(self._known[at].article_id) for at in (node, mate))
            found = self._weighed[node, mate] = weigh(one, other)
        return found

    def _pair(self, node: int, mate: int) -> Pair:
        copy, original = (
            Titled(article.title, self._texts.have(article.article_id).text)
            for article in (self._known[node], self._known[mate])
        )
        return Pair(copy, original, self._weigh(node, mate).kind == "exact")

    def _verify(self, node: int, mate: int) -> Verdict:
        """The verdict on a pair; its kind is None where more than the texts says two stories."""
        weighed = self._weigh(node, mate)
        if weighed.kind is None:
            return weighed
        apart = self._apart.get((node, mate))
        if apart is None and self._wanted is not None:
            self._wanted[node, mate] = self._pair(node, mate)
            apart = Apart(None, by_titles=False)
        if apart is None:
            apart = compare_facts(self._pair(node, mate))
        verdict = tell_twins(weighed, apart.twin_reason)
        if apart.by_titles or (
            verdict.kind is not None
            and _are_too_short(verdict, self._known[node], self._known[mate])
        ):
            return replace(verdict, kind=None)
        return verdict

    def _is_revision(self, newer: Known, older: Known) -> bool:
        """Whether one updates the other, and can be linked to it: it is not published yet."""
        return (
            self.mode == "near"
            and not newer.is_published
            and is_revision(
                newer,
                older,
                self._texts.have(newer.article_id),
                self._texts.have(older.article_id),
            )
        )

    def _may_withhold(self, verdict: Verdict, copy: Known, original: Known) -> bool:
        if verdict.kind == "contained":
            is_allowed = self.contained == "always" or (
                self.contained == "same-source" and copy.source == original.source
            )
            return self.mode == "near" and is_allowed and copy.shingles <= original.shingles
        if verdict.kind == "near":
            both = copy.shingles + original.shingles
            shared = verdict.jaccard * both / (1 + verdict.jaccard)
            return self.mode == "near" and shared >= MIN_COVERED * copy.shingles
        return True


def _find_earlier(candidates: Candidates, index: EarlierIndex, mode: Mode) -> Sequence[Earlier]:
    earlier: dict[str, Earlier] = {}
    places = np.flatnonzero(candidates.shingles)
    for at in range(0, len(places), ASKED_AT_ONCE):
        some = places[at : at + ASKED_AT_ONCE]
        for one in index.find_earlier(Asked.of(candidates, some, is_near=mode == "near")):
            if one.shingles:
                earlier[one.article_id] = one
    if earlier:
        ours = pc.is_in(candidates.facts["article_id"], value_set=pa.array(earlier, pa.string()))
        for article_id in candidates.facts["article_id"].filter(ours).to_pylist():
            earlier.pop(article_id, None)
    return [earlier[article_id] for article_id in sorted(earlier)]


def _are_too_short(verdict: Verdict, copy: Known, original: Known) -> bool:
    """Whether a text is too short for what it has in common with the other to prove anything."""
    if verdict.kind == "contained":
        return min(copy.shingles, original.shingles) <= NOTE_SHINGLES
    is_flash = max(copy.shingles, original.shingles) <= FLASH_SHINGLES
    if not is_flash or copy.published_at is None or original.published_at is None:
        return False
    return abs(copy.published_at - original.published_at) > FLASH_LASTS


def _age(article: Known) -> tuple[float, int, str]:
    """Sorts revisions of one story: the later, and without dates the longer, comes last."""
    date = article.published_at
    return (0.0 if date is None else date.timestamp(), article.shingles, article.article_id)
