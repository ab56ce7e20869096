"""What it costs to carry a tonne of each stream, and in what trucks: the study's own figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from siting.errors import InputError
from siting.nearest_word import hint
from siting.themes.waste.streams import STREAMS, Stream

Rates = Mapping[Stream, "StreamRates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRates:
    """Cost of a tonne over a kilometre of loaded way, the empty way back included, and trucks, for one stream.

    No standard states them: they are the study's own, and every output says so.

    Attributes
    ----------
    collect_per_t_km : from the source to a station, in a collecting vehicle
    haul_per_t_km : from a station to a plant, in a large vehicle
    direct_per_t_km : from the source straight to a plant, in a collecting vehicle; None = not allowed
    collect_load_t, haul_load_t : tonnes that one trip carries; None = trips are not told
    most_collect_m : longest way from a source to its station, in metres of road; None = any
    """

    collect_per_t_km: float
    haul_per_t_km: float
    direct_per_t_km: float | None = None
    collect_load_t: float | None = None
    haul_load_t: float | None = None
    most_collect_m: float | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if value is None:
                continue
            least = 0.0 if one.name.endswith("_t_km") else math.ulp(0.0)
            if not least <= value < math.inf:
                wanted = "above 0" if least else "of 0 or more"
                msg = f"waste chain: {one.name} is {value!r}, expected a number {wanted}"
                raise InputError(msg)


def check_rates(rates: Rates) -> dict[Stream, StreamRates]:
    """Return the rates in the order of the streams.

    Raises
    ------
    InputError
        There are none, or of a stream that does not exist.
    """
    if not rates:
        msg = "waste chain: rates are empty; give those of one stream at least"
        raise InputError(msg)
    for name in rates:
        if name not in STREAMS:
            msg = f"waste chain: no stream {name!r}{hint(name, STREAMS)}; the streams are {', '.join(STREAMS)}"
            raise InputError(msg)
        if not isinstance(rates[name], StreamRates):
            msg = f"waste chain: rates of {name} are {rates[name]!r}, expected StreamRates(collect_per_t_km=…, …)"
            raise InputError(msg)
    return {stream: rates[stream] for stream in STREAMS if stream in rates}
