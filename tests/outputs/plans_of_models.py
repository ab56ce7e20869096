"""The district with a plan of every kind of model, answered by the models themselves on its streets."""

from dataclasses import replace

import numpy as np
import pandas as pd
from district import Run, at, frame, make_run, manhattan

from siting.ledger import Text
from siting.locate import capacitated, gains_by_zone, mclp, p_center, p_dispersion, p_median
from siting.locate.alternatives import Alternative
from siting.locate.plans.measure import Measure
from siting.locate.plans.plan import Plan

METRES, PEOPLE = Text("米", "m"), Text("人", "people")
LIMIT, TOO_FAR = 500.0, 3000.0


def measure(
    key: str, zh: str, en: str, unit: Text, before: float | None, after: float | None, better="less"
) -> Measure:
    return Measure(key=key, name=Text(zh, en), unit=unit, before=before, after=after, better=better)


def make_plans_run() -> Run:
    run = make_run()
    demand = run.demand
    spots = [(250 + 300 * i, 150 + 300 * j) for j in range(4) for i in range(4)]
    ids = [f"C{k:02d}" for k in range(len(spots))]
    candidates = frame({"plot": ids, "area_m2": [100.0] * 16, "allowed": [True] * 16}, [at(*s) for s in spots], ids)
    cost = pd.DataFrame(manhattan(demand, candidates)[0], index=demand.index, columns=ids)
    apart = pd.DataFrame(manhattan(candidates, candidates)[0], index=ids, columns=ids)
    weight = demand["people"].astype(float)
    results = {
        "median": p_median(cost, weight, 3),
        "center": p_center(cost, 3),
        "apart": p_dispersion(apart, 4),
        "room": capacitated(cost, weight, 800.0, p=3, unassigned_cost=TOO_FAR),
        "cover": mclp(cost, weight, LIMIT, 2),
    }
    mean = results["median"].objective / weight.sum()
    flows = results["room"].flows
    placed = float(flows.sum())
    figures = {
        "median": (measure("mean_distance_m", "平均到达距离", "mean distance", METRES, None, mean),),
        "center": (
            measure("worst_distance_m", "最远距离", "worst distance", METRES, None, results["center"].objective),
        ),
        "apart": (measure("smallest_separation_m", "最近两处", "two nearest", METRES, None, 900.0, "more"),),
        "room": (measure("without_place", "无处可去", "without a place", PEOPLE, None, weight.sum() - placed),),
        "cover": (measure("served", "限值内服务", "served within the limit", PEOPLE, 0.0, 1.0, "more"),),
    }
    plans = {}
    for name, result in results.items():
        limited = name == "cover"
        nobody = result.assignment < 0 if name != "apart" else np.zeros(len(demand), dtype=bool)
        sites = candidates.loc[list(result.site_ids)].assign(
            order=range(1, len(result.sites) + 1), name_zh="新点", name_en="new"
        )
        if name == "room":
            load = np.asarray(flows.sum(axis=0)).ravel()
            sites = sites.assign(load=load[result.sites], capacity=800.0)
        if limited:
            gains = {id_: result.gain[k] for k, id_ in enumerate(np.array(ids)[result.order])}
            sites = sites.assign(gain_people=[gains[i] for i in sites.index])
        plans[name] = Plan(
            name=name, title=Text(f"方案{name}", f"Plan {name}"), model=result.model, rule=None,
            facility=("public_toilet",), limit_m=LIMIT if limited else None, weight="people", result=result,
            candidates=candidates, sites=sites, people_total=float(weight.sum()) if limited else None,
            people_before=0.0 if limited else None, people_after=result.objective if limited else None,
            weight_total=float(weight.sum()), unserved_after=tuple(demand.index[nobody]),
            unserved_before=tuple(demand.index) if limited else None, measures=figures[name],
        )  # fmt: skip
    refused = str(results["median"].site_ids[0])
    other = p_median(cost, weight, 3, excluded=[refused])
    loss = other.objective / results["median"].objective - 1
    several = tuple(
        Alternative(result=r, without=w, loss=x, different=len(set(r.site_ids) - set(results["median"].site_ids)))
        for r, w, x in ((results["median"], (), 0.0), (other, (refused,), loss))
    )
    plans["median"] = replace(plans["median"], alternatives=several)
    zones = demand["zone_district"].where(demand.index != demand.index[0])
    gains = gains_by_zone(results["cover"], cost, weight, LIMIT, zones)
    plans["cover"] = replace(plans["cover"], gains_by_zone=gains)
    return replace(run, plans=plans)
