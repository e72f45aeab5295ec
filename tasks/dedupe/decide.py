"""Which articles of a run are withheld as copies, each pointing at the one it was verified against.

Articles are taken in one total order: earlier runs' articles first, since what is published stays
published, then this run's by ``candidates.rank``. Each is compared with those kept before it, and
withheld if one of them is verified as its original. So there are no chains, and the outcome is a
function of the set of articles: neither their order on input nor their shards play a part.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from tasks.dedupe.ahead import Ahead, Key, Titled, judge_titled
from tasks.dedupe.buckets import Buckets
from tasks.dedupe.candidates import (
    Candidate,
    Earlier,
    EarlierIndex,
    Ints,
    Known,
    TextSource,
    is_better,
    rank,
)
from tasks.dedupe.fingerprint import band_keys, estimate_jaccard, passage_keys, stack_signatures
from tasks.dedupe.revisions import is_revision
from tasks.dedupe.texts import TextCache
from tasks.dedupe.verdicts import (
    MIN_CONTAINMENT,
    MIN_JACCARD,
    Kind,
    Verdict,
    overlap,
)

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
# Two texts of which one holds the other share most of its passages; a house disclaimer is one or
# two of them.
MIN_PASSAGES_SHARED = 0.3
BATCH = 65_536
"""Articles decided between two fetches of texts, at most: a fetch reads through all of a run's."""
TEXTS_AT_ONCE = 4_096
"""Texts fetched at a time, but for the last article's: some 40 MB of news."""
# Estimates are off by 3.5 standard errors in one pair of 4,000.
STANDARD_ERRORS = 3.5


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
    candidates: Sequence[Candidate],
    index: EarlierIndex,
    texts: TextSource,
    mode: Mode = "near",
    contained: Contained = "same-source",
    start: Callable[[], Executor] | None = None,
) -> Decision:
    """Decide which candidates are copies of a kept article.

    Of several originals the best match wins: an exact one, then the highest Jaccard, then the
    highest containment, then the first in the total order. ``exact`` withholds equal words only,
    ``off`` nothing. ``contained`` says where an excerpt counts as a copy of the longer text that
    holds it; never the other way round. An article whose text cannot be fetched is published.
    ``start`` starts processes that work out verdicts; without it this one does it alone.
    """
    if mode == "off" or not candidates:
        return Decision({})
    ordered = sorted((one for one in candidates if one.shingles), key=rank)
    if not ordered:
        return Decision({})
    desk = _Desk(ordered, index, texts, mode, contained)
    with Ahead(start) as ahead:
        first = desk.first
        while first < len(desk.nodes):
            first = desk.decide_batch(first, ahead)
    return Decision(desk.withheld, desk.latest_superseded(), desk.compared, desk.capped)


