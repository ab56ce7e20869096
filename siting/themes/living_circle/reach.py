"""How far the nearest place of each class is from each home: in metres, in a straight line, and in time by profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access import entries
from siting.access.nearest import inside, nearest_goals
from siting.access.places import Goals, cutoff_mm
from siting.coverage import served_mask
from siting.coverage.distances import Nearest
from siting.errors import InputError, NetworkDataError
from siting.ledger import Text
from siting.network.layers import point_coordinates
from siting.network.snap import snap_xy
from siting.themes.city import City
from siting.themes.living_circle.elements import Element
from siting.units import mm_to_metres

if TYPE_CHECKING:
    from siting.network import Network
    from siting.network.snap import Snapped

Mask = NDArray[np.bool_]
DISTANCE, STRICT, OWN, OWN_NETWORK = "distance", "strict", "own_radius", "own_radius_network"
"""Measures beside the profiles: the tier's distance, its strict edge, the class's own radius as the clause means it
(a straight line) and along the streets."""
Missing = tuple[tuple[Text, Text], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Who is served by which class, by every measure.

    Attributes
    ----------
    served : by (id of the element, measure): mask over the demand points. Not judged classes have no measure of a tier
    nearest : by id of the element: nearest place and metres to it, along the streets where there are any
    profiles : the profiles that could be computed, in the order asked for
    alternate : by (id of the element, id of the other rule): mask by another document's radius, in a straight line
    missing : what could not be computed, and why
    """

    served: dict[tuple[str, str], Mask] = field(default_factory=dict)
    nearest: dict[str, Nearest] = field(default_factory=dict)
    profiles: tuple[str, ...] = ()
    alternate: dict[tuple[str, str], Mask] = field(default_factory=dict)
    missing: Missing = ()


def reach_of(city: City, elements: Sequence[Element], profiles: Sequence[str]) -> Reach:
    """Search the nearest place of every class and say who is served.

    Served is decided on whole millimetres and milliseconds, the limit included. Without streets the distance of a tier
    is measured in a straight line, and there are no times.
    """
    networks, missing = timed_networks(city, profiles)
    found = Reach(profiles=tuple(networks), missing=missing)
    kind: Literal["network", "straight"] = "straight" if city.network is None else "network"
    for element in elements:
        places = element.facilities
        if places is None:
            continue
        to_nearest = city.searches.nearest(city.demand, places, kind)
        found.nearest[element.id] = to_nearest
        tier = element.tier
        if tier.limit_m is not None:
            found.served[element.id, DISTANCE] = served_mask(to_nearest.cost, tier.limit_m)
        if tier.strict_m is not None:
            found.served[element.id, STRICT] = served_mask(to_nearest.cost, tier.strict_m)
        own = element.own_rule
        if own is not None and own.limit_m is not None:
            straight = city.searches.nearest(city.demand, places, "straight")
            found.served[element.id, OWN] = served_mask(straight.cost, own.limit_m)
            if city.network is not None:
                found.served[element.id, OWN_NETWORK] = served_mask(to_nearest.cost, own.limit_m)
            if tier.limit_m is None:  # a block: the class's own radius is all there is
                found.served[element.id, DISTANCE] = found.served[element.id, OWN]
        for rule in element.alternates:
            if rule.limit_m is not None:
                straight = city.searches.nearest(city.demand, places, "straight")
                found.alternate[element.id, rule.id] = served_mask(straight.cost, rule.limit_m)
    for profile, network in networks.items():
        _add_times(found, city, elements, profile, network)
    return found


def timed_networks(city: City, profiles: Sequence[str]) -> tuple[dict[str, Network], Missing]:
    """Return the streets with the times of each profile, and which profiles cannot be computed and why."""
    networks: dict[str, Network] = {}
    missing = []
    for profile in dict.fromkeys(profiles):
        what = Text(f"按时间评估（{profile}）", f"the tiers by time ({profile})")
        if city.network is None:
            why = Text("没有路网图层，无法计算步行时间", "no street layer, so there are no walking times")
            missing.append((what, why))
            continue
        try:
            network = city.timed(profile)
        except (NetworkDataError, InputError) as error:
            if isinstance(error, NetworkDataError) and "no profile" in str(error):
                raise
            missing.append((what, Text(f"路网不支持：{error}", f"the streets do not allow it: {error}")))
            continue
        if network is not None:
            networks[profile] = network
    return networks, tuple(missing)


def _add_times(found: Reach, city: City, elements: Sequence[Element], profile: str, network: Network) -> None:
    """Add who is served within the time of each tier: one search for all tiers that count the same places."""
    timed = [e for e in elements if e.facilities is not None and e.tier.limit_s is not None]
    longest: dict[int, float] = {}
    for element in timed:
        key = id(element.facilities)
        longest[key] = max(longest.get(key, 0.0), element.tier.limit_s or 0.0)
    places = {id(e.facilities): e.facilities for e in timed if e.facilities is not None}
    entered = _entries(city, network, places)
    homes = Homes.on(network, city.demand, city.max_snap_m)
    seconds = {key: homes.nearest_s(places[key], entered[key], longest[key]) for key in places}
    for element in timed:
        limit_s = element.tier.limit_s
        assert limit_s is not None
        found.served[element.id, profile] = served_mask(seconds[id(element.facilities)], limit_s)


def _entries(city: City, network: Network, places: Mapping[int, gpd.GeoDataFrame]) -> dict[int, gpd.GeoDataFrame]:
    """Where the places of each class are entered on the streets of a profile.

    Where no street is closed to the profile these are the entries of the city's own searches. Else they are found anew,
    for all classes at once.
    """
    plain = city.network
    if plain is not None and np.array_equal(network.edge_carries, plain.edge_carries):
        return {key: city.searches.entries(frame) for key, frame in places.items()}
    frames = [
        gpd.GeoDataFrame(geometry=frame.geometry.to_numpy(), crs=frame.crs, index=[f"{key}/{i}" for i in frame.index])
        for key, frame in places.items()
    ]
    together = gpd.GeoDataFrame(pd.concat(frames), crs=city.crs) if frames else gpd.GeoDataFrame(geometry=[])
    if not len(together):
        return {key: city.searches.entries(frame) for key, frame in places.items()}
    found = entries(network, together, city.entrances, max_snap_m=city.max_snap_m)
    owner = found["facility"].str.split("/", n=1, expand=True)
    found["facility"] = owner[1]
    return {key: gpd.GeoDataFrame(found[(owner[0] == str(key)).to_numpy()]) for key in places}


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """Demand points placed once on the streets of a profile, from which many classes are searched."""

    network: Network
    demand: gpd.GeoDataFrame
    at: Snapped

    @classmethod
    def on(cls, network: Network, demand: gpd.GeoDataFrame, max_snap_m: float) -> Homes:
        """Place demand points on streets."""
        xy = point_coordinates(demand, network.crs, "demand")
        return cls(network, demand, snap_xy(network, xy, demand.index, max_snap_m))

    def nearest_s(self, places: gpd.GeoDataFrame, entered: gpd.GeoDataFrame, cutoff_s: float) -> NDArray[np.float64]:
        """Seconds to the nearest place as `siting.access.nearest_by_entries` has them, ``inf`` beyond the cutoff."""
        if not len(places):
            return np.full(len(self.demand), np.inf)
        goals = Goals.of(self.network, entered, places.index.astype(str))
        cost, _ = nearest_goals(self.network, self.at, goals, cutoff_mm(cutoff_s))
        point, _ = inside(self.network, self.demand, places)
        cost[point[self.at.snapped[point]]] = 0
        return mm_to_metres(cost)
