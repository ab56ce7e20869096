"""Which lots to build: against every choice, each weighed by a greatest flow of another library."""

import itertools
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.locate.clock import start_clock
from siting.themes.parking.assignment import Ways
from siting.themes.parking.new_lots.asked import Asked, NoChoice, OutOfReach, Versions
from siting.themes.parking.new_lots.choose import choose_lots


def ways_of(reaches, n_target):
    """Ways of rows to targets, 1 m each."""
    sets = [sorted({t for t in reach if t < n_target}) for reach in reaches]
    return Ways(
        indptr=np.cumsum([0, *map(len, sets)]).astype(np.int64),
        target=np.array([t for s in sets for t in s], dtype=np.int64),
        cost_mm=np.full(sum(map(len, sets)), 1000, dtype=np.int64),
    )


def greatest_flow(ways, cars, spaces):
    """Cars parked, by networkx."""
    graph = nx.DiGraph()
    graph.add_nodes_from(["cars", "spaces"])
    for i, c in enumerate(cars):
        graph.add_edge("cars", ("row", i), capacity=int(c))
        for t in ways.target[ways.indptr[i] : ways.indptr[i + 1]].tolist():
            graph.add_edge(("row", i), ("lot", t))
    for j, s in enumerate(spaces):
        graph.add_edge(("lot", j), "spaces", capacity=int(s))
    return nx.maximum_flow_value(graph, "cars", "spaces")


def every_choice(versions, asked_p):
    """All sets of versions that meet what is required, the spacing and the count."""
    by_site = [[None, *np.flatnonzero(versions.site == s).tolist()] for s in range(versions.n_site)]
    for s in np.flatnonzero(versions.required):
        by_site[s].remove(None)
    for picked in itertools.product(*by_site):
        built = [s for s, v in enumerate(picked) if v is not None]
        if asked_p is not None and len(built) > asked_p:
            continue
        if any(a in built and b in built for a, b in versions.too_close.tolist()):
            continue
        yield [v for v in picked if v is not None]


@st.composite
def cases(draw):
    """Draw up to 5 rows, 3 lots that stand, 4 sites of up to 2 versions."""
    n, m, k = draw(st.integers(1, 5)), draw(st.integers(0, 3)), draw(st.integers(1, 4))
    reaches = draw(st.lists(st.lists(st.integers(0, m + k - 1), max_size=4), min_size=n, max_size=n))
    cars = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    spaces = draw(st.lists(st.integers(0, 9), min_size=m, max_size=m))
    site = sorted(draw(st.lists(st.integers(0, k - 1), min_size=1, max_size=6)))
    size = draw(st.lists(st.integers(1, 12), min_size=len(site), max_size=len(site)))
    cost = draw(st.lists(st.integers(0, 40), min_size=len(site), max_size=len(site)))
    required = [draw(st.integers(0, 6)) == 0 and s in site for s in range(k)]
    close = draw(st.lists(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)), max_size=2))
    close = sorted({(min(a, b), max(a, b)) for a, b in close if a != b})
    versions = Versions(
        site=np.array(site, dtype=np.int64), spaces=np.array(size, dtype=np.int64),
        cost=np.array(cost, dtype=np.int64), required=np.array(required, dtype=bool),
        too_close=np.array(close, dtype=np.intp).reshape(-1, 2),
    )  # fmt: skip
    ways = ways_of(reaches, m + k)
    return ways, np.array(cars, dtype=np.int64), np.array(spaces, dtype=np.int64), versions


def weighed(case, p):
    """(cars parked more, cost, versions) of every choice, and the cars short without any."""
    ways, cars, spaces, versions = case

    def parked(chosen):
        of_site = np.zeros(versions.n_site, dtype=np.int64)
        for v in chosen:
            of_site[versions.site[v]] += versions.spaces[v]
        return greatest_flow(ways, cars, [*spaces, *of_site])

    base = parked([])
    found = [(parked(c) - base, int(versions.cost[c].sum()) if c else 0, c) for c in every_choice(versions, p)]
    return found, int(cars.sum()) - base