class _Desk:
    """The state of one decision. A node is an article's place in the total order."""

    def __init__(
        self,
        ordered: Sequence[Candidate],
        index: EarlierIndex,
        texts: TextSource,
        mode: Mode,
        contained: Contained,
    ) -> None:
        earlier = _find_earlier(ordered, index, mode)
        self.first = len(earlier)
        self.nodes: list[Known] = [*earlier, *ordered]
        self.mode = mode
        self.contained = contained
        self.withheld: dict[str, Withheld] = {}
        self.compared = 0
        self.capped = 0
        self._revisions: list[tuple[str, Known]] = []
        self._texts = TextCache(texts)
        self._judged: Mapping[Key, Verdict] = {}
        self._signatures = stack_signatures([node.signature for node in self.nodes])
        self._shingles = np.array([node.shingles for node in self.nodes], dtype=np.int64)
        passages = [passage_keys(node.signature) for node in self.nodes]
        self._passages = np.array([len(keys) for keys in passages], dtype=np.int64)
        every = np.arange(len(self.nodes))
        if mode == "exact":
            hashes = np.array([node.text_hash for node in self.nodes], dtype=np.int64)
            self._by_band = Buckets(every, hashes, len(every))
        else:
            keys = band_keys(self._signatures)
            self._by_band = Buckets(np.repeat(every, keys.shape[1]), keys.reshape(-1), len(every))
        if mode == "exact" or contained == "never":
            passages = []
        owners = np.repeat(every[: len(passages)], self._passages[: len(passages)])
        self._by_passage = Buckets(owners, _join(passages), len(every))
        self._is_withheld = np.zeros(len(self.nodes), dtype=np.bool_)
        for node in range(self.first):
            self._enter(node)

    def decide_batch(self, first: int, ahead: Ahead) -> int:
        """Decide a stretch of the order, all before it being decided; where the next begins."""
        mates: dict[int, Ints] = {}
        wanted: set[int] = set()
        end = first
        while end < min(first + BATCH, len(self.nodes)) and len(wanted) < TEXTS_AT_ONCE:
            found = self._find_mates(end)
            if len(found):
                mates[end] = found
                wanted.update((end, *self._to_read(found)))
            self._enter(end)
            end += 1
        self._texts.prefetch(self.nodes[node].article_id for node in sorted(wanted))
        self._judged = ahead.judge(self._likely_pairs(mates)) if ahead.is_there else {}
        for node, found in mates.items():
            self._decide_one(node, found)
        for node in range(first, end):
            if self._is_withheld[node]:
                self._by_band.leave(node)
                self._by_passage.leave(node)
        return end

    def _find_mates(self, node: int) -> Ints:
        """Kept or undecided nodes before this one that may be its original; likeliest first."""
        shared = self._by_passage.count_shared(node)
        fewer = np.minimum(self._passages[node], self._passages)
        found = {mate for mate, n in shared.items() if n >= MIN_PASSAGES_SHARED * fewer[mate]}
        found |= self._by_band.count_shared(node).keys()
        mates = np.array(sorted(found), dtype=np.int64)
        if not len(mates):
            return mates
        jaccard = estimate_jaccard(self._signatures[node], self._signatures[mates])
        sizes = self._shingles[node], self._shingles[mates]
        overlap = jaccard / (1 + jaccard) * (sizes[0] + sizes[1]) / np.minimum(*sizes)
        order = np.argsort(-overlap, kind="stable")
        return mates[order][(jaccard >= _least_estimate(*sizes))[order]]

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
        is_earlier = mates < self.first
        return [*mates[is_earlier][:VERIFY_LIMIT].tolist(), *mates[~is_earlier].tolist()]

    def _decide_one(self, node: int, mates: Ints) -> None:
        kept = mates[~self._is_withheld[mates]].tolist()
        self.capped += len(kept) > VERIFY_LIMIT
        revisions: list[tuple[str, Known]] = []
        merits = self._measure_pairs(node, kept[:VERIFY_LIMIT])
        self.compared += len(merits)
        for *_, place in merits:
            mate = -place
            copy, original = self.nodes[node], self.nodes[mate]
            verdict = self._verify(node, mate)
            if verdict.kind is None:
                continue
            if self._is_revision(original, copy):
                revisions.append((original.article_id, copy))
            elif self._is_revision(copy, original):
                revisions.append((copy.article_id, original))
            elif self._may_withhold(verdict, copy, original):
                self._is_withheld[node] = True
                self.withheld[copy.article_id] = Withheld(
                    original.article_id,
                    original.source_uri,
                    verdict.kind,
                    verdict.jaccard,
                    verdict.containment,
                    verdict.reason,
                    is_better(copy, original),
                )
                return
        self._revisions += revisions

    def _likely_pairs(self, mates: Mapping[int, Ints]) -> dict[Key, tuple[Titled, Titled]]:
        """Each node with the mate that is verified first, unless an earlier one is withheld.

        Left out are pairs of which it is clear without a comparison of facts what they are.
        """
        pairs = {}
        for node, found in mates.items():
            kept = found[~self._is_withheld[found]][:VERIFY_LIMIT].tolist()
            for is_exact, jaccard, containment, place in self._measure_pairs(node, kept)[:1]:
                has_much = jaccard >= MIN_JACCARD or containment >= MIN_CONTAINMENT
                if has_much and not is_exact:
                    pairs[node, -place] = self._titled(node), self._titled(-place)
        return pairs

    def _measure_pairs(
        self, node: int, mates: Sequence[int]
    ) -> list[tuple[bool, float, float, int]]:
        """What is measured of each mate whose text can be had, best first; see ``decide``.

        Whether the words are the same, Jaccard, containment, and its place, negative.
        """
        mine = self._texts.get(self.nodes[node].article_id)
        merits = []
        for mate in mates:
            text = self._texts.get(self.nodes[mate].article_id)
            if mine is not None and text is not None:
                is_exact = mine.normalised == text.normalised
                merits.append((is_exact, *overlap(mine, text), -mate))
        return sorted(merits, reverse=True)

    def _titled(self, node: int) -> Titled:
        article = self.nodes[node]
        return Titled(article.title, self._texts.have(article.article_id))

    def _verify(self, node: int, mate: int) -> Verdict:
        """The verdict on a pair; its kind is None where more than the texts says two stories."""
        verdict = self._judged.get((node, mate))
        if verdict is None:
            verdict = judge_titled(self._titled(node), self._titled(mate))
        if verdict.kind is not None and _are_too_short(verdict, self.nodes[node], self.nodes[mate]):
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

    def _enter(self, node: int) -> None:
        self._by_band.enter(node)
        self._by_passage.enter(node)


def _find_earlier(
    ordered: Sequence[Candidate], index: EarlierIndex, mode: Mode
) -> Sequence[Earlier]:
    hashes = np.array([one.text_hash for one in ordered], dtype=np.int64)
    keys = band_keys(stack_signatures([one.signature for one in ordered]))
    passages = [passage_keys(one.signature) for one in ordered]
    found = index.find_earlier(hashes, keys if mode == "near" else keys[:0], passages)
    own = {one.article_id for one in ordered}
    return sorted(
        (one for one in found if one.shingles and one.article_id not in own),
        key=lambda one: one.article_id,
    )


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


def _join(passages: Sequence[Ints]) -> Ints:
    return np.concatenate([np.empty(0, dtype=np.int64), *passages])


def _least_estimate(one: np.int64, others: Ints) -> npt.NDArray[np.float64]:
    """The Jaccard estimate that a pair which passes has, but for one pair in some thousands."""
    smaller, larger = np.minimum(one, others), np.maximum(one, others)
    shared = MIN_CONTAINMENT * smaller
    needed = np.minimum(MIN_JACCARD, shared / (smaller + larger - shared))
    least: npt.NDArray[np.float64] = needed - STANDARD_ERRORS * np.sqrt(needed * (1 - needed) / 128)
    return least
