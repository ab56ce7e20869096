"""A study judged by streets as they might be."""

from collections.abc import Callable

from siting.errors import InputError
from siting.ledger import Text
from siting.network import ChangedNetwork, Network

NAMED = 3


def planned_network(network: Network | None, scenario: Callable[[Network], Network] | None) -> Network | None:
    """Return the network that a scenario makes of today's.

    Raises
    ------
    InputError
        The study has no streets, or the scenario does not return a network in the same CRS.
    """
    if scenario is None:
        return network
    if network is None:
        msg = "scenario: the study has no streets to change. Add [streets] to the study file"
        raise InputError(msg)
    planned = scenario(network)
    if not isinstance(planned, Network) or planned.crs != network.crs:
        msg = f"scenario: it must return a network in {network.crs.name}, got {type(planned).__name__}"
        raise InputError(msg)
    return planned


def scenario_lines(network: Network | None) -> tuple[Text, ...]:
    """Say on every map that the streets are not those of today, and what was changed."""
    if not isinstance(network, ChangedNetwork):
        return ()
    changes = network.changes
    zh, en = "；".join(c.text.zh for c in changes[:NAMED]), "; ".join(c.text.en for c in changes[:NAMED])
    more = f" (+{len(changes) - NAMED})" if len(changes) > NAMED else ""
    return (Text(f"情景，非现状：{zh}{more}", f"scenario, not as it is today: {en}{more}"),)
