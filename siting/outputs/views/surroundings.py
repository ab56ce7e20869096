"""Views of what every group stands on or beside: facilities, zones, the ground."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.ledger import Text
from siting.outputs import palette
from siting.outputs.columns import safe_name
from siting.outputs.contract import RunLike
from siting.outputs.views.model import Condition, Group, Shape, View, ViewClass
from siting.standards import level_text
from siting.standards.classes import load_classes

MOST_IDS = 500
"""A view names single rows up to this many; with more its filter could not be read."""
GROUND = Group(id="ground", title=Text("底图", "Ground"), kind="ground")
FACILITIES = Group(id="facilities", title=Text("现有设施", "Facilities"), kind="facilities")
GROUND_TABLES: Mapping[str, tuple[Text, str]] = {
    "base_streets": (Text("街道", "streets"), palette.STREET_EDGE),
    "base_buildings": (Text("建筑", "buildings"), palette.BUILDING),
    "base_green": (Text("绿地", "green space"), palette.GREEN),
    "base_water": (Text("水域", "water"), palette.WATER),
    "base_boundary": (Text("研究范围", "study area"), palette.ZONE),
}
"""From top to bottom; see `siting.outputs.layers`."""


def single(name: Text, colour: str) -> tuple[ViewClass, ...]:
    """Return the one class of a layer in one colour."""
    return (ViewClass(name=name, colour=colour),)


def by_value(*shown: tuple[str | bool, Text, str]) -> tuple[ViewClass, ...]:
    """Return one class a value: the value, its name in the legend, its colour."""
    return tuple(ViewClass(name=name, colour=colour, value=value) for value, name, colour in shown)


def that_count(
    of: str,
    title: Text,
    classes: tuple[str, ...],
    layers: Mapping[str, pd.DataFrame],
    view: "partial[View]",
    counted: Collection[str] | None = None,
) -> Iterator[View]:
    """Show the facilities of some classes: as marks, and those that are areas as their areas.

    Parameters
    ----------
    of : id of the group
    view : makes a view of the group
    counted : ids of those that count, where not all of the classes do
    """
    where = (Condition(column="class", values=classes),)
    if counted is not None and not set(rows_of(layers["facilities"], where)["id"]) <= set(counted):
        if len(counted) <= MOST_IDS:
            where = (Condition(column="id", values=tuple(sorted(counted))),)
        else:
            title = Text("同类设施（部分不计入本条）", "Facilities of the class (some do not count)")
    marks, areas = rows_in(layers, "facilities", where), rows_in(layers, "facility_areas", where)
    if len(marks):
        yield view(
            id=f"{of}_facilities",
            title=title,
            table="facilities",
            shape="point",
            classes=single(Text("现有设施", "facility"), palette.FACILITY),
            where=where,
            mark="square",
            size_mm=mark_size(len(marks)),
            visible=len(areas) < len(marks),
        )
    if len(areas):
        yield view(
            id=f"{of}_areas",
            title=Text(f"{title.zh}（用地）", f"{title.en} (areas)"),
            table="facility_areas",
            shape="polygon",
            classes=single(Text("现有设施（面）", "facility (area)"), palette.AREA_FACILITY),
            where=where,
            outline=True,
            size_mm=round(float(np.clip(0.3 * (60 / len(areas)) ** 0.4, 0.1, 0.3)), 2),
            visible=True,
        )


def rows_in(layers: Mapping[str, pd.DataFrame], table: str, where: tuple[Condition, ...] = ()) -> pd.DataFrame:
    """Return the rows of one of the tables that meet all conditions; none where there is no such table."""
    return rows_of(layers[table], where) if table in layers else pd.DataFrame()


def rows_of(frame: pd.DataFrame, where: tuple[Condition, ...]) -> pd.DataFrame:
    """Return the rows of a table that meet all conditions."""
    for one in where:
        if one.column not in frame.columns:
            return frame[:0]
        frame = frame[frame[one.column].isin(one.values)]
    return frame


def mark_size(count: int) -> float:
    """Return millimetres of a mark: the more there are, the smaller, so that they do not hide the map."""
    return round(float(np.clip(2.2 * (60 / max(count, 1)) ** 0.4, 0.8, 2.2)), 2)


def shape_of(frame: gpd.GeoDataFrame) -> Shape:
    """Return the kind of shapes a layer holds; polygon where it has none."""
    most = int(np.max(shapely.get_dimensions(frame.geometry.array), initial=-1)) if len(frame) else -1
    return "point" if most == 0 else "line" if most == 1 else "polygon"


def of_facilities(layers: Mapping[str, pd.DataFrame]) -> Iterator[View]:
    """Show all facilities by class, the ways into those that are areas, and points that no street reaches."""
    classes = load_classes()
    view = partial(View, group=FACILITIES)
    for table, shape in (("facilities", "point"), ("facility_areas", "polygon")):
        if not len(rows_in(layers, table)):
            continue
        held = [str(c) for c in layers[table]["class"].dropna().unique()]
        names = {c: classes[c].name if c in classes else Text(c, c) for c in held}
        ramp = palette.FACILITY if shape == "point" else palette.AREA_FACILITY
        yield view(
            id=table,
            table=table,
            shape="point" if shape == "point" else "polygon",
            kind="categorised",
            title=Text("全部设施", "All facilities") if shape == "point" else Text("设施用地", "Facility areas"),
            column="class",
            classes=by_value(*((c, names[c], ramp) for c in held)),
            mark="square",
            outline=True,
            size_mm=mark_size(len(layers[table])) if shape == "point" else 0.4,
        )
    if len(rows_in(layers, "gates")):
        yield view(
            id="gates",
            title=Text("出入口", "Entrances"),
            table="gates",
            shape="point",
            classes=single(Text("出入口", "entrance"), palette.AREA_FACILITY),
            mark="diamond",
            size_mm=1.2,
        )
    if len(rows_in(layers, "unsnapped")):
        yield view(
            id="unsnapped",
            title=Text("未能接入路网的点", "Points too far from any street"),
            table="unsnapped",
            shape="point",
            classes=single(Text("未接入", "unsnapped"), palette.UNSERVED),
        )


def of_zones(run: RunLike) -> Iterator[View]:
    """Outline each level of zones."""
    group = Group(id="zones", title=Text("统计分区", "Zones"), kind="zones")
    for k, level in enumerate(run.zones):
        name = f"zones_{safe_name(level)}"
        yield View(
            id=name,
            group=group,
            title=Text(f"分区界线（{level_text(level).zh}）", f"Outlines ({level})"),
            table=name,
            shape="polygon",
            classes=single(Text("分区", "zone"), palette.ZONE),
            labels=("name", "name"),
            outline=True,
            size_mm=0.3,
            visible=k == 0,
        )


def of_ground(layers: Mapping[str, pd.DataFrame]) -> Iterator[View]:
    """Lay out the ground, streets on top."""
    for table, (title, colour) in GROUND_TABLES.items():
        frame = layers.get(table)
        if isinstance(frame, gpd.GeoDataFrame) and len(frame):
            yield View(
                id=table,
                group=GROUND,
                title=title,
                table=table,
                shape=shape_of(frame),
                classes=single(title, colour),
                outline=table == "base_boundary",
                size_mm=0.3,
                visible=True,
            )
