"""Sums over the nodes within limits of every node: against one plain search a node, on graphs of every kind."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.network import lanes
from siting.network.bare import from_arrays
from siting.network.lanes import bucket_shift, narrow, people_within_nodes
from siting.network.near_order import near_order

METRES = 32650


def costs_from(network, start):
    """Least cost from one node to all, by the book."""
    arcs, cost = network.out_arcs, network.out_cost
    best = {start: 0}
    queue = [(0, start)]
    while queue:
        c, u = heapq.heappop(queue)
        if c > best[u]:
            continue
        for a in range(arcs.indptr[u], arcs.indptr[u + 1]):
            v, d = int(arcs.head[a]), c + int(cost[a])
            if d < best.get(v, d + 1):
                best[v] = d
                heapq.heappush(queue, (d, v))
    return best


def by_the_book(network, weight, limits_mm):
    made = np.zeros((network.n_nodes, len(limits_mm), weight.shape[1]), dtype=np.int64)
    for i in range(network.n_nodes):
        for node, cost in costs_from(network, i).items():
            for j, limit in enumerate(limits_mm):
                if cost <= limit:
                    made[i, j] += weight[node]
    return made


def random_network(seed, n, m, longest_mm, oneway=0.3):
    """Draw parallel edges, loops, edges of length 0, one-way streets and islands."""
    rng = np.random.default_rng(seed)
    u, v = rng.integers(0, n, m), rng.integers(0, n, m)
    v = np.where(rng.random(m) < 0.7, np.minimum(u + rng.integers(0, 4, m), n - 1), v)
    length = rng.integers(0, longest_mm + 1, m)
    one = (rng.random(m) < oneway) & (length > 0)
    return from_arrays(rng.uniform(0, 1000, (n, 2)), u, v, length, crs=METRES, oneway=one), rng


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 200), longest=st.sampled_from([3, 5_000, 400_000]))
def test_equal_to_one_search_a_node(seed, n, longest):
    network, rng = random_network(seed, n, int(n * 1.3) + 1, longest)
    weight = rng.integers(0, 2**40, (n, 2))
    limits_mm = [4 * longest, 0, longest, 1]
    made = people_within_nodes(network, weight, [mm / 1000 for mm in limits_mm])
    assert made.tolist() == by_the_book(network, weight, limits_mm).tolist()
    assert people_within_nodes(network, weight[:, 0], longest / 1000).tolist() == made[:, 2:3, 0].tolist()


def test_a_street_by_hand():
    #  0 --100 m-- 1 --50 m--> 2      3 (no street)     people 1, 10, 100, 1000
    network = from_arrays(
        [(0, 0), (100, 0), (150, 0), (0, 900)], [0, 1], [1, 2], [100_000, 50_000], crs=METRES, oneway=[False, True]
    )
    people = np.array([1, 10, 100, 1000])
    assert people_within_nodes(network, people, [0, 99.999, 100, 150]).tolist() == [
        [1, 1, 11, 111], [10, 110, 111, 111], [100, 100, 100, 100], [1000, 1000, 1000, 1000],
    ]  # fmt: skip


def test_costs_that_differ_there_and_back():
    network, rng = random_network(5, 80, 120, 9_000)
    cost = rng.integers(0, 9_000, network.n_edges)

    class Uphill(type(network)):
        forward_cost = property(lambda self: self.edge_mm)
        backward_cost = property(lambda self: cost)
        times = "there and back"

    fields = {name: getattr(network, name) for name in network.__dataclass_fields__ if name != "times"}
    steep = object.__new__(Uphill)
    steep.__dict__.update(fields)
    weight = rng.integers(0, 50, (80, 1))
    assert people_within_nodes(steep, weight[:, 0], [7.0, 20.0]).tolist() == (
        by_the_book(steep, weight, [7_000, 20_000])[:, :, 0].tolist()
    )


def test_long_limits_need_long_integers():
    network, rng = random_network(3, 60, 90, 2**31, oneway=0.0)
    weight = rng.integers(0, 9, (60, 1))
    limit_mm = 5 * 2**30
    assert narrow(2**30, network.edge_mm)[0].dtype == np.int64
    assert narrow(2**29, network.edge_mm)[0].dtype == np.int32
    made = people_within_nodes(network, weight[:, 0], limit_mm / 1000)
    assert made.tolist() == by_the_book(network, weight, [limit_mm])[:, :, 0].tolist()


def test_the_same_for_every_number_of_threads_and_every_numbering(monkeypatch):
    network, rng = random_network(11, 700, 900, 60_000)
    people = rng.integers(0, 1000, 700)
    made = people_within_nodes(network, people, [100.0, 300.0])
    monkeypatch.setattr(lanes, "block_of", lambda n: 64)
    assert (people_within_nodes(network, people, [100.0, 300.0]) == made).all()
    monkeypatch.setattr(lanes, "block_of", lambda n: 10**6)
    assert (people_within_nodes(network, people, [100.0, 300.0]) == made).all()
    new = rng.permutation(700)  # node i is called new[i]
    xy = np.empty_like(network.xy)
    xy[new] = network.xy
    street = rng.permutation(network.n_edges)
    renamed = from_arrays(
        xy, new[network.edge_u][street], new[network.edge_v][street], network.edge_mm[street], crs=METRES,
        oneway=~network.backward[street],
    )  # fmt: skip
    of_new = np.empty_like(people)
    of_new[new] = people
    assert (people_within_nodes(renamed, of_new, [100.0, 300.0])[new] == made).all()
    assert (made[:, 0] <= made[:, 1]).all()


def test_who_reaches_and_who_is_reached_are_the_same_pairs():
    network, rng = random_network(2, 300, 420, 50_000)
    a, b = rng.integers(0, 99, 300), rng.integers(0, 99, 300)
    there = a @ people_within_nodes(network, b, 200.0)
    back = b @ people_within_nodes(network.turned(), a, 200.0)
    assert there.tolist() == back.tolist()


def test_every_node_stands_once_in_the_order_and_groups_are_near():
    side = 40
    node = np.arange(side * side).reshape(side, side)
    u = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    v = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    network = from_arrays(np.zeros((side * side, 2)), u, v, np.full(len(u), 1000), crs=METRES)
    order = near_order(network.out_arcs.indptr, network.out_arcs.head, network.out_cost, 64)
    assert np.sort(order).tolist() == list(range(side * side))
    row, column = np.divmod(order.reshape(-1, 64), side)
    assert np.median(np.ptp(row, axis=1) + np.ptp(column, axis=1)) <= 24  # a square of 8 by 8 has 14


def test_more_nodes_and_queue_entries_than_the_buffers_start_with():
    n = 5000
    network = from_arrays(
        np.zeros((n, 2)), np.r_[np.arange(n - 1), np.zeros(n - 1, int)], np.r_[np.arange(1, n), np.arange(1, n)],
        np.r_[np.full(n - 1, 1), np.arange(1, n) * 3], crs=METRES,
    )  # fmt: skip
    made = people_within_nodes(network, np.ones(n, dtype=int), 3.0)
    at = np.arange(n)
    assert made[:, 0].tolist() == (np.minimum(at, 3000) + np.minimum(n - 1 - at, 3000) + 1).tolist()


def test_bad_weights_are_refused():
    network, _ = random_network(1, 5, 5, 9)
    with pytest.raises(ValueError, match=r"weight: float64 of shape \(5,\), expected integers"):
        people_within_nodes(network, np.ones(5), 1.0)
    with pytest.raises(ValueError, match=r"weight: int64 of shape \(4,\)"):
        people_within_nodes(network, np.ones(4, dtype=int), 1.0)


def test_buckets_are_neither_many_nor_missing():
    assert bucket_shift(np.array([], dtype=np.int32), 10) == 0
    assert bucket_shift(np.array([16, 16]), 1000) == 4
    assert (10**15 >> bucket_shift(np.array([1]), 10**15)) < lanes.MOST_BUCKETS
