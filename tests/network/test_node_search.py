"""Searches between nodes on random graphs, against scipy; whatever is folded, and however wide the buckets are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from street_drawing import METRES

from siting.errors import InputError
from siting.network import Network, node_search
from siting.network.buckets import nearest_in_core, pairs_in_core, widths
from siting.network.core import core_of
from siting.network.core_search import nearest_seeds
from siting.network.node_search import nearest_nodes, pairs_within
from siting.units import UNREACHED_MM

UNIT = 1 << 20
"""scipy takes a stored 0 for no arc: lengths are scaled, and a street of no length has 1 of so many parts."""


def random_network(seed, *, longest=12, one_way=True):
    """Trees, rings, chains, loops, parallel edges, lengths of 0, islands, one-way streets; a few very long edges."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    u = rng.integers(0, n, rng.integers(1, 2 * n))
    # Many edges lead to the next node, so that chains and dead ends arise.
    v = np.where(rng.random(len(u)) < 0.7, (u + 1) % n, rng.integers(0, n, len(u)))
    mm = rng.integers(0, longest, len(u))
    mm[rng.random(len(u)) < 0.05] *= 10**6
    bound = (rng.random(len(u)) < 0.3 * one_way) & (mm > 0)
    xy = np.column_stack([np.arange(n), np.zeros(n)])
    return Network.from_arrays(xy, u, v, mm, crs=METRES, oneway=bound), rng


def distances(network):
    """Cost from every node (row) to every node (column), from scipy."""
    u, v, n = network.edge_u, network.edge_v, network.n_nodes
    tail, head = np.append(u[network.forward], v[network.backward]), np.append(v[network.forward], u[network.backward])
    mm = np.append(network.edge_mm[network.forward], network.edge_mm[network.backward])
    least = np.full((n, n), np.inf)
    np.minimum.at(least, (tail, head), mm * UNIT + 1.0)
    at = np.nonzero(np.isfinite(least))
    found = dijkstra(coo_array((least[at], at), shape=(n, n)).tocsr())
    return np.where(np.isfinite(found), np.floor(found / UNIT), np.inf)


def dense(ptr, node, cost, n):
    made = np.full((len(ptr) - 1, n), np.inf)
    row = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
    assert len(np.unique(row * n + node)) == len(node)  # no pair twice
    made[row, node] = cost
    return made


def as_floats(cost):
    return np.where(cost == np.iinfo(cost.dtype).max, np.inf, cost).tolist()


def expected_nearest(far, seeds, limit_mm):
    some = far[:, seeds]
    cost = some.min(axis=1, initial=np.inf)
    # argmin takes the first of equals: the lowest label.
    label = some.argmin(axis=1) if len(seeds) else np.zeros(len(far), dtype=int)
    return np.where(cost <= limit_mm, cost, np.inf), np.where(cost <= limit_mm, label, -1)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_nearest_and_pairs_equal_scipy(seed):
    network, rng = random_network(seed)
    far, n = distances(network), network.n_nodes
    sets = [rng.integers(0, n, rng.integers(0, 6)) for _ in range(3)]
    for limit_m in (0.0, 0.011, 0.03, 40.0, None):
        limit_mm = np.float64(2**60) if limit_m is None else limit_m * 1000
        cost, label = nearest_nodes(network, sets, limit_m)
        for k, seeds in enumerate(sets):
            best, who = expected_nearest(far, seeds, limit_mm)
            assert as_floats(cost[k]) == best.tolist()
            assert label[k].tolist() == who.tolist()
        found = dense(*pairs_within(network, sets[0], np.inf if limit_m is None else limit_m), n)
        assert found.tolist() == np.where(far <= limit_mm, far, np.inf)[:, sets[0]].T.tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_width_of_buckets_and_what_is_folded_change_nothing(seed):
    network, rng = random_network(seed)
    far, n = distances(network), network.n_nodes
    node = rng.integers(0, n, 5)
    start = rng.integers(0, 20, 5) * rng.choice([1, 10**5])
    limit = int(rng.choice([7, 30, 2**33]))
    total = far[:, node] + start
    best = np.where(total.min(axis=1) <= limit, total.min(axis=1), np.inf)
    who = np.where(total.min(axis=1) <= limit, total.argmin(axis=1), -1)
    for most in (0, 1, 3, 16, 1000):
        core = core_of(network, most=most)
        for wished in (0, 1, 3, 9, 40):
            shift, ring = widths(core, limit, int(start.max()), wished)
            cost, label = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int32)
            keys = (start << 3) | np.arange(5)
            nearest_in_core(core, node, keys, 3, (limit << 3) | 7, shift + 3, ring, cost, label, UNREACHED_MM)
            assert (as_floats(cost), label.tolist()) == (best.tolist(), who.tolist())
            ptr = np.array([0, 0, 2, 5])
            pairs = pairs_in_core(core, 0, 3, ptr, node, start, limit, shift, ring, np.empty(0, dtype=np.int64))
            some = [np.full(n, np.inf), total[:, :2].min(axis=1), total[:, 2:].min(axis=1)]
            assert dense(*pairs, n).tolist() == np.where(np.array(some) <= limit, some, np.inf).tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_search_along_the_permitted_direction(seed):
    network, _ = random_network(seed)
    n = network.n_nodes
    core = core_of(network, against=False)
    shift, ring = widths(core, 10**9, 0)
    zero, ptr = np.zeros(n, dtype=np.int64), np.arange(n + 1)
    pairs = pairs_in_core(core, 0, n, ptr, np.arange(n), zero, 10**9, shift, ring, np.empty(0, dtype=np.int32))
    assert dense(*pairs, n).tolist() == distances(network).tolist()


