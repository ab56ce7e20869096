"""What joint siting returns: buildings, the services in each, their value, and the proof."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siting.locate.result import Status

if TYPE_CHECKING:
    import geopandas as gpd

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointResult:
    """The answer: buildings, the services in each, and the proof.

    Attributes
    ----------
    model : "joint_cover" or "joint_set_cover"
    services : in the order of the caller
    sites : positions of the plots that are built on, ascending
    site_ids : their labels
    opened : shape (n_sites, n_services), which building houses which service
    served, assignment : by service, shape (n_demand,): is the row served, and by which open plot (existing ones
        included; ties to the lowest position), -1 = none within the limit
    objective : weight served, of all services, by what exists too; or the number of buildings
    objective_by_service : the weight of each service served, before its importance
    bound, status, seconds : as in `SitingResult`
    order, gain : positions of ``sites`` in the order of greedy marginal gain, and what each wins
    """

    model: str
    services: tuple[str, ...]
    sites: NDArray[np.intp]
    site_ids: tuple[Hashable, ...]
    opened: Bools
    served: dict[str, Bools]
    assignment: dict[str, NDArray[np.intp]]
    objective: float
    objective_by_service: dict[str, float]
    bound: float
    status: Status
    seconds: float
    order: NDArray[np.intp]
    gain: NDArray[np.float64]
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Relative distance between objective and bound: |bound - objective| / max(1, |objective|)."""
        return abs(self.bound - self.objective) / max(1.0, abs(self.objective))

    def services_of(self, site: int) -> tuple[str, ...]:
        """Services of the building at a position of ``sites``' candidates."""
        row = self.opened[int(np.flatnonzero(self.sites == site)[0])]
        return tuple(name for name, has in zip(self.services, row, strict=True) if has)

    def to_geodataframe(self, candidates: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
        """Return the chosen rows of ``candidates``, best gain first, with ``order``, ``gain`` and ``services``."""
        chosen = candidates.iloc[self.order].copy()
        chosen["order"] = np.arange(1, len(chosen) + 1)
        chosen["gain"] = self.gain
        chosen["services"] = [",".join(self.services_of(int(j))) for j in self.order]
        return chosen

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.locate.plans.card import joint_card

        return joint_card(self)
