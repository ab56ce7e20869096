"""What a theme looks at: the layers of one city in one CRS, with the searches that its themes share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from siting.coverage import Searches
from siting.ledger import Text

if TYPE_CHECKING:
    from siting.coverage import LandPieces
    from siting.network import Network
    from siting.network.elevation import Heights
    from siting.standards import Catalogue
    from siting.suitability import Suitability


@dataclass(frozen=True, kw_only=True, eq=False)
class City:
    """Layers of a study, all in its CRS (metres); None where the study has no such layer.

    Attributes
    ----------
    network : walking streets with lengths; None: straight lines are all there is, and every answer says so
    demand : points, index = id; columns ``people`` and ``units`` where known, ``zone_<level>`` for each level of
        zones, ``group_<name>`` (people of an age group) where known
    facilities : points or areas, index = id; columns ``class``, ``name`` and what the source has
    zones : polygons by level from small to large, index = zone id, column ``name``
    catalogue : the standards with the study's packs on top
    searches : nearest-facility searches that all rules and themes of the study share
    land : residential land, cut once
    residential : the same land as polygons, uncut
    green : green areas as the reader found them: columns ``kind``, ``name``, ``access``, ``is_park``
    entrances : mapped gates and doors
    vacant : plots on which something may be built
    exclusions : by name, where nothing may be built
    water, buildings : for candidate land and its tests
    old_estates : areas (or points) of old estates 老旧小区, index = id, column ``name``
    old_district : areas of old districts, where clauses set milder targets
    boundary : the study area
    elevation : heights, for travel times and slopes
    suitability : of the ground, cell by cell: `siting.suitability.score_candidates` scores plots and places by it
    trucks : gives the streets that are open to trucks, with lengths, for ``weight_t`` and ``height_m`` of the study or
        those of the packaged profile; None where there are no streets
    times : gives the walking streets with the times of a profile, where a study keeps them; default: made here
    max_snap_m : a point farther from every street is unsnapped
    unit_noun : what the units of the demand are, in words; None: estates or buildings
    """

    network: Network | None
    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    catalogue: Catalogue
    searches: Searches
    zones: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    land: LandPieces | None = None
    residential: gpd.GeoDataFrame | None = None
    green: gpd.GeoDataFrame | None = None
    entrances: gpd.GeoDataFrame | None = None
    vacant: gpd.GeoDataFrame | None = None
    exclusions: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    water: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    old_estates: gpd.GeoDataFrame | None = None
    old_district: gpd.GeoDataFrame | None = None
    boundary: gpd.GeoDataFrame | None = None
    elevation: Heights | None = None
    suitability: Suitability | None = None
    max_snap_m: float = 500.0
    unit_noun: Text | None = None
    times: Callable[[str], Network] | None = None
    trucks: Callable[..., Network] | None = None
    _kept: dict[str, Network] = field(default_factory=dict, repr=False)

    @property
    def crs(self) -> CRS:
        """The working CRS, in metres."""
        return CRS.from_user_input(self.demand.crs)

    def timed(self, profile: str) -> Network | None:
        """Return the walking streets with the travel times of a profile (``adult``, ``elderly``, ``step_free``, …)."""
        if self.network is None:
            return None
        if profile not in self._kept:
            made = self.network.timed(profile, self.elevation) if self.times is None else self.times(profile)
            self._kept[profile] = made
        return self._kept[profile]

    def of_class(self, *classes: str) -> gpd.GeoDataFrame:
        """Facilities of some classes, and of classes that count as one of them."""
        from siting.standards import places_counting_as

        return gpd.GeoDataFrame(self.facilities[self.facilities["class"].isin(places_counting_as(classes))])

    @classmethod
    def of(
        cls,
        network: Network | None,
        demand: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        *,
        zones: Mapping[str, gpd.GeoDataFrame] | None = None,
        land: gpd.GeoDataFrame | None = None,
        catalogue: Catalogue | None = None,
        entrances: gpd.GeoDataFrame | None = None,
        max_snap_m: float = 500.0,
        **layers: object,
    ) -> City:
        """Gather the layers of a notebook: the CRS is the demand's, zones are assigned, land is cut, searches begin.

        Parameters
        ----------
        network, demand, facilities : as for `siting.audit`; ``demand`` in a CRS in metres
        zones : polygons by level from small to large
        land : residential land
        catalogue : default: the national catalogue
        layers : further attributes of a `City`, such as ``green`` or ``vacant``
        """
        from siting.coverage import assign_zones, prepare_land
        from siting.coverage.rollup import ZONE_PREFIX
        from siting.coverage.schema import in_crs, keyed
        from siting.standards import load_catalogue

        demand = keyed(demand)
        crs = demand.crs
        levels = {name: in_crs(f"zones {name}", layer, crs) for name, layer in (zones or {}).items()}
        new = {name: layer for name, layer in levels.items() if ZONE_PREFIX + name not in demand.columns}
        placed = assign_zones(demand, new)
        for column in placed.columns:
            demand = demand.assign(**{str(column): placed[column]})
        residential = None if land is None else in_crs("land", land, crs)
        same = {
            name: in_crs(name, layer, crs) if isinstance(layer, gpd.GeoDataFrame) else layer
            for name, layer in layers.items()
        }
        return cls(
            network=network,
            demand=gpd.GeoDataFrame(demand),
            facilities=in_crs("facilities", keyed(facilities), crs),
            catalogue=load_catalogue() if catalogue is None else catalogue,
            searches=Searches(network, max_snap_m, entrances),
            zones=levels,
            land=None if residential is None else prepare_land(residential, levels),
            residential=residential,
            entrances=entrances,
            max_snap_m=max_snap_m,
            **same,  # type: ignore[arg-type]
        )


def people_of(demand: gpd.GeoDataFrame) -> pd.Series | None:
    """People of each demand point, None where the study knows units only."""
    return demand["people"] if "people" in demand.columns else None
