"""The layers of a result: one frame each, as the GeoPackage and the tables show them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from siting.coverage.model import INDICATOR_COLUMNS, Audit
from siting.ledger import Finding, Text
from siting.outputs.columns import plain_columns, safe_name, unique_names
from siting.outputs.contract import MapBase, RunLike
from siting.outputs.flows import flow_lines
from siting.outputs.plan_states import plan_states
from siting.outputs.plan_tables import alternative_sites
from siting.outputs.theme_files import theme_layers
from siting.standards import document_text
from siting.standards.model import Denominator, Rule
from siting.themes.beside_audits import indicators_beside
from siting.themes.result import ThemeResult

DENOMINATORS: tuple[Denominator, ...] = ("people", "land", "units")
POLYGON_TYPES = ("Polygon", "MultiPolygon")
EMPTY_COLUMNS: dict[str, tuple[str, ...]] = {
    "gates": ("id", "facility", "kind"),
    "gaps": ("id", "gap_id", "rule", "name_zh", "name_en", "people", "units", "area_m2", "nearest_m", "zone", "rank"),
    "candidates": ("id", "plan", "plot", "area_m2", "land_source"),
    "sites": ("id", "plan", "order", "plot", "area_m2", "land_source", "name_zh", "name_en"),
    "flows": ("id", "plan", "demand", "site"),
    "unsnapped": ("id", "layer", "distance_m"),
}
"""The columns of a layer that has no rows, so that its readers find the same layers after every run."""
EMPTY_GEOMETRY: Mapping[str, str] = {
    "demand": "Point",
    "facilities": "Point",
    "gates": "Point",
    "candidates": "Point",
    "sites": "Point",
    "unsnapped": "Point",
    "flows": "LineString",
}
"""Kind of geometry of a layer without rows; others are polygons."""

LAYER_TEXT: Mapping[str, Text] = {
    "demand": Text("需求点：各规则是否覆盖、距离、最近设施", "demand: per rule served, cost, facility"),
    "facilities": Text("现有设施", "facilities"),
    "facility_areas": Text("现有设施（面）", "facilities that are areas"),
    "gates": Text("面状设施的出入口", "where area facilities are entered"),
    "gaps": Text("服务盲区", "gap areas, by rule"),
    "service_areas": Text("服务区", "service areas, by rule"),
    "candidates": Text("候选点", "places that were considered, by plan"),
    "sites": Text("新选点", "chosen sites, by plan"),
    "alternatives": Text("备选方案的选点", "sites of plans nearly as good, by plan and variant"),
    "flows": Text("服务归属：需求点至新选点", "who goes where: demand to new sites, by plan"),
    "unsnapped": Text("未能接入路网的点", "points beyond the snap limit"),
    "base_streets": Text("底图：街道", "ground: streets"),
    "base_buildings": Text("底图：建筑", "ground: buildings"),
    "base_green": Text("底图：绿地", "ground: green space"),
    "base_water": Text("底图：水域", "ground: water"),
    "base_boundary": Text("底图：研究范围", "ground: study area"),
    "indicators": Text("指标表", "every figure, by rule, zone, denominator and distance"),
}
"""What the layers that every run may have hold; those of themes have titles of their own."""


def result_layers(run: RunLike) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Every layer of `results.gpkg` in order, ready to be written, and what was renamed on the way."""
    raw: dict[str, pd.DataFrame] = {"demand": demand_layer(run)}
    raw |= facility_layers(run.facilities)
    raw["gates"] = run.entries
    raw["gaps"] = graded(run.gaps, run.audits)
    if run.service_areas is not None:
        raw["service_areas"] = graded(run.service_areas, run.audits)
    raw["candidates"] = _by_plan(run, {name: plan.candidates for name, plan in run.plans.items()})
    raw["sites"] = _by_plan(run, {name: plan.sites for name, plan in run.plans.items()})
    raw["flows"], findings = flow_lines(run)
    others = alternative_sites(run)
    if others is not None:
        raw["alternatives"] = others
    for level, layer in run.zones.items():
        raw[f"zones_{safe_name(level)}"] = zone_layer(level, layer, run.audits)
    raw["unsnapped"] = run.unsnapped
    raw["indicators"] = indicator_table(run.audits, run.themes)
    raw |= {name: layer.frame for name, layer in theme_layers(run.themes, frozenset(raw)).items()}
    raw |= ground_layers(run.base)
    layers = {}
    for name, table in raw.items():
        layers[name], renamed = _finish(name, table, run.crs)
        findings += renamed
    return layers, findings


