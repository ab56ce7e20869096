"""What walls cost: people a park is near to but not open to, and the gates that would win most of them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access import cost_matrix, nearest_by_entries
from siting.access.gates import OPEN_BOUNDARY_M, SPACING_M, boundary_entries, table
from siting.coverage import Audit, served_mask
from siting.coverage.schema import people_milli
from siting.themes.city import City
from siting.themes.green.parks import parks_of
from siting.units import MILLI_PER_PERSON

RANKED = 50
"""How many gates are listed, best first."""
NEAR_ENTRY_M = SPACING_M
"""A place this near to an entry of the same park is no new gate."""
GATE_COLUMNS = ["park", "gain_people", "order", "gain_alone_people"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Detour:
    """People lost between the straight line and the way on foot.

    Attributes
    ----------
    points : index = demand id, of points that lie within the straight distance of a park but not within it on foot:
        ``people``, ``park`` (the nearest in a straight line), ``wall`` (an open boundary would serve them)
    parks : index = park id: ``loss_people``, of which ``wall_people``; parks that lose nobody are left out
    gates : candidate gates, best first: ``park``, ``gain_people`` (newly served after those before it), ``order``,
        ``gain_alone_people``; geometry on the park's boundary
    open_served : shape (n_demand,), who would be served if the boundaries were open wherever a street passes
    """

    points: pd.DataFrame
    parks: pd.DataFrame
    gates: gpd.GeoDataFrame
    open_served: NDArray[np.bool_]


def detour_of(city: City, park: Audit) -> Detour | None:
    """Compare the straight line, an open boundary and today's gates; None without streets, parks or people.

    Parameters
    ----------
    park : the audit of the park rule
    """
    parks = parks_of(city)
    milli = people_milli(city.demand)
    if city.network is None or not park.judged or not len(parks) or milli is None or park.limit_m is None:
        return None
    limit_m = park.limit_m
    walked = park.demand["served_network"].to_numpy(dtype=bool)
    straight = park.demand["served_straight"].to_numpy(dtype=bool)
    today = city.searches.entries(parks)
    everywhere = _boundary(city, parks)
    both = pd.concat([today, everywhere], ignore_index=True)
    opened = nearest_by_entries(city.network, city.demand, parks, gpd.GeoDataFrame(both), max_snap_m=city.max_snap_m)
    open_served = served_mask(opened["cost"].to_numpy(dtype=np.float64), limit_m) | walked
    lost = np.flatnonzero(straight & ~walked)
    points = pd.DataFrame(
        {
            "people": milli[lost] / MILLI_PER_PERSON,
            "park": park.demand["facility_straight"].to_numpy()[lost],
            "wall": open_served[lost],
        },
        index=city.demand.index[lost],
    )
    by_park = pd.DataFrame(
        {"park": points["park"], "loss": milli[lost], "wall": np.where(points["wall"], milli[lost], 0)}
    )
    sums = by_park.groupby("park")[["loss", "wall"]].sum().sort_values(["wall", "loss"], ascending=False, kind="stable")
    losses = pd.DataFrame(
        {"loss_people": sums["loss"] / MILLI_PER_PERSON, "wall_people": sums["wall"] / MILLI_PER_PERSON}
    ).rename_axis("park")
    would = np.flatnonzero(open_served & ~walked)
    return Detour(
        points=points,
        parks=losses,
        gates=_ranked(city, _new_places(everywhere, today), would, milli, limit_m),
        open_served=open_served,
    )


def _boundary(city: City, parks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Places on the boundaries of parks that face a street, whatever gates there are."""
    assert city.network is not None
    shapes = np.asarray(parks.geometry, dtype=object)
    rows = np.arange(len(parks))
    found = boundary_entries(city.network, shapes, rows, city.max_snap_m, OPEN_BOUNDARY_M, SPACING_M)
    return table(city.network, parks.index, found)


def _new_places(everywhere: gpd.GeoDataFrame, today: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Boundary places that reach a street and are not beside an entry that the park has."""
    snapped = gpd.GeoDataFrame(everywhere[everywhere["snapped"].astype(bool)])
    if not len(snapped) or not len(today):
        return snapped
    pairs = snapped.sindex.query(today.geometry, predicate="dwithin", distance=NEAR_ENTRY_M)
    same = today["facility"].to_numpy()[pairs[0]] == snapped["facility"].to_numpy()[pairs[1]]
    taken = np.zeros(len(snapped), dtype=bool)
    taken[pairs[1][same]] = True
    return gpd.GeoDataFrame(snapped[~taken])


def _ranked(
    city: City, places: gpd.GeoDataFrame, would: NDArray[np.intp], milli: NDArray[np.int64], limit_m: float
) -> gpd.GeoDataFrame:
    """Order gates by what each newly serves after those before it (greedy; equal gains by id)."""
    empty = gpd.GeoDataFrame({c: [] for c in GATE_COLUMNS}, geometry=[], crs=city.crs)
    if not len(places) or not len(would):
        return empty
    assert city.network is not None
    spots = gpd.GeoDataFrame({"park": places["facility"]}, geometry=places.geometry, crs=places.crs)
    matrix = cost_matrix(city.network, city.demand.iloc[would], spots, limit_m, max_snap_m=city.max_snap_m)
    people, gate = milli[would][matrix.row_of], np.asarray(matrix.indices)
    row = np.asarray(matrix.row_of)
    alone = np.zeros(len(spots), dtype=np.int64)
    np.add.at(alone, gate, people)
    order = np.argsort(spots.index.to_numpy().astype(str), kind="stable")
    rank = np.empty(len(spots), dtype=np.int64)
    rank[order] = np.arange(len(spots))
    gain, unserved = alone.copy(), np.ones(len(would), dtype=bool)
    chosen: list[tuple[int, int]] = []
    by_gate = np.argsort(gate, kind="stable")
    start = np.searchsorted(gate[by_gate], np.arange(len(spots) + 1))
    by_row = np.argsort(row, kind="stable")
    row_start = np.searchsorted(row[by_row], np.arange(len(would) + 1))
    while len(chosen) < RANKED and gain.max(initial=0) > 0:
        best = min(np.flatnonzero(gain == gain.max()), key=lambda k: rank[k])
        newly = [r for r in row[by_gate[start[best] : start[best + 1]]].tolist() if unserved[r]]
        chosen.append((int(best), int(gain[best])))
        for r in newly:
            unserved[r] = False
            gain[gate[by_row[row_start[r] : row_start[r + 1]]]] -= milli[would[r]]
    if not chosen:
        return empty
    picked = [k for k, _ in chosen]
    return gpd.GeoDataFrame(
        {
            "park": spots["park"].to_numpy()[picked],
            "gain_people": [g / MILLI_PER_PERSON for _, g in chosen],
            "order": np.arange(1, len(chosen) + 1),
            "gain_alone_people": alone[picked] / MILLI_PER_PERSON,
        },
        geometry=spots.geometry.to_numpy()[picked],
        crs=city.crs,
        index=pd.Index([f"N{k + 1:02d}" for k in range(len(chosen))], name="id"),
    )
