"""What two signatures tell of a pair before its texts are read."""

import numpy as np
import numpy.typing as npt

from tasks.dedupe.prints import Ints
from tasks.dedupe.verdicts import MIN_CONTAINMENT, MIN_JACCARD

# Estimates are off by 3.5 standard errors in one pair of 4,000.
STANDARD_ERRORS = 3.5


def least_estimate(ones: Ints | np.int64, others: Ints) -> npt.NDArray[np.float64]:
    """The Jaccard estimate that a pair which passes has, but for one pair in some thousands.

    Args:
        ones: Shingles of the one text, or of one a pair.
        others: Shingles of the other, one a pair.
    """
    smaller, larger = np.minimum(ones, others), np.maximum(ones, others)
    shared = MIN_CONTAINMENT * smaller
    needed = np.minimum(MIN_JACCARD, shared / (smaller + larger - shared))
    least: npt.NDArray[np.float64] = needed - STANDARD_ERRORS * np.sqrt(needed * (1 - needed) / 128)
    return least
