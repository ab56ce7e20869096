"""Cars to spaces: hand cases, an independent solver, conservation, and what more room or a longer walk may change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from siting.errors import InputError
from siting.themes.parking.assignment import Assignment, Ways, assign_cars, car_flow, read_flow, short_of
from siting.themes.parking.flow import Doors


def ways_of(cost: np.ndarray) -> Ways:
    """Ways of a table of costs, -1 = out of reach."""
    row, target = np.nonzero(cost >= 0)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(cost)))])
    return Ways(indptr=indptr.astype(np.int64), target=target.astype(np.int64), cost_mm=cost[row, target])


def solved(cost: list[list[int]], cars: list[int], spaces: list[int]) -> Assignment:
    """Assign from plain lists."""
    return assign_cars(ways_of(np.array(cost, dtype=np.int64)), np.array(cars), np.array(spaces))


def by_linear_programme(cost: np.ndarray, cars: np.ndarray, spaces: np.ndarray) -> tuple[int, int]:
    """Most cars parked, and least walking among such assignments, in two steps by another solver."""
    row, lot = np.nonzero(cost >= 0)
    if not len(row):
        return 0, 0
    at = np.arange(len(row))
    rows = np.zeros((len(cars) + len(spaces), len(row)))
    rows[row, at] = 1
    rows[len(cars) + lot, at] = 1
    room = np.concatenate([cars, spaces])
    first = linprog(-np.ones(len(row)), A_ub=rows, b_ub=room)
    most = round(-first.fun)
    second = linprog(cost[row, lot], A_ub=rows, b_ub=room, A_eq=np.ones((1, len(row))), b_eq=[most])
    return most, round(second.fun)


@st.composite
def cases(draw):
    """Small cities with ties, empty lots, rows without cars and rows out of reach."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    cost = draw(st.lists(st.lists(st.integers(-1, 6), min_size=m, max_size=m), min_size=n, max_size=n))
    cars = draw(st.lists(st.integers(0, 7), min_size=n, max_size=n))
    spaces = draw(st.lists(st.integers(0, 8), min_size=m, max_size=m))
    return np.array(cost, dtype=np.int64), np.array(cars, dtype=np.int64), np.array(spaces, dtype=np.int64)


def test_one_lot_is_not_counted_for_three_estates():
    """Three estates of 10 cars at one lot of 12: 12 are parked, not 30, and 18 are short in one area."""
    found = solved([[100], [200], [300]], [10, 10, 10], [12])
    assert (found.parked, found.unparked.tolist()) == (12, [0, 8, 10])
    assert found.walked_mm == 10 * 100 + 2 * 200
    (area,) = found.shortages
    assert (area.rows.tolist(), area.cars, area.spaces, area.short) == ([0, 1, 2], 30, 12, 18)
    assert found.proved


def test_a_car_gives_way_so_that_another_is_parked():
    """Row 0 reaches both lots, row 1 only the first: row 0 walks farther so that all are parked.

    Nearest first would park 10 of row 0 in lot 0 (100 m) and leave row 1 without any.
    """
    found = solved([[100, 280], [150, -1]], [10, 10], [10, 10])
    assert found.unparked.tolist() == [0, 0]
    assert found.walked_mm == 10 * 280 + 10 * 150
    assert found.shortages == ()


def test_areas_that_are_short_stand_apart():
    """West: 9 cars, 5 spaces. East: 4 cars, 4 spaces. North: 3 cars and nothing in reach."""
    found = solved([[50, -1], [60, -1], [-1, 70], [-1, -1]], [4, 5, 4, 3], [5, 4])
    assert [(a.rows.tolist(), a.lots.tolist(), a.short) for a in found.shortages] == [([0, 1], [0], 4), ([3], [], 3)]
    assert found.unparked.sum() == 7


@settings(deadline=None, max_examples=150)
@given(cases())
def test_as_another_solver_has_it(case):
    """Same cars parked and same walking as two linear programmes; every car counted once, no lot too full."""
    cost, cars, spaces = case
    found = assign_cars(ways_of(cost), cars, spaces)
    assert (found.parked, found.walked_mm) == by_linear_programme(cost, cars, spaces)
    assert found.proved
    row, lot = np.nonzero(cost >= 0)
    assert (found.on_way >= 0).all()
    np.testing.assert_array_equal(np.bincount(row, found.on_way, len(cars)) + found.unparked, cars)
    np.testing.assert_array_equal(np.bincount(lot, found.on_way, len(spaces)), found.in_lot)
    assert (found.in_lot <= spaces).all()


@settings(deadline=None, max_examples=150)
@given(cases())
def test_the_areas_are_the_proof(case):
    """Areas share no row and no lot, reach nothing else, and are short by exactly the cars left in them."""
    cost, cars, spaces = case
    found = assign_cars(ways_of(cost), cars, spaces)
    assert sum(area.short for area in found.shortages) == found.unparked.sum()
    seen = np.zeros(len(cars), dtype=int)
    used = np.zeros(len(spaces), dtype=int)
    for area in found.shortages:
        seen[area.rows] += 1
        used[area.lots] += 1
        assert set(np.flatnonzero((cost[area.rows] >= 0).any(axis=0))) == set(area.lots)
        assert area.short == cars[area.rows].sum() - spaces[area.lots].sum() == found.unparked[area.rows].sum() > 0
    assert (seen <= 1).all()
    assert (used <= 1).all()
    assert (seen[found.unparked > 0] == 1).all()


