"""The line model: a small fixed network that gives each line's log-odds to be of the article.

A line's features go through one layer, then through five that look at ever wider surroundings
(1, 2, 4, 8, 16 lines to each side, so 31 in all), and the sum is a number a line. Weights are in
``line-model.txt`` beside this file; ``benchmarks/train_line_model.py`` makes them, and names its
data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.compiled import twin
from tasks.text.features import NAMES, line_features
from tasks.text.marks import Page

DILATIONS = (1, 2, 4, 8, 16)
REACH = sum(DILATIONS)
"""Lines to each side that a line's score depends on."""
MARGIN = max(DILATIONS)
BLOCK = 2048
"""Lines that are weighed at once, with those around: half a megabyte stays in a core's cache."""
WEIGHTS_FILE = "line-model.txt"

Floats = npt.NDArray[np.float32]

_compiled = twin(__name__)


@dataclass(frozen=True, slots=True)
class Networks:
    """Weights of networks that are run side by side; ``width`` numbers a line between layers."""

    first: Floats
    """(networks, features + 1, width): the last row is the bias."""
    around: tuple[Floats, ...]
    """A layer a dilation, (networks, 3 * width + 1, width): line before, line, line after."""
    last: Floats
    """(networks, 2 * width + 1, 1): of the first layer and of the last one, and the bias."""


def score_by_model(page: Page) -> list[float]:
    """Log-odds of each line in ``page.said`` to be of the article: positive is article."""
    if not page.said:
        return []
    features = line_features(page)
    if _compiled is not None:
        scores: list[float] = _packed().score(np.ascontiguousarray(features))
        return scores
    scores = []
    for first in range(0, len(features), BLOCK):
        start = max(0, first - REACH)
        found = _run(_networks(), features[start : first + BLOCK + REACH])
        scores += found[first - start : first - start + BLOCK].tolist()
    return scores


def _run(networks: Networks, features: Floats) -> Floats:
    """The mean of what the networks say of each line."""
    start = features @ networks.first[:, :-1]
    start += networks.first[:, -1:]
    np.maximum(start, 0, out=start)
    number, size, width = start.shape
    # Nothing stands above the first line, nor under the last.
    padded = np.zeros((number, size + 2 * MARGIN, width), np.float32)
    state = padded[:, MARGIN : MARGIN + size]
    state[:] = start
    change, part = np.empty_like(start), np.empty_like(start)
    for dilation, weights in zip(DILATIONS, networks.around, strict=True):
        above = padded[:, MARGIN - dilation : MARGIN - dilation + size]
        below = padded[:, MARGIN + dilation : MARGIN + dilation + size]
        np.matmul(above, weights[:, :width], out=change)
        change += np.matmul(state, weights[:, width : 2 * width], out=part)
        change += np.matmul(below, weights[:, 2 * width : -1], out=part)
        change += weights[:, -1:]
        state += np.maximum(change, 0, out=change)
    scores = start @ networks.last[:, :width]
    scores += state @ networks.last[:, width:-1]
    scores += networks.last[:, -1:]
    mean: Floats = scores[:, :, 0].mean(axis=0)
    return mean


@cache
def _networks() -> Networks:
    return read_networks(files("tasks.text").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))


@cache
def _packed() -> Any:
    return None if _compiled is None else _compiled.Networks(_networks(), DILATIONS)


def read_networks(text: str) -> Networks:
    """Networks from their text form: lines of numbers under heads ``# network WIDTH``.

    All are of one width.

    Raises:
        ValueError: where the numbers are not of this version's features.
    """
    networks = []
    for part in text.split("# network ")[1:]:
        head, _, body = part.partition("\n")
        width = int(head)
        numbers = np.array(body.split(), np.float32)
        shapes = [(len(NAMES) + 1, width), *[(3 * width + 1, width)] * len(DILATIONS)]
        shapes.append((2 * width + 1, 1))
        if numbers.size != sum(rows * columns for rows, columns in shapes):
            message = f"{WEIGHTS_FILE}: not trained on these {len(NAMES)} features."
            raise ValueError(message)
        networks.append(_split(numbers, shapes))
    first, *around, last = [np.stack(parts) for parts in zip(*networks, strict=True)]
    return Networks(first, tuple(around), last)


def _split(numbers: Floats, shapes: Sequence[tuple[int, int]]) -> list[Floats]:
    found, at = [], 0
    for rows, columns in shapes:
        found.append(numbers[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    return found