@settings(max_examples=120, deadline=None)
@given(cases(), st.integers(0, 80), st.one_of(st.none(), st.integers(1, 3)))
def test_a_budget_parks_as_many_as_the_best_of_all_choices(case, budget, p):
    """And of all choices that park as many it is the cheapest; gain and bound agree."""
    found, short = weighed(case, p)
    within = [(gain, cost) for gain, cost, _ in found if cost <= budget]
    if not within:
        with pytest.raises(NoChoice):
            choose_lots(*case, Asked(budget=budget, p=p), start_clock(20, 0.0, 0))
        return
    choice = choose_lots(*case, Asked(budget=budget, p=p), start_clock(20, 0.0, 0))
    best = max(gain for gain, _ in within)
    assert choice.short == short
    assert (choice.gain, choice.gain_bound, choice.proved) == (best, best, True)
    assert choice.cost == min(cost for gain, cost in within if gain == best) == choice.cost_bound
    assert choice.gains.sum() == best


@settings(max_examples=120, deadline=None)
@given(cases(), st.sampled_from([Fraction(1, 4), Fraction(1, 2), Fraction(9, 10), Fraction(1)]),
       st.one_of(st.none(), st.integers(1, 3)))  # fmt: skip
def test_a_share_is_removed_at_the_least_cost_of_all_choices(case, remove, p):
    """A share that no choice reaches is refused, with the most that can be removed."""
    found, short = weighed(case, p)
    if not found:
        with pytest.raises(NoChoice):
            choose_lots(*case, Asked(remove=remove, p=p), start_clock(20, 0.0, 0))
        return
    enough = [cost for gain, cost, _ in found if gain >= remove * short]
    if not enough:
        with pytest.raises(OutOfReach) as refused:
            choose_lots(*case, Asked(remove=remove, p=p), start_clock(20, 0.0, 0))
        assert refused.value.most == refused.value.bound == max(gain for gain, _, _ in found)
        return
    choice = choose_lots(*case, Asked(remove=remove, p=p), start_clock(20, 0.0, 0))
    assert choice.gain >= remove * short
    assert (choice.cost, choice.cost_bound, choice.proved) == (min(enough), min(enough), True)


@settings(max_examples=25, deadline=None)
@given(cases())
def test_more_money_never_parks_fewer(case):
    """Gains grow with the budget, until all is built that helps."""
    ways, cars, spaces, versions = case
    free = Versions(site=versions.site, spaces=versions.spaces, cost=versions.cost,
                    required=np.zeros(versions.n_site, dtype=bool), too_close=versions.too_close)  # fmt: skip
    gains = [
        choose_lots(ways, cars, spaces, free, Asked(budget=b), start_clock(20, 0.0, 0)).gain for b in (0, 10, 30, 300)
    ]
    assert gains == sorted(gains)


def test_cars_make_room_for_others():
    """A reaches L only, B reaches L and the new site S: building S moves B there and parks A in L.

    A 10 cars, B 10 cars, L 10 spaces: 10 short. S of 6 parks 6 more, though A, which may go without, cannot reach it.
    """
    ways = ways_of([[0], [0, 1]], 2)
    versions = Versions(site=np.array([0, 0]), spaces=np.array([6, 12]), cost=np.array([60, 200]),
                        required=np.array([False]), too_close=np.empty((0, 2), dtype=np.intp))  # fmt: skip
    case = (ways, np.array([10, 10]), np.array([10]), versions)
    choice = choose_lots(*case, Asked(budget=100), start_clock(5, 0.0, 0))
    assert (choice.short, choice.gain, choice.cost, choice.alone.tolist()) == (10, 6, 60, [10])
    assert choose_lots(*case, Asked(remove=Fraction(9, 10)), start_clock(5, 0.0, 0)).cost == 200