def ground_layers(base: MapBase) -> dict[str, gpd.GeoDataFrame]:
    """Return what lies under the maps, with the few columns that a drawing needs; missing and empty ones left out."""
    found = {}
    for name in ("streets", "buildings", "green", "water", "boundary"):
        frame = getattr(base, name)
        if frame is not None and len(frame):
            kept = [c for c in ("highway", "kind", "name") if c in frame.columns]
            found[f"base_{name}"] = frame[[*kept, frame.geometry.name]]
    return found


def graded(layer: gpd.GeoDataFrame, audits: Mapping[str, Audit]) -> gpd.GeoDataFrame:
    """Say beside the figures of each row how well the figure of its rule was read."""
    if not len(layer) or "rule" not in layer.columns:
        return layer
    read = {name: audit.rule.confidence.value for name, audit in audits.items()}
    return layer.assign(confidence=layer["rule"].map(read).astype("str"))


def judged(audits: Mapping[str, Audit]) -> list[Audit]:
    """Audits with figures, in the order of the study."""
    return [audit for audit in audits.values() if audit.judged]


def demand_layer(run: RunLike) -> gpd.GeoDataFrame:
    """One row a demand point; for every judged rule whether and from where it is served, and the cost.

    Costs are metres; those of a rule in minutes are minutes, and a column ``unit_<rule>`` says so. For every plan
    ``plan_<plan>`` says whether it is served before, newly or not; where a plan has no limit, whether it goes to a new
    site, an existing one or none.
    """
    columns = {}
    for audit in judged(run.audits):
        rows = audit.demand.reindex(run.demand.index)
        rows = rows.assign(cost=audit.shown_cost)
        for what in ("served", "cost", "facility"):
            columns[f"{what}_{safe_name(audit.name)}"] = rows[what]
        if audit.unit != "m":
            columns[f"unit_{safe_name(audit.name)}"] = pd.Series(audit.unit, index=rows.index, dtype="str")
    for plan in run.plans.values():
        states = plan_states(plan, run.demand)
        if states is not None:
            columns[f"plan_{safe_name(plan.name)}"] = states
    clash = [c for c in run.demand.columns if c in columns]
    return _widened(run.demand.drop(columns=clash), columns)


