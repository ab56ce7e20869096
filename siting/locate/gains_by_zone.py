"""What each district gains from a plan: weight served before, newly, and not, adding up to the whole."""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.locate.answer import whole_units
from siting.locate.costs import read_costs, read_served, read_weight
from siting.locate.covering.reduce import covered
from siting.locate.result import SitingResult


def gains_by_zone(
    result: SitingResult, cost: Any, weight: Any, limit: float, zones: Any, *, existing: Any = (), served: Any = None
) -> pd.DataFrame:
    """Say what the new sites of a plan bring to each zone.

    Parameters
    ----------
    result : of any model over the same ``cost``
    cost, weight, limit : as in `mclp`; the limit need not be that of the model
    zones : shape (n_demand,), the zone of each demand row, None or NaN where it lies in none; a Series is aligned to
        labelled costs by its index
    existing : sites that are open already, positions or labels as ``cost`` has them; by default those of the model
    served : as in `mclp`

    Returns
    -------
    One row a zone, by label, rows without a zone last under None: ``sites`` that newly serve somebody there (one that
    serves two zones counts in both), ``weight``, ``before``, ``gained``, ``unserved`` with before + gained + unserved =
    weight, and ``share_before``, ``share_after`` of the weight, NaN where there is none. The sums over zones are those
    of the whole; exact where weights are whole thousandths.

    Raises
    ------
    InputError
        Zones that do not fit the rows, or a result of another cost.
    """
    costs = read_costs(cost)
    units = whole_units(read_weight(weight, costs))
    if len(result.assignment) != costs.n_demand or result.sites.max(initial=-1) >= costs.n_candidates:
        msg = (
            f"result has {len(result.assignment)} demand rows, cost has {costs.n_demand}: give the cost that the "
            "result was computed from"
        )
        raise InputError(msg)
    given = list(existing) or list(result.parameters.get("existing", ()))
    before = read_served(served, costs) | covered(costs, limit, _positions(given, costs.columns))
    after = before | covered(costs, limit, result.sites)
    if isinstance(zones, pd.Series) and costs.labelled:
        zones = zones.reindex(costs.rows)
    labels = np.asarray(zones, dtype=object)
    if len(labels) != costs.n_demand:
        msg = f"zones has {len(labels)} entries, cost has {costs.n_demand} demand rows: one zone each is expected"
        raise InputError(msg)
    names = np.array([None if pd.isna(zone) else str(zone) for zone in labels], dtype=object)
    known = sorted({name for name in names if name is not None})
    lost = np.array([name is None for name in names], dtype=bool)
    masks = [(name, names == name) for name in known] + ([(None, lost)] if lost.any() else [])
    site_rows = [after & ~before & covered(costs, limit, np.array([j])) for j in result.sites.tolist()]
    table = []
    for _, mask in masks:
        weights = [units.value(mask & part) for part in (before, after & ~before, ~after)]
        everything = units.value(mask)
        table.append(
            {
                "sites": sum(bool((rows & mask).any()) for rows in site_rows),
                "weight": everything,
                "before": weights[0],
                "gained": weights[1],
                "unserved": weights[2],
                "share_before": weights[0] / everything if everything else math.nan,
                "share_after": units.value(mask & after) / everything if everything else math.nan,
            }
        )
    return pd.DataFrame(table, index=pd.Index([name for name, _ in masks], dtype=object, name="zone"))


def _positions(given: list[Any], columns: "pd.Index[Any]") -> NDArray[np.intp]:
    found = columns.get_indexer(pd.Index(given)) if given else np.empty(0, dtype=np.intp)
    if (found < 0).any():
        unknown = [label for label, k in zip(given, found.tolist(), strict=True) if k < 0]
        msg = f"existing: {len(unknown)} are not among the {len(columns)} candidates ({unknown[:3]})"
        raise InputError(msg)
    return found.astype(np.intp)
