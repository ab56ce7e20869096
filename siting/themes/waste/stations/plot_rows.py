"""What the tests come to: a row a plot, and a row a plot and class that fits, as the chain takes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.ledger import Text
from siting.themes.waste.ground.outcomes import Tested, failures, in_words
from siting.themes.waste.stations.classes import StationClass
from siting.themes.waste.stations.standing import VERSION_COLUMNS, StationCost

Floats = NDArray[np.float64]
FITS, REFUSED = "fits", "refused"
PLOT_COLUMNS = [
    "name",
    "status",
    "outcome",
    "classes",
    "largest_class",
    "capacity_t_day",
    "area_m2",
    "width_m",
    "building_m",
    "road_m",
    "failed",
    "reason_zh",
    "reason_en",
]


def plot_rows(
    good: gpd.GeoDataFrame,
    lost: pd.Series,
    tests: list[Tested],
    classes: tuple[StationClass, ...],
    building_m: Floats,
    road_m: Floats,
    capacity: pd.Series,
) -> gpd.GeoDataFrame:
    """Gather the tests plot by plot; rows that are no plots follow with their reason.

    Parameters
    ----------
    capacity : of the plots on which a station stands, by id: only larger classes are of interest there
    """
    of_plot: dict[str, list[Tested]] = {str(i): [] for i in good.index}
    for test in tests:
        of_plot[test.plot].append(test)
    shapes = np.asarray(good.geometry.array, dtype=object)
    across = np.zeros(len(shapes))
    if len(shapes):
        across = 2.0 * shapely.length(shapely.maximum_inscribed_circle(shapes, tolerance=0.01))
    names = good["name"].tolist() if "name" in good.columns else [None] * len(good)
    rows = []
    for k, plot in enumerate(good.index):
        failed = failures(of_plot[str(plot)])
        today = capacity.get(plot)
        wanted = classes if today is None else tuple(c for c in classes if c.most_t_day > today)
        fit, reason = _verdict(failed, wanted)
        best = fit[0] if fit else None
        rows.append(
            {
                "name": None if pd.isna(names[k]) else str(names[k]),
                "status": "candidate" if today is None else "existing",
                "outcome": FITS if fit else REFUSED,
                "classes": " ".join(c.id for c in fit),
                "largest_class": None if best is None else best.id,
                "capacity_t_day": np.nan if best is None else best.most_t_day,
                "area_m2": round(float(shapely.area(shapes[k])), 1),
                "width_m": round(float(across[k]), 1),
                "building_m": float(building_m[k]),
                "road_m": float(road_m[k]),
                "failed": len(failed),
                "reason_zh": reason.zh,
                "reason_en": reason.en,
            }
        )
    rows += [
        {"status": "candidate", "outcome": REFUSED, "classes": "", "failed": 0, "reason_zh": r.zh, "reason_en": r.en}
        for r in lost.tolist()
    ]
    made = pd.DataFrame(rows, columns=PLOT_COLUMNS).set_axis(good.index.append(lost.index), axis=0)
    made.index.name = "id"
    return gpd.GeoDataFrame(made, geometry=[*shapes, *[None] * len(lost)], crs=good.crs)


def _verdict(failed: list[Tested], classes: tuple[StationClass, ...]) -> tuple[list[StationClass], Text]:
    """Return the classes that fit, the largest first, and why no larger one does."""
    common = [t for t in failed if not t.subject]
    fit = [] if common else [c for c in classes if not any(t.subject == c.id for t in failed)]
    larger = classes[: classes.index(fit[0])] if fit else classes
    if not larger:
        return fit, Text("最大一类也满足", "fits the largest class that was tried")
    nearest = larger[-1]
    text = in_words([*common, *(t for t in failed if t.subject == nearest.id)])
    return fit, Text(f"不满足{nearest.name.zh}：{text.zh}", f"not {nearest.name.en}: {text.en}")


def version_rows(
    plots: gpd.GeoDataFrame,
    classes: tuple[StationClass, ...],
    room: Mapping[str, Floats],
    costs: Mapping[str, StationCost],
    streams: Collection[str],
) -> gpd.GeoDataFrame:
    """Return a row a plot and class that fits; of the versions of a ``site`` at most one is built.

    Each takes what its land gives of its class: the upper end of the class would promise more than stands on the plot.
    """
    rows, index, shapes = [], [], []
    for k, (plot, row) in enumerate(plots.iterrows()):
        for c in classes:
            if c.id not in str(row["classes"]).split():
                continue
            inside = float(room[c.id][k])
            by_land = c.by_land(inside)
            cost = costs.get(c.id)
            rows.append(
                {
                    "site": str(plot),
                    "name": row["name"],
                    "status": "candidate",
                    "station_class": c.id,
                    "capacity_t_day": np.nan if by_land is None else round(by_land, 1),
                    "capacity_by_land_t_day": np.nan if by_land is None else round(by_land, 1),
                    "fixed_cost_day": np.nan if cost is None else cost.fixed_cost_day,
                    "cost_per_t": np.nan if cost is None else cost.cost_per_t,
                    "streams": ",".join(streams),
                    "area_m2": row["area_m2"],
                    "room_m2": inside,
                }
            )
            index.append(f"{plot}-{c.id}")
            shapes.append(row["geometry"])
    made = pd.DataFrame(rows, columns=VERSION_COLUMNS).set_axis(pd.Index(index, name="id", dtype=object), axis=0)
    return gpd.GeoDataFrame(made, geometry=gpd.GeoSeries(shapes, index=made.index, crs=plots.crs), crs=plots.crs)