@settings(deadline=None, max_examples=100)
@given(cases(), st.integers(0, 4), st.integers(0, 4))
def test_more_room_or_a_longer_walk_never_parks_fewer(case, more, shorter):
    """Spaces added to a lot park no fewer cars, and at most as many more; a shorter limit parks no more."""
    cost, cars, spaces = case
    found = assign_cars(ways_of(cost), cars, spaces)
    roomier = spaces.copy()
    roomier[0] += more
    assert 0 <= assign_cars(ways_of(cost), cars, roomier).parked - found.parked <= more
    near = np.where(cost > shorter, -1, cost)
    assert assign_cars(ways_of(near), cars, spaces).parked <= found.parked


@settings(deadline=None, max_examples=100)
@given(cases(), st.integers(1, 5), st.integers(0, 9))
def test_doors_are_as_lots_that_share_their_spaces(case, n_own, room):
    """Cars of the last lot's own users go in directly, all others through its door: as one more bound on their sum.

    Doors that are closed are as no way at all. Opened, settled, closed and settled, all is as before.
    """
    cost, cars, spaces = case
    n, m = cost.shape
    own = np.arange(n) < n_own
    table = np.column_stack([cost, np.where(own, -1, cost[:, -1])])
    table[~own, m - 1] = -1
    ways = ways_of(table)
    flow = car_flow(ways, cars, spaces, Doors(lot=np.array([m - 1]), room=np.array([room])))
    flow.settle()
    closed = read_flow(flow, ways, np.array([False]))
    alone = assign_cars(ways_of(table[:, :m]), cars, spaces)
    assert (closed.parked, closed.walked_mm) == (alone.parked, alone.walked_mm)
    assert closed.proved
    wanted = short_of(flow, ways)[1][m]
    flow.open_door(0)
    flow.settle()
    opened = read_flow(flow, ways, np.array([True]))
    assert opened.proved
    assert 0 <= opened.parked - closed.parked <= room
    assert wanted or opened.parked == closed.parked
    assert sum(area.short for area in opened.shortages) == opened.unparked.sum()
    if room >= spaces[-1]:
        free = assign_cars(ways_of(cost), cars, spaces)
        assert (opened.parked, opened.walked_mm) == (free.parked, free.walked_mm)
    flow.open_door(0, closed=True)
    flow.settle()
    again = read_flow(flow, ways, np.array([False]))
    assert (again.parked, again.walked_mm, again.proved) == (closed.parked, closed.walked_mm, True)


def test_a_door_into_a_lot_without_spaces_is_proved_too():
    """Nothing is parked, nothing can be, and the bound says so."""
    ways = Ways(indptr=np.array([0, 1]), target=np.array([1]), cost_mm=np.array([0]))
    flow = car_flow(ways, np.array([2]), np.array([0]), Doors(lot=np.array([0]), room=np.array([1])))
    flow.open_door(0)
    flow.settle()
    found = read_flow(flow, ways, np.array([True]))
    assert (found.parked, found.unparked.tolist(), found.proved) == (0, [2], True)


def test_less_than_nothing_is_refused():
    """Cars below zero are told."""
    with pytest.raises(InputError, match="1 cars are below zero"):
        solved([[1]], [-1], [1])


@settings(deadline=None, max_examples=100)
@given(cases(), st.data())
def test_many_doors_as_another_solver_has_them(case, data):
    """Some doors open, some shut, some into one lot: as one linear programme with a bound a door, and proved."""
    cost, cars, spaces = case
    n, m = cost.shape
    k = data.draw(st.integers(1, 4))
    lot = np.array(data.draw(st.lists(st.integers(0, m - 1), min_size=k, max_size=k)))
    room = np.array(data.draw(st.lists(st.integers(0, 6), min_size=k, max_size=k)))
    is_open = np.array(data.draw(st.lists(st.booleans(), min_size=k, max_size=k)))
    through = np.array(
        data.draw(st.lists(st.lists(st.integers(-1, 6), min_size=k, max_size=k), min_size=n, max_size=n))
    )
    table = np.column_stack([cost, through])
    ways = ways_of(table)
    flow = car_flow(ways, cars, spaces, Doors(lot=lot, room=room))
    for door in np.flatnonzero(is_open):
        flow.open_door(int(door))
    flow.settle()
    found = read_flow(flow, ways, is_open)
    row, target = np.nonzero(table >= 0)
    rows = np.zeros((n + m + k, len(row)))
    rows[row, np.arange(len(row))] = 1
    rows[n + np.where(target < m, target, lot[np.maximum(target - m, 0)]), np.arange(len(row))] = 1
    rows[(n + target)[target >= m], np.flatnonzero(target >= m)] = 1
    bounds = np.concatenate([cars, spaces, room * is_open])
    most = walked = 0
    if len(row):
        most = round(-linprog(-np.ones(len(row)), A_ub=rows, b_ub=bounds).fun)
        least = linprog(table[row, target], A_ub=rows, b_ub=bounds, A_eq=np.ones((1, len(row))), b_eq=[most])
        walked = round(least.fun)
    assert (found.parked, found.walked_mm) == (most, walked)
    assert found.proved
    assert sum(area.short for area in found.shortages) == found.unparked.sum()
    for area in found.shortages:
        assert area.short == found.unparked[area.rows].sum()