def test_one_thread_or_two_and_permuted_rows(monkeypatch):
    network, rng = random_network(5)
    n = network.n_nodes
    sets = [rng.integers(0, n, 4) for _ in range(8)]
    monkeypatch.setattr(node_search, "BLOCK", 3)
    answers = []
    for count in (1, 2):
        monkeypatch.setattr("siting.network.threads.cores", lambda count=count: count)
        answers.append((*nearest_nodes(network, sets), *pairs_within(network, np.arange(n), 0.04)))
    for one, two in zip(*answers, strict=True):
        assert one.tolist() == two.tolist()
    order = rng.permutation(network.n_edges)
    mixed = Network.from_arrays(
        network.xy, network.edge_u[order], network.edge_v[order], network.edge_mm[order], crs=METRES,
        oneway=~network.backward[order],
    )  # fmt: skip
    for one, two in zip(nearest_nodes(network, sets), nearest_nodes(mixed, sets), strict=True):
        assert one.tolist() == two.tolist()


def test_numbers_too_large_for_one_key_are_searched_all_the_same():
    xy = [(0, 0), (1, 0), (2, 0)]
    network = Network.from_arrays(xy, [0, 1], [1, 2], [2**50, 2**51], crs=METRES)
    node, start, label = np.array([0, 2]), np.zeros(2, dtype=np.int64), np.array([2**30, 3], dtype=np.int32)
    cost, who = nearest_seeds(network, network.in_core, node, start, label, int(UNREACHED_MM) // 4)
    assert cost.tolist() == [0, 2**50, 0]
    assert who.tolist() == [2**30, 2**30, 3]
    into = np.empty(3, dtype=np.int64), np.empty(3, dtype=np.int32)
    nearest_seeds(network, network.in_core, node, start, label, int(UNREACHED_MM) // 4, into)
    assert into[0].tolist() == cost.tolist()
    ptr, reached, far = pairs_within(network, [1], np.inf)
    assert dict(zip(reached.tolist(), far.tolist(), strict=True)) == {0: 2**50, 1: 0, 2: 2**51}
    assert far.dtype == np.int64
    assert ptr.tolist() == [0, 3]


def test_a_pool_that_is_too_small_grows():
    # A star whose rays all improve at once: more entries wait than a small pool holds.
    n = 400
    u = np.concatenate([np.zeros(n, dtype=int), np.repeat(np.arange(1, n), 3)])
    v = np.concatenate([np.arange(1, n + 1), np.random.default_rng(1).integers(1, n, 3 * (n - 1))])
    mm = np.concatenate([np.full(n, 10**6), np.random.default_rng(2).integers(1, 10**6, 3 * (n - 1))])
    network = Network.from_arrays(np.zeros((n + 1, 2)) + np.arange(n + 1)[:, None], u, v, mm, crs=METRES)
    cost, _ = nearest_nodes(network, [[0]])
    assert as_floats(cost[0]) == distances(network)[:, 0].tolist()


@pytest.mark.parametrize("nodes", [[-1], [40000], [0.5], [[0]]])
def test_what_is_no_node_is_refused(nodes):
    network, _ = random_network(1)
    with pytest.raises(InputError, match="positions from 0"):
        pairs_within(network, nodes, 1.0)
    assert pairs_within(network, [], 1.0)[0].tolist() == [0]
