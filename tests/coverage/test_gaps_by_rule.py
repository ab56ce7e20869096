"""The gaps of many rules at once are those of each rule alone, in the order of the rules."""

import geopandas as gpd
import numpy as np
from coverage_layers import Chessboard, make_rule, points, toilets
from geopandas.testing import assert_geodataframe_equal

from siting.coverage import Audit, audit, coverage_gaps, demand_cells, gaps_by_rule, not_judged


def judge(demand: gpd.GeoDataFrame, limit_m: float) -> Audit:
    streets = object()
    rule = make_rule(threshold=limit_m)
    return audit(streets, demand, toilets([(0, 0), (2000, 900)]), rule, searches=Chessboard(streets))


def test_gaps_of_many_rules_are_those_of_each_alone() -> None:
    xy = np.random.default_rng(3).uniform(0, 2500, (400, 2))
    demand = points(xy, people=np.arange(400) / 8)
    audits = {f"rule{limit_m}": judge(demand, limit_m) for limit_m in (900.0, 100.0, 500.0, 9000.0, 300.0)}
    part = demand.iloc[:150]  # one part of the city: cells of its own
    audits["part"] = judge(part, 300.0)
    audits["unjudged"] = not_judged("unjudged", make_rule(), demand, None)
    seen: list[Audit] = []
    found = gaps_by_rule(audits, demand_cells(demand), done=seen.append)
    assert list(found) == ["rule900.0", "rule100.0", "rule500.0", "rule9000.0", "rule300.0", "part"]
    assert seen == [audits[name] for name in found]
    assert len(found["rule9000.0"]) == 0
    assert len(found["rule100.0"]) > len(found["rule900.0"]) > 0
    for name, gaps in found.items():
        assert_geodataframe_equal(gaps, coverage_gaps(audits[name]))


def test_rules_that_share_a_search_share_no_answers() -> None:
    """A planner who writes to one rule's table changes neither the next rule's nor what is remembered."""
    streets = object()
    searches = Chessboard(streets)
    demand = points([(0, 0), (700, 0)], people=[1.0, 2.0])
    first, second = (
        audit(streets, demand, toilets([(0, 0)]), make_rule(threshold=limit), searches=searches)
        for limit in (500.0, 800.0)
    )
    first.demand.loc[:, "cost"] = -1.0
    first.demand.loc["P01", "facility_network"] = "other"
    third = audit(streets, demand, toilets([(0, 0)]), make_rule(threshold=100.0), searches=searches)
    for other in (second, third):
        assert other.demand["cost"].tolist() == [0.0, 700.0]
        assert other.demand["facility_network"].tolist() == ["T0", "T0"]
    assert first.demand["cost_network"].tolist() == [0.0, 700.0]
