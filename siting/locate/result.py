"""What every location model returns: the sites, their value, and the proof."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import geopandas as gpd

Status = Literal["optimal", "feasible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingResult:
    """The answer of one location model.

    Attributes
    ----------
    model : "mclp", "lscp", ...
    sites : positions of the chosen candidates, ascending; existing sites are not among them
    site_ids : their labels, in the same order
    assignment : shape (n_demand,), position of the open candidate that serves each row at least cost, existing sites
        included, ties to the lowest position; -1 = none, or beyond the limit
    objective : recomputed from the costs after the solver, in the model's own unit
    bound : proved: no choice of sites under the same conditions can be better
    status : "optimal" only if proved
    seconds : wall time
    order : positions of ``sites`` in the order of greedy marginal gain, with ``gain`` the objective won by each
    """

    model: str
    sites: NDArray[np.intp]
    site_ids: tuple[Hashable, ...]
    assignment: NDArray[np.intp]
    objective: float
    bound: float
    status: Status
    seconds: float
    order: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    gain: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    parameters: dict[str, Any] = field(default_factory=dict)
    flows: Any = None

    @property
    def gap(self) -> float:
        """Relative distance between objective and bound: |bound - objective| / max(1, |objective|)."""
        if self.bound == self.objective:
            return 0.0  # also where both are infinite: sites without any path between them
        return abs(self.bound - self.objective) / max(1.0, abs(self.objective))

    def to_geodataframe(self, candidates: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
        """Return the rows of ``candidates`` that were chosen, best gain first, with ``order`` and ``gain`` columns.

        Parameters
        ----------
        candidates : the layer whose rows are, in this order, the candidates that the model was given
        """
        sequence = self.order if len(self.order) == len(self.sites) else self.sites
        chosen = candidates.iloc[sequence].copy()
        chosen["order"] = np.arange(1, len(chosen) + 1)
        chosen["gain"] = self.gain if len(self.gain) == len(chosen) else np.nan
        return chosen

    def __repr__(self) -> str:
        """Say how many sites there are and how good they are proved to be."""
        value = f"objective {self.objective:,.10g}, bound {self.bound:,.10g}"
        return f"SitingResult({self.model!r}: {len(self.sites)} sites, {self.status}, {value})"

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from siting.locate.plans.card import result_card

        return result_card(self)
