"""Served means at most the limit, in whole millimetres."""

import numpy as np
import pytest

from siting.coverage import coverage_ratio, served_mask, share_of
from siting.coverage.served import cost_to_mm, limit_in_mm
from siting.errors import InputError
from siting.standards.model import Target
from siting.units import UNREACHED_MM


def test_the_limit_itself_is_served_and_the_next_millimetre_is_not():
    cost = [499.999, 500.0, 500.0004, 500.001, np.inf, 0.0]
    assert served_mask(cost, 500.0).tolist() == [True, True, True, False, False, True]


def test_less_than_leaves_the_limit_out():
    assert served_mask([199.999, 200.0], 200.0, strict=True).tolist() == [True, False]


@pytest.mark.parametrize(
    ("limit_m", "strict", "mm"),
    [(0.3, False, 300), (0.1 + 0.2, False, 300), (70.0005, False, 70000), (70.0005, True, 70000), (70.0, True, 69999)],
)
def test_limits_are_whole_millimetres(limit_m, strict, mm):
    assert limit_in_mm(limit_m, strict=strict) == mm


@pytest.mark.parametrize("limit_m", [0.0, -1.0, np.inf, np.nan])
def test_a_limit_must_be_a_distance(limit_m):
    with pytest.raises(InputError, match="limit_m"):
        served_mask([1.0], limit_m)


@pytest.mark.parametrize("cost", [[1.0, np.nan], [-0.001, 2.0]])
def test_a_cost_is_never_nan_or_negative(cost):
    with pytest.raises(InputError, match="1 of 2 entries"):
        served_mask(cost, 10.0)


def test_no_path_is_no_number():
    assert cost_to_mm([np.inf, 1.5]).tolist() == [UNREACHED_MM, 1500]


def test_ratio_takes_the_nearest_of_several_facilities():
    #        to T1   to T2    people
    cost = [[300.0, 501.0], [600.0, 500.0], [np.inf, np.inf]]
    assert coverage_ratio(cost, [1.0, 2.0, 5.0], 500.0) == 3 / 8
    assert coverage_ratio(cost, None, 500.0) == 2 / 3
    assert coverage_ratio(np.empty((3, 0)), [1.0, 2.0, 5.0], 500.0) == 0.0


@pytest.mark.parametrize("weight", [[1.0], [1.0, np.nan], [1.0, -1.0], [0.0, 0.0]])
def test_ratio_refuses_weights_that_cannot_be_counted(weight):
    with pytest.raises(InputError, match="weight"):
        coverage_ratio([1.0, 2.0], weight, 5.0)


def test_share_counts_thousandths():
    share = share_of(np.array([True, False, True]), np.array([1, 10, 100]), "people")
    assert (share.served, share.total, share.per_whole, share.share) == (101, 111, 1000, 101 / 111)
    assert share_of(np.array([], dtype=bool), np.array([], dtype=np.int64), "land").share is None


def test_definition_agrees_with_the_published_pair_of_shenzhen():
    """Shenzhen 2022: 21,018.2 ha of residential land served, stated as 90.87 %."""
    per_ha = 10_000 * 100  # square decimetres
    # The published pair fixes the total to within its rounding: 90.865 % to 90.875 %.
    low, high = 21018.2 / 0.90875, 21018.2 / 0.90865
    assert 23128 < low < high < 23132
    served = round(21018.2 * per_ha)
    total = round(23130 * per_ha)
    share = share_of(np.array([True, False]), np.array([served, total - served]), "land")
    assert share.share is not None
    assert round(100 * share.share, 2) == 90.87
    assert Target(share=0.9).is_met(share.served, share.total)
    assert not Target(share=0.91).is_met(share.served, share.total)
