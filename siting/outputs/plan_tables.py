"""What plans say beside their sites: their figures before and after, plans nearly as good, what each zone gains."""

from collections.abc import Hashable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from siting.locate.alternatives import Alternative
from siting.locate.plans.effect import variant
from siting.locate.plans.plan import Plan
from siting.outputs.contract import RunLike

ALTERNATIVE_SITES = ("plan", "variant", "site", "in_best", "loss", "objective", "bound", "status")
MEASURES = ("plan", "measure", "name_zh", "name_en", "before", "after", "unit_zh", "unit_en", "better")
ALTERNATIVES = (
    "plan", "variant", "status", "objective", "bound", "gap", "loss", "sites", "different", "sites_not_in_best",
    "without",
)  # fmt: skip
GAINS = (
    "plan", "zone", "zone_name", "sites", "weight", "before", "gained", "unserved", "share_before", "share_after",
    "unit",
)  # fmt: skip


def alternative_sites(run: RunLike) -> gpd.GeoDataFrame | None:
    """Return one row for each site of each plan of a comparison, the best plan first; None without any comparison.

    Returns
    -------
    Columns ``plan``, ``variant`` ("A" is the best plan), ``site`` (id of the candidate), ``in_best`` (whether the best
    plan has it too), ``loss`` (how much worse the whole plan is, as a share), ``objective``, ``bound``, ``status``;
    index ``plan/variant/site``
    """
    rows: list[dict[str, Any]] = []
    shapes = []
    for plan in run.plans.values():
        places = {str(id_): shape for id_, shape in plan.candidates.geometry.items()}
        best = _ids(plan.alternatives[0]) if len(plan.alternatives) > 1 else ()
        for k, one in enumerate(plan.alternatives if best else ()):
            for site in _ids(one):
                if site not in places:
                    continue
                rows.append(
                    {
                        "plan": plan.name,
                        "variant": variant(k),
                        "site": site,
                        "in_best": site in best,
                        "loss": one.loss,
                        "objective": one.result.objective,
                        "bound": one.result.bound,
                        "status": one.result.status,
                    }
                )
                shapes.append(places[site])
    if not rows:
        return None
    index = pd.Index([f"{r['plan']}/{r['variant']}/{r['site']}" for r in rows], dtype="str")
    return gpd.GeoDataFrame(rows, geometry=shapes, index=index, crs=run.crs)


def not_in_best(plan: Plan, place: int) -> tuple[str, ...]:
    """Return the sites of one of the alternatives of a plan that the best does not have."""
    best = set(_ids(plan.alternatives[0]))
    return tuple(site for site in _ids(plan.alternatives[place]) if site not in best)


def plan_tables(run: RunLike) -> dict[str, pd.DataFrame]:
    """Return the tables of measures, alternatives and gains of zones; those without a row are left out."""
    plans = run.plans.values()
    found = {
        "plan_measures": pd.DataFrame([row for p in plans for row in _measures(p)], columns=list(MEASURES)),
        "alternatives": pd.DataFrame([row for p in plans for row in _alternatives(p)], columns=list(ALTERNATIVES)),
        "plan_gains": pd.DataFrame([row for p in plans for row in gain_rows(p, run)], columns=list(GAINS)),
    }
    return {name: table for name, table in found.items() if len(table)}


def gain_rows(plan: Plan, run: RunLike) -> list[dict[str, Any]]:
    """Return what each zone gains, zones by their names; rows without a zone last."""
    gains = plan.gains_by_zone
    if gains is None:
        return []
    names = _zone_names(run, {str(z) for z in gains.index if z is not None and not pd.isna(z)})
    rows = []
    for zone, row in zip(gains.index.tolist(), gains.to_dict("records"), strict=True):
        known = zone is not None and not pd.isna(zone)
        rows.append(
            {
                "plan": plan.name,
                "zone": str(zone) if known else None,
                "zone_name": names.get(str(zone), str(zone)) if known else None,
                **{c: row.get(c) for c in GAINS[3:-1]},
                "unit": plan.unit.en,
            }
        )
    return rows


def _zone_names(run: RunLike, zones: set[str]) -> Mapping[str, str]:
    """Return the names of the level of zones that the ids are of: the smallest that knows all of them."""
    for layer in run.zones.values():
        if "name" in layer.columns and zones <= set(layer.index.astype(str)):
            return {str(k): str(v) for k, v in layer["name"].dropna().items()}
    return {}


def _measures(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "plan": plan.name,
            "measure": one.key,
            "name_zh": one.name.zh,
            "name_en": one.name.en,
            "before": one.before,
            "after": one.after,
            "unit_zh": one.unit.zh,
            "unit_en": one.unit.en,
            "better": one.better,
        }
        for one in plan.measures
    ]


def _alternatives(plan: Plan) -> list[dict[str, Any]]:
    if len(plan.alternatives) < 2:
        return []
    return [
        {
            "plan": plan.name,
            "variant": variant(k),
            "status": one.result.status,
            "objective": one.result.objective,
            "bound": one.result.bound,
            "gap": one.result.gap,
            "loss": one.loss,
            "sites": len(one.result.sites),
            "different": one.different,
            "sites_not_in_best": ", ".join(not_in_best(plan, k)),
            "without": ", ".join(_labels(one.without)),
        }
        for k, one in enumerate(plan.alternatives)
    ]


def _ids(one: Alternative) -> tuple[str, ...]:
    return _labels(one.result.site_ids)


def _labels(labels: tuple[Hashable, ...]) -> tuple[str, ...]:
    return tuple(str(label) for label in labels)
