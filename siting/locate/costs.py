"""Costs as the models read them: checked once, sparse, with one predicate for "within the limit"."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from siting.errors import InputError
from siting.units import limit_to_mm


@runtime_checkable
class LabelledCosts(Protocol):
    """What a model needs of a `siting.access.CostMatrix`: demand by candidate, in thousandths of ``unit``."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]
    cost_mm: NDArray[np.int64]
    rows: "pd.Index[Any]"
    columns: "pd.Index[Any]"
    unit: str
    cutoff: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """A cost matrix in rows of stored entries; what is not stored has no path or lies beyond the cutoff.

    Attributes
    ----------
    indptr, indices, cost : row ``i`` reaches ``indices[indptr[i]:indptr[i + 1]]`` at ``cost`` of the same slice; whole
        thousandths of a unit where the caller gave a CostMatrix, else the caller's own floats
    rows, columns : labels of demand rows and candidates (positions where the caller gave an array)
    labelled : whether conditions speak labels instead of positions
    whole : whether ``cost`` holds thousandths
    rank : shape (n_candidates,), place of each candidate in the order that settles ties: by label where there are
        labels, so that shuffled layers give the same sites, else by position
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]
    cost: NDArray[Any]
    rows: "pd.Index[Any]"
    columns: "pd.Index[Any]"
    labelled: bool
    whole: bool
    unit: str
    cutoff: float
    rank: NDArray[np.int64]

    @property
    def n_demand(self) -> int:
        """Number of demand rows."""
        return len(self.rows)

    @property
    def n_candidates(self) -> int:
        """Number of candidates, existing sites among them."""
        return len(self.columns)

    def row_of_entry(self) -> NDArray[np.int64]:
        """Return the demand row of every stored entry."""
        return np.repeat(np.arange(self.n_demand, dtype=np.int64), np.diff(self.indptr))

    def threshold(self, limit: float) -> float | int:
        """Return the limit in the quantity of ``cost``, refusing one that cannot be judged.

        Raises
        ------
        InputError
            The limit is NaN, negative, or beyond the cutoff, where the matrix holds no pairs.
        """
        limit = _number(limit, "limit")
        if not limit >= 0:
            msg = f"limit is {limit}, expected 0 or more"
            raise InputError(msg)
        if limit > self.cutoff:
            msg = (
                f"limit is {limit:g} {self.unit}, but cost holds pairs up to its cutoff of {self.cutoff:g} {self.unit} "
                "only, so longer pairs would be lost. Compute it again with cutoff=limit or more"
            )
            raise InputError(msg)
        if not self.whole:
            return limit
        return int(np.iinfo(np.int64).max) if np.isinf(limit) else limit_to_mm(limit)

    def within(self, limit: float) -> NDArray[np.bool_]:
        """Return the mask of stored entries that are served; a cost exactly on the limit is."""
        mask: NDArray[np.bool_] = self.cost <= self.threshold(limit)
        return mask

    def assign(self, sites: NDArray[np.intp], limit: float | None = None) -> NDArray[np.intp]:
        """Return for each demand row the open candidate of least cost, ties to the lowest position, -1 if none.

        Parameters
        ----------
        sites : positions of all open candidates, existing ones included
        limit : costs above it do not count; None = any cost
        """
        is_open = np.zeros(self.n_candidates, dtype=bool)
        is_open[sites] = True
        keep = is_open[self.indices]
        if limit is not None:
            keep &= self.within(limit)
        row, column, cost = self.row_of_entry()[keep], self.indices[keep], self.cost[keep]
        order = np.lexsort((column, cost, row))
        row, column = row[order], column[order]
        first = np.ones(len(row), dtype=bool)
        first[1:] = row[1:] != row[:-1]
        assignment = np.full(self.n_demand, -1, dtype=np.intp)
        assignment[row[first]] = column[first]
        return assignment

    def to_assigned(self, assignment: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the cost of every row to the candidate it is assigned to; inf where there is none."""
        row = self.row_of_entry()
        entry = self.indices == assignment[row]
        found = np.full(self.n_demand, np.inf)
        found[row[entry]] = self.cost[entry].astype(np.float64)
        return found

    def stated(self, cost: Any) -> Any:
        """Return a cost, or costs, in the caller's unit."""
        return cost / 1000.0 if self.whole else cost

    def label(self, positions: NDArray[np.intp]) -> tuple[Hashable, ...]:
        """Return the labels of candidates."""
        return tuple(self.columns[positions].tolist())


