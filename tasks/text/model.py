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

import numpy as np
import numpy.typing as npt

from tasks.text.features import NAMES, line_features
from tasks.text.marks import Page

DILATIONS = (1, 2, 4, 8, 16)
REACH = sum(DILATIONS)
"""Lines to each side that a line's score depends on."""
BLOCK = 2048
"""Lines that are weighed at once, with those around: half a megabyte stays in a core's cache."""
WEIGHTS_FILE = "line-model.txt"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Network:
    """Weights of one network; ``width`` numbers a line between the layers."""

    first: Floats
    """(features + 1, width): the last row is the bias."""
    around: tuple[Floats, ...]
    """A layer a dilation, (3 * width + 1, width): the line before, the line, the line after."""
    last: Floats
    """(2 * width + 1,): of the first layer and of the last one, and the bias."""


def score_by_model(page: Page) -> list[float]:
    """Log-odds of each line in ``page.said`` to be of the article: positive is article."""
    if not page.said:
        return []
    features = line_features(page)
    scores: list[float] = []
    for first in range(0, len(features), BLOCK):
        start = max(0, first - REACH)
        block = features[start : first + BLOCK + REACH]
        found = np.mean([_run(network, block) for network in _networks()], axis=0)
        scores += found[first - start : first - start + BLOCK].tolist()
    return scores


def _run(network: Network, features: Floats) -> Floats:
    start = np.maximum(features @ network.first[:-1] + network.first[-1], 0)
    state = start
    size, width = state.shape
    for dilation, weights in zip(DILATIONS, network.around, strict=True):
        padded = np.zeros((size + 2 * dilation, width), np.float32)
        padded[dilation:-dilation] = state
        change = padded[:size] @ weights[:width]
        change += state @ weights[width : 2 * width]
        change += padded[2 * dilation :] @ weights[2 * width : -1]
        change += weights[-1]
        state = state + np.maximum(change, 0)
    scores: Floats = start @ network.last[:width] + state @ network.last[width:-1]
    scores += network.last[-1]
    return scores


@cache
def _networks() -> tuple[Network, ...]:
    return read_networks(files("tasks.text").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8"))


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks from their text form: lines of numbers under heads ``# network WIDTH``.

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
        first, *around, last = _split(numbers, shapes)
        networks.append(Network(first, tuple(around), last[:, 0]))
    return tuple(networks)


def _split(numbers: Floats, shapes: Sequence[tuple[int, int]]) -> list[Floats]:
    found, at = [], 0
    for rows, columns in shapes:
        found.append(numbers[at : at + rows * columns].reshape(rows, columns))
        at += rows * columns
    return found
