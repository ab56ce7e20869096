"""What each district gains adds up to the plan's own figures."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled

from siting.errors import InputError
from siting.locate import gains_by_zone, mclp

ZONES = ["west", "west", "east", None]


def test_line_street(line_street):
    cost, weight = line_street
    # D is open (40). B newly serves A, B and C within 200 m.
    plan = mclp(labelled(cost), weight, 200.0, 1, existing=["C3"])
    table = gains_by_zone(plan, labelled(cost), weight, 200.0, pd.Series(ZONES, index=["D0", "D1", "D2", "D3"]))
    assert table.index.tolist() == ["east", "west", None]
    assert table.loc["west", ["sites", "weight", "before", "gained", "unserved"]].tolist() == [1, 40, 0, 40, 0]
    assert table.loc["east", ["sites", "gained", "share_before", "share_after"]].tolist() == [1, 20, 0.0, 1.0]
    assert table.iloc[2][["sites", "before", "gained"]].tolist() == [0, 40, 0]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_zones_add_up_exactly(seed):
    rng = np.random.default_rng(seed)
    cost, weight = rng.integers(0, 10, (20, 6)) * 1.0, rng.integers(0, 9000, 20) / 1000
    zones = rng.choice(["a", "b", "c", None], 20)
    existing = [0] if rng.random() < 0.5 else []
    plan = mclp(cost, weight, 2.0, 2, existing=existing)
    table = gains_by_zone(plan, cost, weight, 2.0, zones)
    milli = (table[["weight", "before", "gained", "unserved"]] * 1000).round().astype(int)
    assert (milli["before"] + milli["gained"] + milli["unserved"] == milli["weight"]).all()
    assert milli["weight"].sum() == round(weight.sum() * 1000)
    assert milli["before"].sum() + milli["gained"].sum() == round(plan.objective * 1000)
    assert milli["gained"].sum() == round(plan.gain.sum() * 1000)


def test_what_does_not_fit_is_refused(line_street):
    cost, weight = line_street
    plan = mclp(cost, weight, 200.0, 1)
    with pytest.raises(InputError, match="3 entries, cost has 4 demand rows"):
        gains_by_zone(plan, cost, weight, 200.0, ZONES[:3])
    with pytest.raises(InputError, match="give the cost that the result was computed from"):
        gains_by_zone(plan, cost[:3], weight[:3], 200.0, ZONES[:3])
    with pytest.raises(InputError, match="existing: 1 are not among the 4 candidates"):
        gains_by_zone(plan, cost, weight, 200.0, ZONES, existing=[9])