def facility_layers(facilities: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Split facilities into points (areas by a point inside them) and, where there are any, their areas."""
    is_area = facilities.geom_type.isin(POLYGON_TYPES)
    if not is_area.any():
        return {"facilities": facilities}
    points = facilities.copy()
    points["area_m2"] = facilities.area.where(is_area)
    points.loc[is_area, points.geometry.name] = facilities.geometry[is_area].representative_point()
    return {"facilities": points, "facility_areas": facilities[is_area].assign(area_m2=facilities.area[is_area])}


def zone_layer(level: str, zones: gpd.GeoDataFrame, audits: Mapping[str, Audit]) -> gpd.GeoDataFrame:
    """Zones with served, total and share of every judged rule, by its own denominator and kind of distance."""
    columns = {}
    for audit in judged(audits):
        denominator = headline_denominator(audit)
        table = audit.indicators
        if denominator is None or table.empty:
            continue
        rows = table[
            (table["zone_level"] == level)
            & (table["denominator"] == denominator)
            & (table["distance"] == audit.distance)
        ].set_index("zone")
        rows = rows[~rows.index.duplicated()].reindex(zones.index)
        for what in ("served", "total", "share"):
            columns[f"{what}_{safe_name(audit.name)}"] = rows[what].astype("float64")
    return _widened(zones.drop(columns=[c for c in columns if c in zones.columns]), columns)


def _widened(frame: gpd.GeoDataFrame, columns: Mapping[str, pd.Series]) -> gpd.GeoDataFrame:
    """Append columns in one move: a study of forty rules has hundreds, and one by one they are slow to add."""
    if not columns:
        return frame.copy()
    return gpd.GeoDataFrame(pd.concat([frame, pd.DataFrame(dict(columns), index=frame.index)], axis=1))


def headline_denominator(audit: Audit) -> Denominator | None:
    """Return the rule's own denominator if this study has it, else the first of people, land, units that it has."""
    own = audit.rule.denominator
    if own is not None and audit.headline(own) is not None:
        return own
    return next((d for d in DENOMINATORS if audit.headline(d) is not None), None)


def indicator_table(audits: Mapping[str, Audit], themes: Mapping[str, ThemeResult]) -> pd.DataFrame:
    """Return the indicator rows of all rules and themes, one below the other."""
    cited = [a.indicators.assign(clause=clause(a.rule)) for a in audits.values()]
    cited += [rows for result in themes.values() if len(rows := indicators_beside(audits, result))]
    return concat(cited or [pd.DataFrame(columns=list(INDICATOR_COLUMNS))])


def clause(rule: Rule) -> str:
    """Return document and clause as every table cites them; the title where the document shows no number."""
    return document_text(rule, "en")


def concat(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table below the other; empty ones give only their columns."""
    filled = [t for t in tables if len(t)]
    if not filled:
        return tables[0].copy() if tables else pd.DataFrame()
    out: pd.DataFrame = pd.concat([t if isinstance(t, gpd.GeoDataFrame) else t.astype(object) for t in filled])
    return out


def _by_plan(run: RunLike, layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    tables = []
    for name, layer in layers.items():
        table = layer.copy()
        table.insert(0, "plan", name)
        tables.append(table)
    if not any(len(t) for t in tables):
        return gpd.GeoDataFrame({"plan": []}, geometry=[], crs=run.crs)
    out = concat(tables)
    assert isinstance(out, gpd.GeoDataFrame)
    return out


def _finish(name: str, table: pd.DataFrame, crs: pyproj.CRS) -> tuple[pd.DataFrame, list[Finding]]:
    """Flat columns with safe names, the id first, and geometry in 2-D of one kind."""
    table = table.copy()
    if name != "indicators" and "id" not in {str(c).lower() for c in table.columns}:
        table.insert(0, "id", [str(i) for i in table.index])
    table = table.reset_index(drop=True)
    for column in EMPTY_COLUMNS.get(name, ()) if table.empty else ():
        if column not in table.columns:
            table[column] = pd.Series(dtype="str")
    if not isinstance(table, gpd.GeoDataFrame):
        table = plain_columns(table)
        table.columns, findings = unique_names(table.columns, name)
        return table, findings
    geometry = table.geometry
    geometry = geometry.set_crs(crs) if geometry.crs is None else geometry.to_crs(crs)
    attributes = plain_columns(pd.DataFrame(table.drop(columns=table.geometry.name)))
    names, findings = unique_names(attributes.columns, name)
    attributes.columns = pd.Index(names)
    return gpd.GeoDataFrame(attributes, geometry=_one_kind(geometry), crs=crs), findings


def _one_kind(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Drop Z and M; where single and multi-part shapes of one dimension meet, make all multi-part."""
    flat: Any = np.asarray(geometry.to_numpy(), dtype=object)
    if (shapely.get_coordinate_dimension(flat) > 2).any():
        flat = shapely.force_2d(flat)
    kinds = set(geometry.geom_type.dropna())
    makers: dict[str, Callable[[list[Any]], Any]] = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    for single, make in makers.items():
        if kinds == {single, f"Multi{single}"}:
            flat = [make([g]) if g is not None and g.geom_type == single else g for g in flat]
    return gpd.GeoSeries(flat, index=geometry.index, crs=geometry.crs)