def read_costs(cost: Any) -> Costs:
    """Check a cost matrix and bring it into rows of stored entries.

    Parameters
    ----------
    cost : a CostMatrix, a table (its index and columns are labels), or a 2-D array, demand by candidate, where ``inf``
        means no path

    Raises
    ------
    InputError
        Not one of these, no demand, no candidates, NaN or negative entries, or labels that occur twice.
    """
    if isinstance(cost, LabelledCosts):
        return _from_labelled(cost)
    if hasattr(cost, "tocsr"):
        msg = "cost is a scipy sparse matrix, which cannot tell distance 0 from no path; give a CostMatrix or an array"
        raise InputError(msg)
    if isinstance(cost, pd.DataFrame):
        return _from_dense(_numeric(cost.to_numpy()), cost.index, cost.columns)
    return _from_dense(_numeric(cost), None, None)


def _from_labelled(cost: LabelledCosts) -> Costs:
    rows, columns = pd.Index(cost.rows), pd.Index(cost.columns)
    _refuse_empty(len(rows), len(columns))
    _refuse_duplicates(rows, "rows")
    _refuse_duplicates(columns, "columns")
    values = np.asarray(cost.cost_mm)
    if not np.issubdtype(values.dtype, np.integer):
        msg = f"cost.cost_mm is {values.dtype}, expected whole numbers"
        raise InputError(msg)
    if len(values) and values.min() < 0:
        msg = f"cost has {int((values < 0).sum())} negative entries"
        raise InputError(msg)
    cutoff = getattr(cost, "cutoff", None)
    return Costs(
        indptr=np.asarray(cost.indptr, dtype=np.int64),
        indices=np.asarray(cost.indices, dtype=np.int64),
        cost=values.astype(np.int64, copy=False),
        rows=rows,
        columns=columns,
        labelled=True,
        whole=True,
        unit=str(cost.unit),
        cutoff=np.inf if cutoff is None else float(cutoff),
        rank=_rank(columns.astype(str)),
    )


def _from_dense(dense: NDArray[np.float64], rows: "pd.Index[Any] | None", columns: "pd.Index[Any] | None") -> Costs:
    if dense.ndim != 2:
        msg = f"cost has shape {dense.shape}, expected two dimensions: one row a demand point, one column a candidate"
        raise InputError(msg)
    _refuse_empty(*dense.shape)
    bad = np.isnan(dense) | (dense < 0)
    if bad.any():
        first = [f"({i}, {j})" for i, j in np.argwhere(bad)[:3]]
        msg = (
            f"cost has {int(bad.sum())} NaN or negative entries (first at row, column {', '.join(first)}); "
            "write inf where there is no path"
        )
        raise InputError(msg)
    finite = np.isfinite(dense)
    indptr = np.concatenate(([0], np.cumsum(finite.sum(axis=1)))).astype(np.int64)
    if rows is not None and columns is not None:
        _refuse_duplicates(rows, "rows")
        _refuse_duplicates(columns, "columns")
    return Costs(
        indptr=indptr,
        indices=np.nonzero(finite)[1].astype(np.int64),
        cost=dense[finite],
        rows=pd.RangeIndex(dense.shape[0]) if rows is None else rows,
        columns=pd.RangeIndex(dense.shape[1]) if columns is None else columns,
        labelled=columns is not None,
        whole=False,
        unit="",
        cutoff=np.inf,
        rank=np.arange(dense.shape[1], dtype=np.int64) if columns is None else _rank(columns),
    )


def _rank(labels: "pd.Index[Any]") -> NDArray[np.int64]:
    """Return the place of each label in their order: by number where all are numbers, else as text."""
    by = labels if pd.api.types.is_numeric_dtype(labels) else labels.astype(str).astype(object)
    rank = np.empty(len(labels), dtype=np.int64)
    rank[np.argsort(by.to_numpy(), kind="stable")] = np.arange(len(labels))
    return rank


