"""Revisions: a story that its own site published again, later and with more in it."""

import numpy as np

from tasks.dedupe.candidates import Known
from tasks.dedupe.fingerprint import hash_shingles
from tasks.dedupe.verdicts import Measured

OPENING_WORDS = 30
"""Words (characters, without spaces between words) that are a story's opening. A revision has it
within its first ``BEGINNING_WORDS``: a dateline or a strap line may come first."""
MIN_OPENING = 0.5
"""Share of the opening's shingles that a revision has: a verb or a figure may be another."""
MIN_NEW_SHINGLES = 12
"""A sentence. With less that is new, a later copy is a copy."""
MIN_GROWTH = 1.03
"""A revision's shingles over those of the story that it supersedes, at least."""


def is_revision(newer: Known, older: Known, newer_text: Measured, older_text: Measured) -> bool:
    """Whether one article is the other, updated: same site, same opening, later date, more text.

    A function of the pair, asked of pairs that ``verdicts.judge`` takes for one story. A
    page that changed in place counts as later where an earlier run published the older article
    and the newer has no earlier date. Spared are pairs without dates, or of one date: which is
    the later cannot be told.
    """
    return (
        newer.source == older.source
        and _is_later(newer, older)
        and _has_grown(newer_text, older_text)
        and share_of_opening(newer_text, older_text) >= MIN_OPENING
    )


def share_of_opening(newer: Measured, older: Measured) -> float:
    """Share of the older text's opening shingles that the newer's beginning has, 0..1."""
    (opening,) = hash_shingles(older.beginning[:OPENING_WORDS])
    (beginning,) = hash_shingles(newer.beginning)
    return len(np.intersect1d(opening, beginning, assume_unique=True)) / max(len(opening), 1)


def _is_later(newer: Known, older: Known) -> bool:
    dates = newer.published_at, older.published_at
    if dates[0] is not None and dates[1] is not None and dates[0] != dates[1]:
        return dates[0] > dates[1]
    return older.is_published and not newer.is_published and _is_same_page(newer, older)


def _is_same_page(newer: Known, older: Known) -> bool:
    is_same_address = newer.url is not None and newer.url == older.url
    return newer.source_uri == older.source_uri or is_same_address


def _has_grown(newer: Measured, older: Measured) -> bool:
    new = len(np.setdiff1d(newer.shingles, older.shingles, assume_unique=True))
    return new >= MIN_NEW_SHINGLES and len(newer.shingles) >= MIN_GROWTH * len(older.shingles)
