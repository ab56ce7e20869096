"""A study judged by streets as they might be."""

from collections.abc import Callable, Mapping

from siting.errors import InputError
from siting.ledger import Text
from siting.network import ChangedNetwork, Network

NAMED = 3
Change = Callable[[Network], Network]
Scenario = Change | Mapping[str, Change]
"""What makes planned streets of today's: of those that are walked, or by mode, "walk" and "drive"."""


def change_for(scenario: Scenario | None, mode: str) -> Change | None:
    """Return the change to the streets of one mode: a footbridge given for walkers carries no vehicles.

    Raises
    ------
    InputError
        The scenario names a mode that there is not.
    """
    if scenario is None or not isinstance(scenario, Mapping):
        return scenario if mode == "walk" else None
    unknown = sorted(set(scenario) - {"walk", "drive"})
    if unknown:
        msg = f"scenario: no mode {unknown[0]!r}; give changes for 'walk' and 'drive'"
        raise InputError(msg)
    return scenario.get(mode)


def planned_network(network: Network | None, scenario: Change | None) -> Network | None:
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


def scenario_lines(*networks: Network | None) -> tuple[Text, ...]:
    """Say on every map that the streets are not those of today, and what was changed."""
    changed = [network.changes for network in networks if isinstance(network, ChangedNetwork)]
    changes = [change for some in changed for change in some]
    if not changes:
        return ()
    zh, en = "；".join(c.text.zh for c in changes[:NAMED]), "; ".join(c.text.en for c in changes[:NAMED])
    more = f" (+{len(changes) - NAMED})" if len(changes) > NAMED else ""
    return (Text(f"情景，非现状：{zh}{more}", f"scenario, not as it is today: {en}{more}"),)
