"""The costs that the model of a plan sees: candidates with what exists beside them, and the demand that takes part."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from siting.access.cost import CostMatrix
from siting.errors import InputError
from siting.locate.costs import Costs, LabelledCosts, read_costs
from siting.locate.result import SitingResult

SERVED_BY_MASK = frozenset({"mclp", "lscp"})
"""Models that need of what exists only whom it serves; all others have existing facilities among their columns."""
LEAVES_OUT = frozenset({"p_median", "p_center", "facility_location", "capacitated", "backup_coverage"})
"""Models in which everybody is served, so that those whom nothing reaches must be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is handed to a model, and how its rows and columns lie in the layers.

    Attributes
    ----------
    cost : what the model reads; from place to place for p_dispersion
    whole : the matrix of ``ways``, as it was given
    ways : demand to candidates and existing facilities, all rows; None where a plan without a limit has no use for it
    place : shape (rows of ``ways``,), position of each row in the demand layer
    existing : labels of the columns that exist already
    used : shape (n_demand,), in the order of the layer: rows that take part in the model
    unreached : shape (n_demand,): rows with weight that are left out because nothing reaches them
    alone : candidates without a way to any other place, which would count as infinitely far from all (p_dispersion)
    """

    cost: Any
    whole: Any
    ways: Costs | None
    place: NDArray[np.intp]
    existing: tuple[str, ...]
    used: NDArray[np.bool_]
    unreached: NDArray[np.bool_]
    alone: tuple[str, ...] = ()

    def least(self, labels: Any, reach: float | None = None) -> NDArray[np.float64]:
        """Return the least cost of each demand row to any of these places, in the unit of the cost; inf = none."""
        found = np.full(len(self.used), np.inf)
        if self.ways is not None and len(labels):
            is_open = np.zeros(self.ways.n_candidates, dtype=bool)
            is_open[self.ways.columns.get_indexer(pd.Index(labels))] = True
            entry = is_open[self.ways.indices]
            cost = self.ways.cost[entry].astype(np.float64) / (1000.0 if self.ways.whole else 1.0)
            np.minimum.at(found, self.place[self.ways.row_of_entry()[entry]], cost)
        if reach is not None:
            found[found > reach] = np.inf
        return found

    def home(self, result: SitingResult, reach: float | None) -> SitingResult:
        """Bring the rows of an answer into the order of the demand layer; rows left out go to the nearest open site."""
        n = len(self.used)
        assignment = np.full(n, -1, dtype=np.intp)
        if self.ways is None:
            return dataclasses.replace(result, assignment=assignment)
        columns = self.ways.columns.get_indexer(pd.Index([*self.existing, *result.site_ids]))
        assignment[self.place] = self.ways.assign(columns.astype(np.intp), reach)
        if result.model == "p_dispersion":
            return dataclasses.replace(result, assignment=assignment)
        rows = self.place[self.used[self.place]]
        assignment[rows] = result.assignment
        flows = result.flows
        if flows is not None:
            wide = sparse.coo_array(flows)
            flows = sparse.csr_array((wide.data, (rows[wide.row], wide.col)), shape=(n, flows.shape[1]))
        return dataclasses.replace(result, assignment=assignment, flows=flows)


def lay_out(
    model: str,
    demand: gpd.GeoDataFrame,
    weight: NDArray[np.float64],
    cost: Any,
    *,
    existing_cost: Any = None,
    separation: Any = None,
    candidates: "pd.Index[Any]",
    usable: "pd.Index[Any]",
    within: float | None = None,
) -> Layout:
    """Put candidates and existing facilities side by side, and leave out the demand that cannot take part.

    Parameters
    ----------
    weight : shape (n_demand,), in the order of the layer
    cost, existing_cost : demand by candidates, and by existing facilities; the second None where nothing exists
    separation : for p_dispersion, from each candidate and existing facility to each
    candidates, usable : ids of all candidates, and of those that may be opened
    within : costs above it do not count: the limit of backup_coverage, else how far anybody goes; None = any cost

    Raises
    ------
    InputError
        Matrices that do not fit together, or no demand that takes part.
    """
    n = len(demand)
    everybody, nobody = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
    if model in SERVED_BY_MASK:
        ways = read_costs(cost)
        place = _places(demand, ways)
        return Layout(cost=cost, whole=cost, ways=ways, place=place, existing=(), used=everybody, unreached=nobody)
    joined_cost = None if cost is None else _beside(cost, existing_cost)
    joined = None if joined_cost is None else read_costs(joined_cost)
    place = np.empty(0, dtype=np.intp) if joined is None else _places(demand, joined)
    if model == "p_dispersion":
        if separation is None:
            msg = "p_dispersion needs separation, the distances from each candidate and existing facility to each"
            raise InputError(msg)
        labels = pd.Index(separation.columns)
        stands = tuple(labels[~labels.isin(candidates)].tolist())
        return Layout(
            cost=separation, whole=joined_cost, ways=joined, place=place, existing=stands, used=everybody,
            unreached=nobody, alone=_alone(separation, usable),
        )  # fmt: skip
    if joined is None or joined_cost is None:
        msg = f"{model} needs cost, from demand to candidates"
        raise InputError(msg)
    stands = tuple(joined.columns[len(cost.columns) :].tolist())
    near = np.ones(len(joined.indices), dtype=bool) if within is None else joined.within(within)
    reached = np.zeros(n, dtype=bool)
    entry = near & joined.columns.isin([*usable, *stands])[joined.indices]
    reached[place[np.unique(joined.row_of_entry()[entry])]] = True
    used = everybody
    if model in LEAVES_OUT:
        used = reached & (weight > 0) if model == "p_center" else reached
    if not used.any():
        msg = f"{model}: no demand is reached by any candidate; add candidates, or allow longer ways"
        raise InputError(msg)
    given = joined_cost
    if not used.all() or not near.all():
        given = _part(joined_cost, used[place], near)
    return Layout(
        cost=given, whole=joined_cost, ways=joined, place=place, existing=stands, used=used,
        unreached=~reached & (weight > 0) if model in LEAVES_OUT else nobody,
    )  # fmt: skip


def _places(demand: gpd.GeoDataFrame, costs: Costs) -> NDArray[np.intp]:
    place: NDArray[np.intp] = demand.index.get_indexer(costs.rows).astype(np.intp)
    return place


def _beside(cost: Any, more: Any) -> Any:
    """Return one matrix with the columns of both; an existing facility that has a candidate's name gets its own."""
    if not isinstance(cost, LabelledCosts):
        msg = "this model needs cost as a CostMatrix, as `siting.cost_matrix` returns it"
        raise InputError(msg)
    if more is None or not len(more.columns):
        return cost
    rows = pd.Index(cost.rows)
    order = pd.Index(more.rows).get_indexer(rows)
    if len(more.rows) != len(rows) or (order < 0).any() or more.unit != cost.unit:
        msg = "existing_cost must hold the demand rows of cost, in the same unit"
        raise InputError(msg)
    taken = set(cost.columns)
    names = [f"existing/{c}" if str(c) in taken else str(c) for c in more.columns]
    parts = []
    for matrix, shift, at in ((cost, 0, np.arange(len(rows))), (more, len(cost.columns), np.argsort(order))):
        counts = np.diff(matrix.indptr)
        parts.append((np.repeat(at, counts), np.asarray(matrix.indices, dtype=np.int64) + shift, matrix.cost_mm))
    row, column, value = (np.concatenate([part[k] for part in parts]) for k in range(3))
    sequence = np.argsort(row, kind="stable")
    return CostMatrix(
        indptr=np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(rows)))]).astype(np.int64),
        indices=column[sequence].astype(np.int32),
        cost_mm=value[sequence],
        rows=rows,
        columns=pd.Index([*map(str, cost.columns), *names], dtype=object),
        cutoff=min(cost.cutoff, more.cutoff),
        unit="s" if cost.unit == "s" else "m",
    )


def _alone(separation: Any, usable: "pd.Index[Any]") -> tuple[str, ...]:
    """Return the candidates that no other place is connected with; () where that is true of all."""
    ways = read_costs(separation)
    row = ways.columns.get_indexer(ways.rows)[ways.row_of_entry()]
    others = np.bincount(row[row != ways.indices], minlength=ways.n_candidates)
    lonely = ways.columns[(others == 0) & ways.columns.isin(usable)]
    return tuple(map(str, lonely)) if len(lonely) < len(usable) else ()


def _part(matrix: Any, rows: NDArray[np.bool_], near: NDArray[np.bool_]) -> CostMatrix:
    """Return the matrix without some rows, and without the pairs that are too far."""
    row = np.repeat(np.arange(len(rows)), np.diff(matrix.indptr))
    entry = rows[row] & near
    counts = np.bincount(row[entry], minlength=len(rows))[rows]
    return CostMatrix(
        indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        indices=np.asarray(matrix.indices)[entry].astype(np.int32),
        cost_mm=matrix.cost_mm[entry],
        rows=pd.Index(matrix.rows)[rows],
        columns=pd.Index(matrix.columns),
        cutoff=matrix.cutoff,
        unit="s" if matrix.unit == "s" else "m",
    )
