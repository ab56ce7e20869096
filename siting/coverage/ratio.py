"""Coverage as a share, counted in whole numbers so that no order of summing and no rounding decides."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.coverage.model import Share
from siting.coverage.served import served_mask
from siting.errors import InputError
from siting.standards.model import Denominator
from siting.units import MILLI_PER_PERSON, people_to_milli

DM2_PER_M2 = 100
PER_WHOLE: dict[Denominator, int] = {"people": MILLI_PER_PERSON, "land": DM2_PER_M2, "units": 1}
"""How many of the whole numbers that are added make one person, one square metre, one unit."""


def share_of(served: ArrayLike, weight: NDArray[np.int64], denominator: Denominator) -> Share:
    """Add up what is served.

    Parameters
    ----------
    served : mask, shape (n,); or whole numbers, the served part of each weight
    weight : shape (n,), whole numbers as `PER_WHOLE` says
    """
    part = np.asarray(served)
    part = np.where(part, weight, 0) if part.dtype == np.bool_ else part
    return Share(served=int(part.sum()), total=int(weight.sum()), per_whole=PER_WHOLE[denominator])


def coverage_ratio(cost: ArrayLike, weight: ArrayLike | None, limit_m: float) -> float:
    """Share of demand that at least one facility serves.

    Parameters
    ----------
    cost : shape (n_demand,) or (n_demand, n_facility), metres
        Distance from demand point to facility; ``inf`` means no path.
    weight : shape (n_demand,), e.g. residents, not negative, with a positive sum; None counts every row once
        Taken to the nearest thousandth.
    limit_m : largest distance that is served

    Returns
    -------
    sum(w_i where min_j d_ij <= limit) / sum(w_i), in [0, 1]; 0.0 if there is no facility.

    Raises
    ------
    InputError
        Shapes disagree, a cost is NaN or negative, or there is no demand.

    References
    ----------
    Church & ReVelle (1974), Papers of the Regional Science Association 32, 101-118.
    """
    distance = np.asarray(cost, dtype=np.float64)
    if distance.ndim == 2:
        distance = distance.min(axis=1, initial=np.inf)
    persons = np.ones(len(distance)) if weight is None else np.asarray(weight, dtype=np.float64)
    if distance.ndim != 1 or persons.shape != distance.shape:
        msg = f"cost {np.shape(cost)} and weight {persons.shape} disagree: one row and one weight a demand point"
        raise InputError(msg)
    if not (np.isfinite(persons).all() and (persons >= 0).all()):
        msg = "weight has NaN, infinite or negative entries; fill or drop those rows first"
        raise InputError(msg)
    share = share_of(served_mask(distance, limit_m), people_to_milli(persons), "people").share
    if share is None:
        msg = f"weight adds up to 0 over {len(persons)} rows: there is no demand to serve"
        raise InputError(msg)
    return share
