"""One frame for all models: how a search is run, and how its answer is stated with its proof."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.locate.answer import state_parameters
from siting.locate.clock import Clock
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs
from siting.locate.result import SitingResult
from siting.locate.solver import solver_version


def was_stopped(search: Callable[[], object], has_plan: Callable[[], bool] = lambda: True) -> bool:
    """Run a search and say whether Ctrl-C ended it.

    Raises
    ------
    KeyboardInterrupt
        It was ended before there was a plan.
    """
    try:
        search()
    except KeyboardInterrupt:
        if not has_plan():
            raise
        return True
    return False


def state_answer(
    model: str,
    costs: Costs,
    conditions: Conditions,
    clock: Clock,
    sites: NDArray[np.intp],
    *,
    aim: Literal["least", "most"],
    objective: float,
    bound: float,
    assignment: NDArray[np.intp],
    proved: bool | None = None,
    limit: float | None = None,
    order: ArrayLike = (),
    gain: ArrayLike = (),
    flows: Any = None,
    interrupted: bool = False,
    **more: Any,
) -> SitingResult:
    """Return the result of a model: parameters, proof, seed and time limit in the one way that all models have.

    Parameters
    ----------
    sites : positions of the new sites, ascending
    aim : whether the model looks for the least or the most; no bound is stated on the wrong side of the objective
    objective : recomputed from the costs
    bound : as the search left it
    proved : whether no plan is better; None = where the bound reaches the objective
    limit, order, gain, flows : where the model has them
    more : further parameters to state
    """
    side = min if aim == "least" else max
    stated = objective if proved else side(objective, bound)
    return SitingResult(
        model=model,
        sites=sites,
        site_ids=costs.label(sites),
        assignment=assignment.astype(np.intp, copy=False),
        objective=objective,
        bound=stated,
        status="optimal" if proved or (proved is None and stated == objective) else "feasible",
        seconds=clock.seconds,
        order=np.asarray(order, dtype=np.intp),
        gain=np.asarray(gain, dtype=np.float64),
        parameters=state_parameters(
            costs,
            conditions,
            limit,
            **more,
            interrupted=interrupted,
            solver=solver_version(),
            seed=clock.seed,
            time_limit_s=clock.time_limit_s,
        ),
        flows=flows,
    )
