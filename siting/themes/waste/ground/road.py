"""How far a plot lies from a street that vehicles use; no clause gives a figure, so a study may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.coverage.schema import in_crs
from siting.ledger import Text
from siting.themes.waste.ground.distances import nearest_edges
from siting.themes.waste.ground.figures import Asked, metres
from siting.themes.waste.ground.outcomes import FAIL, Tested, reached

if TYPE_CHECKING:
    from siting.network import Network

ROAD = Text("道路条件", "road access")


def edges_of(drive: Network | gpd.GeoDataFrame | None, crs: object) -> NDArray[np.object_] | None:
    """Return the lines of streets that are open in one direction at least, None where there are none."""
    if drive is None:
        return None
    frame = drive if isinstance(drive, gpd.GeoDataFrame) else drive.edges_frame()[drive.forward | drive.backward]
    lines = np.asarray(in_crs("drive", frame, crs).geometry.array, dtype=object)
    usable: NDArray[np.object_] = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    return usable


def road_tests(
    shapes: NDArray[np.object_],
    ids: Sequence[str],
    edges: NDArray[np.object_] | None,
    max_road_m: float | None,
    *,
    subject: str = "",
    binding: bool = True,
) -> tuple[list[Tested], NDArray[np.float64]]:
    """Test how far each plot's edge lies from a street for vehicles; also return the metres."""
    asked = Asked(value=max_road_m, own=True)
    road_m = np.full(len(ids), np.nan) if edges is None else nearest_edges(shapes, edges)[0]
    tests = [
        Tested(
            plot=plot,
            subject=subject,
            test="road",
            name=ROAD,
            asked=asked,
            measured=float(far),
            unit="m",
            text=_text(float(far), asked),
            binding=binding,
            at_most=True,
        )
        for plot, far in zip(ids, road_m, strict=True)
    ]
    return tests, road_m


def _text(far: float, asked: Asked) -> Text:
    most = asked.value
    if np.isnan(far):
        return Text("缺少机动车路网，未评判", "no streets for vehicles: not judged")
    zh, en = f"距机动车道路 {metres(far, most)} 米", f"lies {metres(far, most)} m from a street for vehicles"
    if most is None:
        return Text(f"{zh}；无数值要求，未评判", f"{en}; no figure is given: not judged")
    if reached(far, most, at_most=True) == FAIL:
        over = metres(round(far - most, 3))
        return Text(
            f"{zh}，至多 {metres(most)} 米：超出 {over} 米（{asked.cited.zh}）",
            f"{en}, at most {metres(most)} m: {over} m too far ({asked.cited.en})",
        )
    return Text(f"{zh}：满足（{asked.cited.zh}）", f"{en}: met ({asked.cited.en})")