def read_weight(weight: Any, costs: Costs, name: str = "weight") -> NDArray[np.float64]:
    """Check demand weights: one a row, finite, not negative. A Series is aligned to labelled costs by its index.

    Raises
    ------
    InputError
        Wrong length, ids that do not match, NaN, infinite or negative weights.
    """
    if isinstance(weight, pd.Series) and costs.labelled:
        missing = costs.rows.difference(weight.index)
        if len(missing):
            msg = f"{name}: {len(missing)} of {costs.n_demand} demand rows have none (first {list(missing[:3])})"
            raise InputError(msg)
        _refuse_duplicates(weight.index, f"index of {name}")
        weight = weight.reindex(costs.rows)
    values = _numeric(weight, name)
    if values.shape != (costs.n_demand,):
        msg = f"{name} has shape {values.shape}, cost has {costs.n_demand} rows: one weight a demand row is expected"
        raise InputError(msg)
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        ids = costs.rows[bad][:3].tolist()
        msg = f"{name}: {int(bad.sum())} of {len(values)} are NaN, infinite or negative (rows {ids}); fix or drop them"
        raise InputError(msg)
    return values


def read_by_candidate(given: Any, costs: Costs, name: str, *, unlimited: bool = False) -> NDArray[np.float64]:
    """Check figures of candidates, such as opening costs: one for all, or one a candidate, not negative.

    Parameters
    ----------
    given : a number, or shape (n_candidates,); a Series is aligned to labelled costs by its index
    unlimited : whether ``inf`` is allowed, where it means no limit

    Raises
    ------
    InputError
        Wrong length, ids that do not match, NaN, negative or (unless ``unlimited``) infinite figures.
    """
    if isinstance(given, pd.Series) and costs.labelled:
        missing = costs.columns.difference(given.index)
        if len(missing):
            msg = f"{name}: {len(missing)} of {costs.n_candidates} candidates have none (first {list(missing[:3])})"
            raise InputError(msg)
        given = given.reindex(costs.columns)
    values = _numeric(given, name)
    if values.ndim == 0:
        values = np.full(costs.n_candidates, float(values))
    if values.shape != (costs.n_candidates,):
        msg = f"{name} has shape {values.shape}, expected one number, or one for each of {costs.n_candidates} sites"
        raise InputError(msg)
    bad = ~(values >= 0) if unlimited else ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        ids = costs.columns[bad][:3].tolist()
        kinds = "NaN or negative" if unlimited else "NaN, infinite or negative"
        hint = "; inf means no limit" if unlimited else ""
        msg = f"{name}: {int(bad.sum())} of {len(values)} are {kinds} (candidates {ids}){hint}"
        raise InputError(msg)
    return values


def read_served(served: Any, costs: Costs) -> NDArray[np.bool_]:
    """Check the mask of demand rows that are served already; None = none of them."""
    if served is None:
        return np.zeros(costs.n_demand, dtype=bool)
    if isinstance(served, pd.Series) and costs.labelled:
        served = served.reindex(costs.rows)
    mask = np.asarray(served)
    if mask.shape != (costs.n_demand,) or mask.dtype != bool:
        msg = f"served is {mask.dtype} of shape {mask.shape}, expected True or False for each of {costs.n_demand} rows"
        raise InputError(msg)
    return mask


def read_unassigned(unassigned_cost: Any, costs: Costs) -> float | None:
    """Check what a row costs that nothing serves, and bring it into the quantity of the costs; None = not allowed."""
    if unassigned_cost is None:
        return None
    number = isinstance(unassigned_cost, int | float | np.number) and not isinstance(unassigned_cost, bool)
    if not (number and np.isfinite(unassigned_cost) and unassigned_cost >= 0):
        msg = f"unassigned_cost is {unassigned_cost!r}, expected a finite cost, 0 or more, or None"
        raise InputError(msg)
    return float(np.rint(unassigned_cost * 1000)) if costs.whole else float(unassigned_cost)


def _numeric(values: ArrayLike, name: str = "cost") -> NDArray[np.float64]:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{name} cannot be read as numbers: {error}"
        raise InputError(msg) from None


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool | str):
        msg = f"{name} is {value!r}, expected a number"
        raise InputError(msg)
    try:
        return float(value)
    except (TypeError, ValueError):
        msg = f"{name} is {value!r}, expected a number"
        raise InputError(msg) from None


def _refuse_empty(n_demand: int, n_candidates: int) -> None:
    if n_demand == 0:
        msg = "cost has no demand rows; there is nobody to serve. Check the demand layer and the study boundary"
        raise InputError(msg)
    if n_candidates == 0:
        msg = "cost has no candidate columns; there is no place to choose. Check the candidates and their exclusions"
        raise InputError(msg)


def _refuse_duplicates(labels: "pd.Index[Any]", name: str) -> None:
    if not labels.is_unique:
        twice = labels[labels.duplicated()].unique()[:3].tolist()
        msg = f"cost: labels of {name} occur more than once (first {twice}); ids must be unique"
        raise InputError(msg)
