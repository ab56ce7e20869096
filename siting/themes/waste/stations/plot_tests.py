"""The tests of a plot for a station: land inside the green belt, shape, spacing to buildings, free ground, road."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.ledger import Text
from siting.themes.waste.ground.distances import nearest_edges, overlaps_m2
from siting.themes.waste.ground.figures import PRESENT, Asked, metres, square_metres
from siting.themes.waste.ground.keep import KeptShapes
from siting.themes.waste.ground.outcomes import FAIL, PASS, Tested, distance_text
from siting.themes.waste.stations.classes import StationClass
from siting.themes.waste.stations.rooms import rooms

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
TESTS = ("land", "shape", "spacing", "free", "road")
LAND = Text("绿化隔离带以内的用地面积", "land inside the green belt")
SHAPE = Text("地块形状（内切圆直径）", "shape of the plot (largest circle inside)")
SPACING = Text("与相邻建筑间距", "spacing to buildings")
FREE = Text("地块上的现状建筑", "buildings on the plot")


def room_tests(
    shapes: Shapes, ids: list[str], c: StationClass, min_width_m: float | None, advisory: Collection[str]
) -> tuple[list[Tested], Floats]:
    """Test land and shape for one class; also return the room inside the belt, in m2."""
    belt = c.belt.value or 0.0
    room, width = rooms(shapes, belt)
    own = Asked(value=min_width_m, own=True)
    tests = []
    for k, plot in enumerate(ids):
        tests.append(
            Tested(
                plot=plot, subject=c.id, test="land", name=LAND, asked=c.land, measured=float(room[k]), unit="m2",
                text=_land_text(c, float(room[k])), binding="land" not in advisory,
            )
        )  # fmt: skip
        tests.append(
            Tested(
                plot=plot, subject=c.id, test="shape", name=SHAPE, asked=own, measured=float(width[k]), unit="m",
                text=_shape_text(float(width[k]), own), binding="shape" not in advisory,
            )
        )  # fmt: skip
    return tests, room


def _land_text(c: StationClass, room: float) -> Text:
    belt = c.belt
    around = Text("未扣绿化隔离带", "no green belt taken off")
    if belt.value is not None:
        around = Text(
            f"扣除 {metres(belt.value)} 米绿化隔离带（{belt.cited.zh}）",
            f"inside a green belt of {metres(belt.value)} m ({belt.cited.en})",
        )
    zh, en = f"{around.zh}后余 {room:,.0f} 平方米", f"{room:,.0f} m² are left {around.en}"
    least = c.least_land_m2
    if least is None:
        return Text(f"{zh}；目录无{c.name.zh}用地数值，未评判", f"{en}; no figure of land for {c.name.en}: not judged")
    by = c.land.cited
    zh, en = f"{zh}，{c.name.zh}要求 {least:,.0f} 平方米", f"{en}, {c.name.en} asks {least:,.0f} m²"
    if room < least:
        lack = least - room
        return Text(f"{zh}：不足 {lack:,.0f} 平方米（{by.zh}）", f"{en}: {lack:,.0f} m² short ({by.en})")
    return Text(f"{zh}：满足（{by.zh}）", f"{en}: met ({by.en})")


def _shape_text(width: float, asked: Asked) -> Text:
    zh, en = f"可容最大圆直径 {metres(width)} 米", f"the largest circle inside is {metres(width)} m across"
    if asked.value is None:
        return Text(f"{zh}；无数值要求，未评判", f"{en}; no figure is given: not judged")
    zh, en = f"{zh}，要求 {metres(asked.value)} 米", f"{en}, {metres(asked.value)} m asked"
    if width < asked.value:
        lack = metres(round(asked.value - width, 3))
        return Text(f"{zh}：不足 {lack} 米（{asked.cited.zh}）", f"{en}: {lack} m short ({asked.cited.en})")
    return Text(f"{zh}：满足（{asked.cited.zh}）", f"{en}: met ({asked.cited.en})")


def spacing_tests(
    shapes: Shapes,
    ids: list[str],
    around: tuple[KeptShapes, ...],
    classes: tuple[StationClass, ...],
    advisory: Collection[str],
) -> tuple[list[Tested], Floats]:
    """Test the spacing of every class and whether the ground is free; also return metres to the nearest building.

    Homes come before other buildings: of two equally near it is the home that is named.
    """
    n = len(ids)
    if not around:
        none = np.full(n, np.nan)
        text = Text("缺少建筑图层，未评判", "no layer of buildings: not judged")
        return [
            Tested(plot=plot, subject=c.id, test="spacing", name=SPACING, asked=c.spacing, measured=np.nan, unit="m",
                   text=text, binding="spacing" not in advisory)
            for c in classes for plot in ids
        ], none  # fmt: skip
    others = np.concatenate([a.shapes for a in around])
    title = [a.keep.title for a in around for _ in a.shapes]
    names = np.concatenate([a.ids for a in around])
    standing, most = overlaps_m2(shapes, others)
    metre, which = _off_the_plot(shapes, others)
    tests = []
    for c in classes:
        for k, plot in enumerate(ids):
            j = int(which[k])
            near = SPACING if j < 0 else Text(f"{title[j].zh} {names[j]}", f"{title[j].en} {names[j]}")
            text = (
                Text("附近没有建筑", "no building near") if j < 0 else distance_text(near, float(metre[k]), c.spacing)
            )
            tests.append(
                Tested(
                    plot=plot, subject=c.id, test="spacing", name=SPACING, asked=c.spacing, measured=float(metre[k]),
                    unit="m", text=text, against=None if j < 0 else str(names[j]), binding="spacing" not in advisory,
                    outcome=PASS if j < 0 and c.spacing.value is not None else "",
                )
            )  # fmt: skip
    ground = Asked(value=0.0, source=PRESENT, own=True)
    for k, plot in enumerate(ids):
        j, taken = int(most[k]), float(standing[k])
        if j < 0:
            text = Text("地块上没有建筑", "no building stands on the plot")
        else:
            text = Text(
                f"地块上有{title[j].zh} {names[j]} 等建筑，占 {square_metres(taken)} 平方米",
                f"{title[j].en} {names[j]} and others cover {square_metres(taken)} m² of the plot",
            )
        tests.append(
            Tested(
                plot=plot, subject="", test="free", name=FREE, asked=ground, measured=0.0 - taken, unit="m2", text=text,
                against=None if j < 0 else str(names[j]), binding="free" not in advisory,
                outcome=PASS if j < 0 else FAIL,
            )
        )  # fmt: skip
    return tests, metre


def _off_the_plot(shapes: Shapes, others: Shapes) -> tuple[Floats, NDArray[np.intp]]:
    """Measure to the nearest building that does not stand on the plot itself; touching its edge is 0 m."""
    metre, which = nearest_edges(shapes, others)
    touching = np.flatnonzero(metre == 0)
    if not len(touching):
        return metre, which
    tree = shapely.STRtree(others)
    for k in touching:
        here = tree.query(shapes[k], predicate="intersects")
        flat = shapely.get_dimensions(others[here]) == 2
        inside = np.where(flat, shapely.area(shapely.intersection(shapes[k], others[here])) > 0, True)
        on = here[inside]
        if not len(on):
            continue
        rest = np.setdiff1d(np.arange(len(others)), on)
        far, at = nearest_edges(shapes[k : k + 1], others[rest])
        metre[k], which[k] = far[0], rest[at[0]] if at[0] >= 0 else -1
    return metre, which
