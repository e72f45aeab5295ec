"""Buckets of nodes by key, against lists of members."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.dedupe import buckets as buckets_module
from tasks.dedupe.buckets import Buckets

LIMIT = 3

keys_of_nodes = st.lists(st.sets(st.integers(-5, 5), max_size=4), min_size=1, max_size=25)


@pytest.fixture(autouse=True)
def _few_members(monkeypatch):
    monkeypatch.setattr(buckets_module, "BUCKET_LIMIT", LIMIT)


def parts_of(keys, parts):
    """Nodes and keys, in parts by key."""
    pairs = [(node, key) for node, own in enumerate(keys) for key in own]
    for part in range(parts):
        chosen = [pair for pair in pairs if pair[1] % parts == part]
        yield (
            np.array([node for node, _ in chosen], np.int64),
            np.array([k for _, k in chosen], int),
        )


@settings(deadline=None)
@given(st.data(), keys_of_nodes, st.integers(1, 3))
def test_buckets_hold_the_first_that_have_not_left(data, keys, parts):
    """Nodes entered some at a time, some of which leave, meet whom they meet one by one."""
    found = Buckets(parts_of(keys, parts), len(keys))
    members = defaultdict(list)
    at = 0
    while at < len(keys):
        stop = data.draw(st.integers(at + 1, len(keys)))
        pairs = []
        for node in range(at, stop):
            for key in keys[node]:
                pairs += [(node, mate) for mate in members[key]]
                if len(members[key]) < LIMIT:
                    members[key].append(node)
        nodes, mates = found.enter(at, stop)
        assert Counter(zip(nodes.tolist(), mates.tolist(), strict=True)) == Counter(pairs)
        gone = sorted(data.draw(st.sets(st.integers(at, stop - 1))))
        found.leave(np.array(gone, dtype=np.int64))
        for key, own in members.items():
            members[key] = [node for node in own if node not in gone]
        at = stop


@settings(deadline=None)
@given(keys_of_nodes, st.integers(0, 20))
def test_a_stretch_has_no_more_pairs_than_asked_for(keys, most):
    """But where one node has more."""
    found = Buckets(parts_of(keys, 1), len(keys))
    at = 0
    while at < len(keys):
        end = min(found.stretch(at, most), len(keys))
        nodes, _ = found.enter(at, end)
        assert len(nodes) <= most or end == at + 1
        assert end > at
        at = end


def test_who_shares_no_key_has_no_mates():
    """A key of one node has no bucket."""
    found = Buckets([(np.arange(3), np.array([7, 8, 9]))], 3)
    assert len(found.enter(0, 3)[0]) == 0
