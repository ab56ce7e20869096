"""Faults of `[toilets]` that only show beside the other tables of a study, the catalogue and the classes."""

from collections.abc import Callable, Iterator

from siting.coverage.model import CITY_LEVEL
from siting.outputs.columns import safe_name
from siting.standards import Catalogue, load_classes
from siting.study.layer_tables import LayerTable
from siting.study.toilet_sites_table import ToiletSitesTable
from siting.study.toilets_table import ToiletsTable

Unknown = Callable[[str, str, object, str], list[str]]


def site_key(table: ToiletsTable, k: int) -> str:
    """Return the key of one `[[toilets.sites]]` as a study file would write it."""
    return "toilets.sites" if len(table.sites) == 1 else f"toilets.sites[{k + 1}]"


def toilet_layers(table: ToiletsTable | None) -> Iterator[tuple[str, LayerTable | None]]:
    """List the layers that `[toilets]` names, by key."""
    if table is None:
        return
    yield "toilets.land_use", table.land_use
    yield "toilets.busy", table.busy
    for k, sites in enumerate(table.sites):
        key = site_key(table, k)
        yield from ((f"{key}.layers.{kind}", layer) for kind, layer in sites.layers.items())
        yield from ((f"{key}.separations.'{rule}'", layer) for rule, layer in sites.separations.items())
        yield from ((f"{key}.footfall.{name}", one.source) for name, one in sites.footfall.items())
    if table.opening is not None:
        yield "toilets.opening", table.opening.source


def toilet_faults(table: ToiletsTable | None, catalogue: Catalogue, levels: list[str], unknown: Unknown) -> list[str]:
    """List what is wrong with `[[toilets.sites]]` and `[toilets.opening]`.

    Parameters
    ----------
    unknown : says that a word is not among the known ones: (key, word, known, what) -> faults
    """
    if table is None:
        return []
    faults: list[str] = []
    names = [safe_name(s.name or "") for s in table.sites]
    faults += [
        f"toilets.sites: the name '{n}' is used {names.count(n)} times; give each a name of its own"
        for n in sorted(set(names))
        if names.count(n) > 1
    ]
    for k, sites in enumerate(table.sites):
        faults += _site_faults(site_key(table, k), sites, table, catalogue, levels, unknown)
    for name in () if table.opening is None else table.opening.facility:
        faults += unknown("toilets.opening.facility", name, load_classes(), "facility class")
    return faults


def _site_faults(
    key: str, sites: ToiletSitesTable, table: ToiletsTable, catalogue: Catalogue, levels: list[str], unknown: Unknown
) -> list[str]:
    faults: list[str] = []
    rules = {f"{key}.density": sites.density, f"{key}.separations": list(sites.separations)}
    rules |= {f"{key}.radius": [sites.radius]} if isinstance(sites.radius, str) else {}
    rules |= {f"{key}.p": [sites.p]} if isinstance(sites.p, str) else {}
    for where, names in rules.items():
        for name in names:
            faults += unknown(where, name, catalogue.ids, "rule")
    if isinstance(sites.p, str) and sites.p in catalogue and not isinstance(catalogue[sites.p].threshold, float | int):
        faults.append(f"{key}.p: {sites.p} states no number; give one, or a rule such as wc.program.tianjin")
    faults += [
        f"{key}.separations: {name} is no rule of a separation; there are wc.sep.water, wc.sep.tank, wc.sep.food"
        for name in sites.separations
        if name in catalogue and catalogue[name].metric != "separation"
    ]
    faults += [
        f"{key}.density: {name} is no density per km2"
        for name in sites.density
        if name in catalogue and catalogue[name].metric != "density_per_km2"
    ]
    if isinstance(sites.radius, str) and sites.radius in catalogue and catalogue[sites.radius].limit_m is None:
        faults.append(f"{key}.radius: {sites.radius} sets no single distance")
    elif isinstance(sites.radius, str) and sites.radius in catalogue:
        about = catalogue[sites.radius].facility
        if about and "public_toilet" not in about:
            faults.append(f"{key}.radius: {sites.radius} is about {', '.join(about)}, not about public toilets")
    if sites.level is not None:
        faults += [
            fault.replace("; see `siting rules`", f"; the levels are: {', '.join([*levels, CITY_LEVEL])}")
            for fault in unknown(f"{key}.level", sites.level, [*levels, CITY_LEVEL], "level of zones")
        ]
    if sites.spacing and table.spacing is None:
        faults.append(f"{key}.spacing: the study has no [toilets.spacing]; add it (an empty table will do)")
    for place in sites.buildings:
        faults += unknown(f"{key}.buildings", place, load_classes(), "facility class")
    for name, one in sites.footfall.items():
        for place in one.facility or ():
            faults += unknown(f"{key}.footfall.{name}.facility", place, load_classes(), "facility class")
        if name in ("people", "units") or ":" in name:
            faults.append(f"{key}.footfall: '{name}' cannot be a name of busy places; take another, without a colon")
    return faults
