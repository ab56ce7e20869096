"""What changed between two runs: figures by rule and zone, and who is newly served or no longer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.outputs.columns import safe_name
from siting.outputs.compare.notes import notes_on
from siting.outputs.compare.result_folder import KEY, ResultFolder, as_text, read_result
from siting.outputs.compare.themes import ThemeChange, compare_themes, theme_notes
from siting.units import people_to_milli

SAME_PLACE_M = 1.0
"""Demand with one id in both runs is the same if it lies within this distance."""
GAINED, LOST, BOTH, NEITHER = "gained", "lost", "both", "neither"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleChange:
    """One rule in two runs.

    Attributes
    ----------
    name, title : of the audit
    a, b : what `summary.json` of each run says of it
    demand : points in both runs, index = id; columns ``change`` ("gained", "lost", "both", "neither"), ``people`` (of
        the second run; absent if unknown), ``cost_a``, ``cost_b`` (m, inf = unreachable), ``facility_a``,
        ``facility_b``; None where the rule was not judged in both
    """

    name: str
    title: Text
    a: Mapping[str, Any]
    b: Mapping[str, Any]
    demand: gpd.GeoDataFrame | None = None

    def points(self, change: str) -> int:
        """How many demand points changed this way."""
        return 0 if self.demand is None else int((self.demand["change"] == change).sum())

    def people(self, change: str) -> float | None:
        """How many people changed this way, to the thousandth; None where people are unknown."""
        return self._people(lambda table: table["change"] == change)

    @property
    def closer(self) -> float | None:
        """People whose way became shorter, whether or not that changed who is served."""
        return self._people(lambda table: table["cost_b"] < table["cost_a"])

    @property
    def farther(self) -> float | None:
        """People whose way became longer."""
        return self._people(lambda table: table["cost_b"] > table["cost_a"])

    def _people(self, which: Any) -> float | None:
        if self.demand is None or "people" not in self.demand.columns:
            return None
        people = self.demand.loc[which(self.demand), "people"].fillna(0.0)
        return int(people_to_milli(people.to_numpy()).sum()) / 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Two runs side by side.

    Attributes
    ----------
    a, b : the earlier and the later run
    table : one row a rule, zone, denominator and kind of distance; columns ``rule``, ``zone_level``, ``zone``,
        ``zone_name``, ``denominator``, ``distance``, ``limit_m_a``, ``limit_m_b``, ``served_a``, ``total_a``,
        ``share_a``, ``served_b``, ``total_b``, ``share_b``, ``served_change``, ``share_change_points``, ``in_runs``
    rules : those in both runs
    only_a, only_b : names of the rules in one run only
    plans : figures of plans in both runs, by name
    matched, moved, demand_only_a, demand_only_b : demand points in both runs at one place, at two places, in one only
    themes : those in both runs, by id
    notes : what a reader should know before trusting the differences
    """

    a: ResultFolder
    b: ResultFolder
    table: pd.DataFrame
    rules: Mapping[str, RuleChange]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    plans: Mapping[str, Mapping[str, Any]]
    matched: int
    moved: int
    demand_only_a: int
    demand_only_b: int
    themes: Mapping[str, ThemeChange] = field(default_factory=dict)
    notes: tuple[Finding, ...] = field(default=())

    def write(self, folder: str | Path, **options: Any) -> Path:
        """Write table, map and summary; see `siting.outputs.compare.write.write_comparison`."""
        from siting.outputs.compare.write import write_comparison

        return write_comparison(self, folder, **options)

    def __repr__(self) -> str:
        """Say what was compared."""
        return f"Comparison({self.a.name!r} -> {self.b.name!r}: {len(self.rules)} rules, {len(self.themes)} themes)"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.outputs.compare.card import comparison_card

        return comparison_card(self)


def compare_runs(run_a: str | Path, run_b: str | Path) -> Comparison:
    """Compare two result folders, rules by name and zones by level and id.

    Raises
    ------
    InputError
        A folder is no result of `siting run`, or no rule and no theme is in both.
    FileFormatError
        A file of a folder is damaged.
    """
    a, b = read_result(run_a), read_result(run_b)
    common = [name for name in a.rules if name in b.rules]
    themes = compare_themes(a, b)
    if not common and not themes:
        has = "; ".join(f"{r.path.name} has {', '.join(list(r.rules)[:6]) or 'none'}" for r in (a, b))
        msg = f"the two runs have no rule and no theme in common ({has}). Rules are compared by the name of the audit"
        raise InputError(msg)
    same, moved = same_demand(a.demand, b.demand)
    return Comparison(
        a=a,
        b=b,
        table=compare_table(a.indicators, b.indicators),
        rules={name: rule_change(name, a, b, same) for name in common},
        only_a=tuple(name for name in a.rules if name not in b.rules),
        only_b=tuple(name for name in b.rules if name not in a.rules),
        plans=compare_plans(a, b),
        matched=len(same),
        moved=moved,
        demand_only_a=int((~a.demand.index.isin(b.demand.index)).sum()),
        demand_only_b=int((~b.demand.index.isin(a.demand.index)).sum()),
        themes=themes,
        notes=(*notes_on(a, b, common, len(same), moved), *theme_notes(a, b, themes)),
    )


