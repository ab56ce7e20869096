"""Which keys of `[[locate]]` each model needs, which it takes, and which exclude one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siting.study.locate_table import LocateTable, ZoneCountTable


@dataclass(frozen=True, slots=True)
class ModelKeys:
    """What a model asks of an entry.

    Attributes
    ----------
    finds : what it looks for, as its messages say
    needs, takes : of the keys that not every model has; ``needs`` must be given
    limit : whether it cannot do without a distance that counts as served
    """

    finds: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    limit: bool = True


_REACH = ("reach_m", "reach_min")
MODEL_KEYS: dict[str, ModelKeys] = {
    "mclp": ModelKeys("serves most people", takes=("p", "budget", "cost", "target")),
    "lscp": ModelKeys("finds the fewest sites that serve all", takes=("target",)),
    "backup_coverage": ModelKeys("serves all by the fewest sites (or by p), and most of them twice", takes=("p",)),
    "gradual_cover": ModelKeys("serves most people, those beyond the limit in part", needs=("p",), takes=_REACH),
    "capacitated_cover": ModelKeys("serves most people within the capacity of the sites", needs=("p", "capacity")),
    "p_median": ModelKeys("makes the way shortest on average", needs=("p",), takes=_REACH, limit=False),
    "p_center": ModelKeys("makes the longest way shortest", needs=("p",), takes=_REACH, limit=False),
    "p_dispersion": ModelKeys("keeps sites apart", needs=("p",), limit=False),
    "facility_location": ModelKeys(
        "weighs opening costs against ways", needs=("cost", "cost_per_person_km"), takes=("p", *_REACH), limit=False
    ),
    "capacitated": ModelKeys(
        "makes ways shortest within the capacity of the sites", needs=("capacity",),
        takes=("p", "cost", "cost_per_person_km", *_REACH), limit=False,
    ),
}  # fmt: skip
"""By model, as a study names it."""

SIZES = ("p", "budget", "cost", "target", "capacity", "cost_per_person_km", *_REACH)
_MEANING = {
    "p": "p = number of new sites",
    "cost": 'cost = "area_ha", or a column of the candidates with what each costs',
    "cost_per_person_km": "cost_per_person_km = what a kilometre of way counts for each person, in the money of cost",
    "capacity": "capacity = a column of the candidates, or one number of people for each site",
}


def key_faults(entry: LocateTable) -> str | None:
    """Return what keeps an entry from being answered, or None; the first fault of those that hang together."""
    keys = MODEL_KEYS[entry.model]
    return (
        _one_size(entry)
        or _lacking(entry, keys)
        or _of_no_use(entry, keys)
        or _together(entry)
        or _served(entry, keys)
        or _reach(entry)
        or _zones(entry)
        or _others(entry)
    )


def _given(entry: LocateTable, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if getattr(entry, name) is not None]


def _one_size(entry: LocateTable) -> str | None:
    if entry.model == "mclp":
        sizes = _given(entry, ("p", "budget", "target"))
        if len(sizes) != 1:
            found = f"{' and '.join(sizes)} exclude each other" if sizes else "none is given"
            return f"model mclp needs one of p (number of new sites), budget, target (share of people): {found}"
    if entry.model == "lscp" and entry.budget is not None:
        return "model lscp finds the fewest sites, whatever they cost: leave budget out, or use model mclp"
    if entry.model == "lscp" and entry.p is not None:
        return "model lscp finds the number of sites itself: leave p out, or use model mclp"
    if entry.model == "capacitated" and entry.p is None and entry.cost is None:
        return (
            f"'{entry.name}': model capacitated needs p (number of new sites), or cost with cost_per_person_km "
            "(what opening costs), or all three: neither is given"
        )
    return None


def _lacking(entry: LocateTable, keys: ModelKeys) -> str | None:
    lacking = [name for name in keys.needs if getattr(entry, name) is None]
    if not lacking:
        return None
    return f"'{entry.name}': model {entry.model} {keys.finds}: add {'; '.join(_MEANING[name] for name in lacking)}"


def _of_no_use(entry: LocateTable, keys: ModelKeys) -> str | None:
    useless = [name for name in _given(entry, SIZES) if name not in (*keys.needs, *keys.takes)]
    if not useless:
        return None
    others = [
        model
        for model, other in MODEL_KEYS.items()
        if all(name in (*other.needs, *other.takes) for name in _given(entry, SIZES))
    ]
    instead = f", or use model {' or '.join(others)}" if others else ""
    it = "it" if len(useless) == 1 else "them"
    return (
        f"'{entry.name}': model {entry.model} {keys.finds} and has no use for {', '.join(useless)}: "
        f"leave {it} out{instead}"
    )


def _together(entry: LocateTable) -> str | None:
    partner = "budget" if entry.model == "mclp" else "cost_per_person_km"
    if (getattr(entry, partner) is None) != (entry.cost is None):
        who = "" if entry.model == "mclp" else f"'{entry.name}': "
        return f'{who}{partner} and cost go together: cost = "area_ha" (hectares), or a column of the candidates'
    return None


def _served(entry: LocateTable, keys: ModelKeys) -> str | None:
    if keys.limit and entry.rule is None and entry.limit_m is None and entry.limit_min is None and entry.theme is None:
        return "say how far is served: rule (catalogue id or audit name), theme, limit_m or limit_min"
    if entry.limit_m is not None and entry.limit_min is not None:
        return "limit_m and limit_min exclude each other: give one"
    if entry.limit_min is not None and entry.distance is not None:
        return "distance has no meaning beside limit_min: minutes are counted along the streets"
    if entry.rule is None and entry.theme is None and entry.facility is None:
        return "say what is sited: rule (catalogue id or audit name), theme, or facility (class ids)"
    return None


def _reach(entry: LocateTable) -> str | None:
    if entry.reach_m is not None and entry.reach_min is not None:
        return f"'{entry.name}': reach_m and reach_min exclude each other: give one"
    for limit, reach in (("limit_m", "reach_min"), ("limit_min", "reach_m")):
        if getattr(entry, limit) is not None and getattr(entry, reach) is not None:
            other = reach.replace("min", "m") if reach == "reach_min" else "reach_min"
            return f"'{entry.name}': {limit} and {reach} are in different units: give {other} in place of {reach}"
    if entry.reach_min is not None and entry.distance is not None:
        return f"'{entry.name}': distance has no meaning beside reach_min: minutes are counted along the streets"
    if entry.model == "gradual_cover" and entry.reach_m is None and entry.reach_min is None:
        return (
            f"'{entry.name}': model gradual_cover counts people beyond the limit in part: add reach_m (or reach_min), "
            "from where on nobody counts"
        )
    in_minutes = [name for name in ("limit_min", "reach_min") if getattr(entry, name) is not None]
    if in_minutes and (entry.model == "p_dispersion" or entry.cost_per_person_km is not None):
        return f"'{entry.name}': model {entry.model} counts metres: give no {', '.join(in_minutes)}"
    return None


def _zones(entry: LocateTable) -> str | None:
    least, most = entry.at_least, entry.at_most
    if least is not None and most is not None:
        if least.level != most.level:
            return f"'{entry.name}': at_least and at_most must speak of the same level of zones"
        if _meet(least, most) and least.sites > most.sites:
            return (
                f"'{entry.name}': at_least asks for {least.sites} sites in a zone that at_most allows {most.sites}: "
                "mend one of them"
            )
    return None


def _others(entry: LocateTable) -> str | None:
    if entry.max_loss is not None and entry.alternatives is None:
        return f"'{entry.name}': max_loss belongs to alternatives: add alternatives = 4, or leave max_loss out"
    return None


def _meet(least: ZoneCountTable, most: ZoneCountTable) -> bool:
    return least.zones is None or most.zones is None or bool(set(least.zones) & set(most.zones))
