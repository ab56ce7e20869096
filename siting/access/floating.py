"""Supply by the people who share it: the floating catchment family, over the streets or over costs at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from siting.access.amounts import amounts_of
from siting.access.catchment_shares import FloatingCatchment, shared_out
from siting.access.crowd import Crowd
from siting.access.decay import Decay
from siting.errors import SchemaError
from siting.network.graph import MAX_SNAP_M

if TYPE_CHECKING:
    from siting.network.graph import Network

Zones = Sequence[tuple[float, float]]


def two_step_fca(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    cutoff: float,
    *,
    decay: Decay | None = None,
    people: str = "people",
    supply: str = "capacity",
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> FloatingCatchment:
    """Supply per person within reach, shared with all who reach it too (2SFCA, 两步移动搜索法).

    1. ``R_j = S_j / sum_i P_i f(c_ij)`` over the demand points i with ``c_ij <= T``;
    2. ``A_i = sum_j R_j f(c_ij)`` over the facilities j with ``c_ij <= T``;

    with f = 1, or a decay. ``sum_i P_i A_i`` is the supply of all facilities that anyone reaches.

    Parameters
    ----------
    demand : points in any CRS with a column of ``people`` P, 0 or more
    facilities : points and areas in any CRS with a column of ``supply`` S (beds, seats, m²), 0 or more
    cutoff : T in metres (seconds, where the network has times), inclusive
    decay : how a facility counts less the farther it is; None: equally as far as T
    people, supply : the columns
    max_snap_m, entrances : as for `siting.access.nearest`

    Returns
    -------
    A `siting.access.FloatingCatchment`: access of each point and ratio of each facility, in supply per person, who
    reaches nothing, and what supply nobody reaches.

    Raises
    ------
    SchemaError
        A column is missing, or holds missing or negative values; the cutoff is no number of metres.

    References
    ----------
    Luo & Wang (2003), Environment and Planning B 30, 865-884; Radke & Mu (2000), Geographic Information Sciences 6,
    105-112.
    """
    reach = decay or Decay(kind="zones", limits=(positive(cutoff),), weights=(1.0,))
    return over_streets(network, demand, facilities, reach, cutoff, None, people, supply, max_snap_m, entrances)


def enhanced_2sfca(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    zones: Zones,
    *,
    people: str = "people",
    supply: str = "capacity",
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> FloatingCatchment:
    """2SFCA whose catchments have zones, each with its weight (E2SFCA, 增强两步移动搜索法).

    As `two_step_fca` with ``f(c) = W_r`` in the first zone r with ``c <= limit_r``, and 0 beyond the last.

    Parameters
    ----------
    zones : (limit in the network's unit, weight) from near to far. The weights are a choice of the study:
        Luo & Qi take values of a Gaussian at the middle of each zone
    demand, facilities, people, supply, max_snap_m, entrances : as for `two_step_fca`

    Raises
    ------
    SchemaError
        As `two_step_fca`; also zones that do not ascend, or negative weights.

    References
    ----------
    Luo & Qi (2009), Health & Place 15, 1100-1107.
    """
    return over_streets(
        network, demand, facilities, zones_decay(zones), None, None, people, supply, max_snap_m, entrances
    )


def three_step_fca(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    zones: Zones | Decay,
    *,
    cutoff: float | None = None,
    selection_cutoff: float | None = None,
    people: str = "people",
    supply: str = "capacity",
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
) -> FloatingCatchment:
    """2SFCA in which people share themselves out among the facilities first (3SFCA, 三步移动搜索法).

    0. ``G_ij = f(c_ij) / sum_k f(c_ik)`` over the facilities k with ``c_ik <= selection cutoff``;
    1. ``R_j = S_j / sum_i P_i G_ij f(c_ij)``;  2. ``A_i = sum_j R_j G_ij f(c_ij)``, both for ``c_ij <= T``.

    Parameters
    ----------
    zones : (limit in the network's unit, weight) from near to far, or a decay f
    cutoff : T in the network's unit, inclusive; None: as far as f is above 0
    selection_cutoff : in the network's unit; None is T, as Wan, Zou & Sternberg have it; ``inf`` lets
        facilities beyond T take their share of the choice, too
    demand, facilities, people, supply, max_snap_m, entrances : as for `two_step_fca`

    Raises
    ------
    SchemaError
        As `enhanced_2sfca`; also a ``selection_cutoff`` below the cutoff.

    References
    ----------
    Wan, Zou & Sternberg (2012), International Journal of Geographical Information Science 26, 1073-1089.
    """
    decay = zones if isinstance(zones, Decay) else zones_decay(zones)
    far = cutoff if selection_cutoff is None else selection_cutoff
    selection = np.inf if far is None else float(far)
    return over_streets(network, demand, facilities, decay, cutoff, selection, people, supply, max_snap_m, entrances)


def over_streets(
    network: Network,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    decay: Decay,
    cutoff: float | None,
    selection_cutoff: float | None,
    people: str,
    supply: str,
    max_snap_m: float,
    entrances: gpd.GeoDataFrame | None,
) -> FloatingCatchment:
    """Costs over the streets as far as they are needed, then the shares."""
    limit = np.inf if cutoff is None else positive(cutoff)
    shared, offered = amounts_of(demand, people, "demand"), amounts_of(facilities, supply, "facilities")
    far = min(max(limit, selection_cutoff or 0.0), decay.reach)
    crowd = Crowd.of(network, demand, facilities, far, max_snap_m=max_snap_m, entrances=entrances)
    return shared_out(crowd, shared, offered, decay, limit, selection_cutoff)


def zones_decay(zones: Zones) -> Decay:
    """Return zones as a decay."""
    pairs = [(float(limit), float(weight)) for limit, weight in zones]
    return Decay(kind="zones", limits=tuple(limit for limit, _ in pairs), weights=tuple(weight for _, weight in pairs))


def positive(cutoff: float) -> float:
    """Return a cutoff in metres that is 0 or more, ``inf`` for none."""
    if not float(cutoff) >= 0:
        msg = f"floating catchment: cutoff is {cutoff}, expected 0 or more"
        raise SchemaError(msg)
    return float(cutoff)
