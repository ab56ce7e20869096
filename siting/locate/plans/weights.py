"""What a plan serves: the weight of each demand point, and who is served without new sites."""

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Text
from siting.locate.plans.plan import PEOPLE

Weight = Literal["people", "units"]


def weights_of(demand: gpd.GeoDataFrame, weight: Weight, unit: Text | None) -> tuple[NDArray[np.float64], Text]:
    """Return the weight of every demand point, and what it counts, in words."""
    if weight not in ("people", "units"):
        msg = f"weight is {weight!r}, expected 'people' or 'units'"
        raise InputError(msg)
    if weight not in demand.columns:
        msg = f"demand has no column '{weight}', by which this plan is weighed; give one, or weigh by the other"
        raise InputError(msg)
    counted = PEOPLE if weight == "people" else unit or Text("处", "units")
    return demand[weight].to_numpy(dtype=np.float64), counted


def served_without(served: Any, demand: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return the mask of the demand that is served without new sites; None = nobody is."""
    if served is None:
        return np.zeros(len(demand), dtype=bool)
    if isinstance(served, pd.Series):
        served = served.reindex(demand.index)
    mask = np.asarray(served)
    if mask.shape != (len(demand),) or mask.dtype != bool:
        msg = (
            f"served_before is {mask.dtype} of shape {mask.shape}, expected True or False for {len(demand)} demand rows"
        )
        raise InputError(msg)
    return mask