def same_demand(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> tuple[pd.Index, int]:
    """Ids of demand that is in both runs at one place, in the order of the second; and how many lie apart."""
    shared = b.index[b.index.isin(a.index)]
    if a.crs is None or b.crs is None or len(shared) == 0:
        return shared[:0], 0
    here = b.geometry.loc[shared]
    there = a.geometry.to_crs(b.crs).loc[shared]
    near = np.asarray(here.distance(there, align=False) <= SAME_PLACE_M)
    return shared[near], int((~near).sum())


def compare_table(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Set indicators side by side, in the order of the first run, then what only the second has."""
    values = ["limit_m", "served", "total", "share"]
    columns = [*KEY, "zone_name", *values]
    one, other = (t[columns].drop_duplicates(KEY) for t in (a, b))
    both = one.merge(other, on=KEY, how="outer", suffixes=("_a", "_b"), indicator="in_runs", sort=False)
    order = pd.concat([one[KEY], other[KEY]]).drop_duplicates().assign(order=lambda t: np.arange(len(t)))
    both = both.merge(order, on=KEY).sort_values("order", kind="stable", ignore_index=True)
    name_a, name_b = both["zone_name_a"].fillna(""), both["zone_name_b"].fillna("")
    both["zone_name"] = name_a.where(name_a != "", name_b)
    both["in_runs"] = both["in_runs"].astype("str").map({"both": "a b", "left_only": "a", "right_only": "b"})
    both["served_change"] = (both["served_b"] - both["served_a"]).round(3)
    both["share_change_points"] = (100 * (both["share_b"] - both["share_a"])).round(6)
    rest = [f"{value}_{run}" for run in "ab" for value in values[1:]]
    first = ["rule", "zone_level", "zone", "zone_name", "denominator", "distance", "limit_m_a", "limit_m_b"]
    return both[[*first, *rest, "served_change", "share_change_points", "in_runs"]]


def rule_change(name: str, a: ResultFolder, b: ResultFolder, same: pd.Index) -> RuleChange:
    """Follow one rule through both runs, point by point where it was judged in both."""
    one, other = a.rules[name], b.rules[name]
    title = as_text(other.get("name"), name)
    columns = {what: f"{what}_{safe_name(name)}" for what in ("served", "cost", "facility")}
    known = all(c in run.demand.columns for c in columns.values() for run in (a, b))
    if not (one.get("judged") and other.get("judged") and known and len(same)):
        return RuleChange(name=name, title=title, a=one, b=other)
    rows_a, rows_b = a.demand.loc[same], b.demand.loc[same]
    before = rows_a[columns["served"]].eq(True).to_numpy(dtype=bool)
    after = rows_b[columns["served"]].eq(True).to_numpy(dtype=bool)
    found = {"change": np.select([after & ~before, before & ~after, after & before], [GAINED, LOST, BOTH], NEITHER)}
    if "people" in rows_b.columns:
        found["people"] = rows_b["people"].to_numpy(dtype=np.float64)
    for run, rows in (("a", rows_a), ("b", rows_b)):
        # A GeoPackage holds no infinity: no cost means that there is no way.
        found[f"cost_{run}"] = rows[columns["cost"]].astype("float64").fillna(np.inf).to_numpy()
        found[f"facility_{run}"] = rows[columns["facility"]].to_numpy()
    demand = gpd.GeoDataFrame(found, geometry=rows_b.geometry.array, index=same, crs=b.demand.crs)
    return RuleChange(name=name, title=title, a=one, b=other, demand=demand)


def compare_plans(a: ResultFolder, b: ResultFolder) -> dict[str, dict[str, Any]]:
    """Figures of the plans that both runs have; their sites are compared by place, for candidates are numbered anew."""
    kept = ("model", "status", "objective", "people_before", "people_after")
    plans = {}
    for name, one in a.summary.get("locate", {}).items():
        other = b.summary.get("locate", {}).get(name)
        if other is not None:
            here, there = (r.sites[r.sites["plan"] == name].to_crs(b.demand.crs) for r in (a, b))
            plans[name] = {
                "a": {k: one.get(k) for k in kept} | {"sites": len(here)},
                "b": {k: other.get(k) for k in kept} | {"sites": len(there)},
                "sites_only_a": _not_in(here, there),
                "sites_only_b": _not_in(there, here),
            }
    return plans


def _not_in(sites: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> list[str]:
    """Ids of the sites that lie at no place of the others."""
    far = [not (others.distance(point) <= SAME_PLACE_M).any() for point in sites.geometry]
    return [str(i) for i in sites.loc[far, "id"]]
