"""Why no plan serves all demand within capacity and conditions, and what would work."""

import numpy as np

from siting.errors import InfeasibleError
from siting.locate.capacity.instance import Hosts
from siting.locate.capacity.model import solve_hosts
from siting.locate.clock import Clock


def refuse_early(hosts: Hosts, per_weight: float, required: int, p: int | None) -> None:
    """Refuse what adding up capacities shows already.

    Raises
    ------
    InfeasibleError
        All sites together, or the largest ``p`` of them, hold less than the demand.
    """
    total = hosts.total
    held = hosts.most_room(np.ones(hosts.n_columns, dtype=bool), hosts.n_columns)
    if held[-1] < total:
        missing = (total - int(held[-1])) / per_weight
        has, asked = f"{held[-1] / per_weight:.10g}", f"{total / per_weight:.10g}"
        msg = (
            f"the demand is {asked}, but all sites that may be open hold {has} together: capacity for {missing:.10g} "
            "is missing. Raise capacities by that much, add candidates, or give unassigned_cost, what weight costs "
            "that stays unassigned"
        )
        raise InfeasibleError(msg)
    if p is not None and held[min(hosts.q, len(held) - 1)] < total:
        least = int(np.argmax(held >= total)) + required
        missing = (total - int(held[min(hosts.q, len(held) - 1)])) / per_weight
        msg = (
            f"the demand is {total / per_weight:.10g}, but the {p} largest sites leave {missing:.10g} of it without "
            f"room; at least p = {least} is needed"
        )
        raise InfeasibleError(msg)


def refuse(hosts: Hosts, clock: Clock, per_weight: float, required: int) -> None:
    """Say why there is no plan: too few sites, or capacity out of reach or under contrary conditions.

    Raises
    ------
    InfeasibleError
        Always.
    """
    fewest = solve_hosts(hosts.counting(), clock)
    if fewest.is_open is not None and fewest.proved:
        least = int((fewest.is_open & hosts.counted).sum()) + required
        msg = f"no {hosts.q + required} sites can serve all demand within capacity; p = {least} would work"
        raise InfeasibleError(msg)
    served = solve_hosts(hosts.with_away(), clock)
    whole = "whole rows of demand" if hosts.single else "demand"
    if np.isfinite(served.value) and served.proved:
        # Rows with weight in units; staying away costs 1 a unit.
        missing = served.value / per_weight
        split = ", allow rows to be split (single_source=False)" if hosts.single else ""
        msg = (
            f"{whole} of {missing:.10g} of {hosts.total / per_weight:.10g} have no room at sites in reach, whatever is "
            f"opened within spacing and quotas: raise capacities there{split}, add candidates, or give unassigned_cost"
        )
        raise InfeasibleError(msg)
    msg = (
        "capacity, spacing, quotas and excluded candidates leave no plan that serves all demand; drop some of them, or "
        "give unassigned_cost, what weight costs that stays unassigned"
    )
    raise InfeasibleError(msg)
