"""Which class of transfer station fits which plot: every test passed and failed, and what is handed to the chain."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import InputError
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.nearest_word import hint
from siting.standards import Catalogue, load_catalogue
from siting.themes.waste.ground import Keep, Tested, keep_tests, keeps_of, read_plots, tests_frame
from siting.themes.waste.ground.keep import KeptShapes
from siting.themes.waste.ground.road import ROAD, edges_of, road_tests
from siting.themes.waste.stations.classes import StationClass, station_classes
from siting.themes.waste.stations.held import by_class
from siting.themes.waste.stations.plot_rows import REFUSED, plot_rows, version_rows
from siting.themes.waste.stations.plot_tests import SHAPE, TESTS, room_tests, spacing_tests
from siting.themes.waste.stations.standing import StationCost, grounds_of, standing_versions

if TYPE_CHECKING:
    from siting.network import Network
    from siting.themes.result import ThemeResult

AVOID = "waste.ts.avoid"


@dataclass(frozen=True, kw_only=True, eq=False)
class StationFit:
    """Which classes fit which plots.

    Attributes
    ----------
    plots : every plot, every row that is none, and the grounds of stations that could grow, index = id; columns
        ``status`` ("candidate", "existing"), ``outcome`` ("fits", "refused"), ``classes``
        (those that fit, the largest first), ``largest_class``, ``capacity_t_day`` (its upper end), ``area_m2``,
        ``width_m``, ``building_m``, ``road_m``, ``reason_zh``, ``reason_en`` (why not, or why no larger class)
    versions : for the chain: a row a plot and class that fits, and the stations that stand; columns `VERSION_COLUMNS`;
        a new one takes what its land gives between the ends of its class (`StationClass.by_land`, an estimate)
    tests : one row a test, `siting.themes.waste.ground.TEST_COLUMNS`; ``subject`` is the class, empty for all
    classes : of the catalogue
    """

    plots: gpd.GeoDataFrame
    versions: gpd.GeoDataFrame
    tests: pd.DataFrame
    classes: tuple[StationClass, ...]
    catalogue: Catalogue
    findings: tuple[Finding, ...]
    missing: tuple[tuple[Text, Text], ...]

    @property
    def rejected(self) -> gpd.GeoDataFrame:
        """Plots that hold no class, with the reasons."""
        refused = (self.plots["outcome"] == REFUSED) & (self.plots["status"] == "candidate")
        return gpd.GeoDataFrame(self.plots[refused])

    @property
    def versions_by_class(self) -> gpd.GeoDataFrame:
        """The same, but new ones take the upper end of their class, whatever their land."""
        return by_class(self.versions, self.classes)

    def themed(self) -> ThemeResult:
        """Put it into the shape that all writers read."""
        from siting.themes.waste.stations.fit_shown import themed

        return themed(self)


def fit_stations(
    plots: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None = None,
    homes: gpd.GeoDataFrame | None = None,
    *,
    catalogue: Catalogue | None = None,
    existing: gpd.GeoDataFrame | None = None,
    keep: Sequence[Keep] = (),
    drive: Network | gpd.GeoDataFrame | None = None,
    max_road_m: float | None = None,
    min_width_m: float | None = None,
    costs: Mapping[str, StationCost] | None = None,
    streams: Collection[str] = (),
    only: Collection[str] | None = None,
    advisory: Collection[str] = (),
) -> StationFit:
    """Test every plot for every class.

    Parameters
    ----------
    plots : areas on which a station may stand, in a CRS in metres; ``name`` is used where it is there
    buildings, homes : what the class keeps its spacing from, building edge to plot edge: areas, or points. A building
        that stands on the plot is a test of its own ("free"), its distance is not measured
    catalogue : default: the national one
    existing : stations that stand, points or areas: handed on as they are, columns ``capacity_t_day``,
        ``fixed_cost_day``, ``cost_per_t``, ``streams`` where known. The grounds of one whose capacity is known are
        tested for larger classes: those that fit are further versions of its ``site``, so that it may be enlarged;
        what stands on them is no obstacle
    keep : what else the site keeps away from. One whose ``rules`` hold ``waste.ts.avoid``, which gives no distance, is
        judged by the study's own distance, or not
    drive : streets for vehicles: their distance to the plot's edge is tested by ``max_road_m``
    max_road_m, min_width_m : the study's own: no clause gives them. Without them the test is not judged
    costs : by class; one without costs has none (NaN), which the chain must be given
    streams : that the stations take; empty: all
    only : the classes to try; default: all
    advisory : tests whose failure is told but refuses no plot: `TESTS`, or the name of a `Keep`. GB 55013 leaves land
        and spacing to design and assessment, so a study may say "land", "spacing"

    Raises
    ------
    InputError, CRSError
        Layers, costs or names that cannot be used.
    """
    catalogue = load_catalogue() if catalogue is None else catalogue
    classes = _wanted(station_classes(catalogue), only)
    _check(keep, costs, advisory, max_road_m, min_width_m)
    good, lost, findings = read_plots(plots, "plots")
    crs = good.crs
    stand, said = standing_versions(existing, station_classes(catalogue), crs)
    larger = grounds_of(stand, good)
    good = gpd.GeoDataFrame(pd.concat([good, larger]), crs=crs) if len(larger) else good
    kept, more = keeps_of([_advised(k, advisory) for k in keep], crs)
    around, others = keeps_of(_around(buildings, homes), crs)
    shapes, ids = np.asarray(good.geometry.array, dtype=object), [str(i) for i in good.index]
    tests: list[Tested] = []
    room = {}
    for c in classes:
        found, room[c.id] = room_tests(shapes, ids, c, min_width_m, advisory)
        tests += found
    spaced, building_m = spacing_tests(shapes, ids, around, classes, advisory)
    tests += spaced
    for layer in kept:
        tests += keep_tests(shapes, ids, layer, catalogue)
    reached, road_m = road_tests(shapes, ids, edges_of(drive, crs), max_road_m, binding="road" not in advisory)
    tests += reached
    own = set(larger.index)
    tests = [replace(t, binding=False) if t.test == "free" and t.plot in own else t for t in tests]
    table = plot_rows(good, lost, tests, classes, building_m, road_m, stand.loc[larger.index, "capacity_t_day"])
    versions = version_rows(table, classes, room, costs or {}, streams)
    findings = (*findings, *more, *others, *said, *_cost_findings(classes, costs, table))
    return StationFit(
        plots=table,
        versions=gpd.GeoDataFrame(pd.concat([versions, stand]), crs=crs) if len(stand) else versions,
        tests=tests_frame(sorted(tests, key=_order(ids, classes))),
        classes=classes,
        catalogue=catalogue,
        findings=findings,
        missing=_missing(buildings, homes, drive, max_road_m, min_width_m, kept, catalogue),
    )


def _wanted(classes: tuple[StationClass, ...], only: Collection[str] | None) -> tuple[StationClass, ...]:
    known = [c.id for c in classes]
    unknown = [c for c in only or () if c not in known]
    if unknown:
        msg = f"only: '{unknown[0]}' is no class of station; the catalogue has {', '.join(known) or 'none'}"
        raise InputError(msg)
    return tuple(c for c in classes if only is None or c.id in only)


def _check(
    keep: Sequence[Keep],
    costs: Mapping[str, StationCost] | None,
    advisory: Collection[str],
    max_road_m: float | None,
    min_width_m: float | None,
) -> None:
    names = [*TESTS, *(k.name for k in keep)]
    own = [k.name for k in keep if k.name in TESTS]
    if own:
        msg = f"keep: '{own[0]}' is the name of a test; call the layer something else"
        raise InputError(msg)
    for name in advisory:
        if name not in names:
            msg = f"advisory: '{name}' is no test{hint(name, names)}; there are {', '.join(names)}"
            raise InputError(msg)
    for name in costs or {}:
        if name not in ("I", "II", "III", "IV", "V"):
            msg = f"costs: '{name}' is no class of station; there are I, II, III, IV, V"
            raise InputError(msg)
    for name, value in (("max_road_m", max_road_m), ("min_width_m", min_width_m)):
        if value is not None and not (math.isfinite(value) and value > 0):
            msg = f"{name} is {value!r}, expected metres above 0"
            raise InputError(msg)


def _advised(keep: Keep, advisory: Collection[str]) -> Keep:
    return replace(keep, binding=False) if keep.name in advisory else keep


def _around(buildings: gpd.GeoDataFrame | None, homes: gpd.GeoDataFrame | None) -> list[Keep]:
    given = (("homes", Text("住宅", "home"), homes), ("buildings", Text("建筑", "building"), buildings))
    return [Keep(name=name, title=title, layer=layer) for name, title, layer in given if layer is not None]


def _order(ids: list[str], classes: tuple[StationClass, ...]) -> Callable[[Tested], tuple[int, int]]:
    row = {plot: k for k, plot in enumerate(ids)}
    rank = {c.id: k for k, c in enumerate(classes)}
    return lambda t: (row[t.plot], rank.get(t.subject, -1))


def _cost_findings(
    classes: tuple[StationClass, ...], costs: Mapping[str, StationCost] | None, table: gpd.GeoDataFrame
) -> tuple[Finding, ...]:
    """Name the classes that fit somewhere and have no costs."""
    used = {c for text in table["classes"].tolist() for c in text.split()}
    without = [c.id for c in classes if c.id in used and c.id not in (costs or {})]
    if not without:
        return ()
    text = Text(
        f"未给出{'、'.join(without)}类转运站的费用，比较费用前须补充",
        f"no costs are given for stations of class {', '.join(without)}: give them before costs are compared",
    )
    return (Finding(code="station_costs", kind="note", count=len(without), text=text, ids=listed(without)),)


def _missing(
    buildings: gpd.GeoDataFrame | None,
    homes: gpd.GeoDataFrame | None,
    drive: object,
    max_road_m: float | None,
    min_width_m: float | None,
    kept: tuple[KeptShapes, ...],
    catalogue: Catalogue,
) -> tuple[tuple[Text, Text], ...]:
    found = []
    if buildings is None and homes is None:
        found.append((Text("与相邻建筑间距", "spacing to buildings"), Text("缺少建筑图层", "no layer of buildings")))
    if drive is None:
        found.append((ROAD, Text("缺少机动车路网", "no streets for vehicles")))
    elif max_road_m is None:
        found.append(
            (
                ROAD,
                Text("条文无数值，研究未给出 max_road_m", "no clause gives a figure and the study none (max_road_m)"),
            )
        )
    if min_width_m is None:
        found.append(
            (
                SHAPE,
                Text("条文无数值，研究未给出 min_width_m", "no clause gives a figure and the study none (min_width_m)"),
            )
        )
    silent = [k.keep for k in kept if k.keep.distance(catalogue) is None]
    found += [
        (k.title, Text("条文与研究均未给出距离", "neither a clause nor the study gives a distance")) for k in silent
    ]
    if AVOID in catalogue and not any(AVOID in k.keep.rules for k in kept):
        rule = catalogue[AVOID]
        found.append((rule.name, Text("研究未给出相应图层", "the study gives no layers of such places")))
    return tuple(found)
