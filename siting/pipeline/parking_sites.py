"""New car parks of a study, and kerb spaces against footways, beside the audit of parking."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyproj

from siting.errors import ModelError
from siting.ledger import Finding, Text
from siting.pipeline.lacking import Lack, refused_by
from siting.pipeline.parking import audit_parking_of, audited
from siting.pipeline.reading import Geometry, Reader
from siting.study import Study
from siting.themes import City, ThemeResult, load_themes
from siting.themes.parking import LotType, Parking, lacks_parking, site_parking
from siting.themes.parking.demand import HOME_CARS, lacks_cars
from siting.themes.parking.kerb import kerb_spaces, kerbs_on_footways
from siting.themes.parking.kerb_shown import kerb_themed
from siting.themes.parking.kinds import CLASSES, kinds_of
from siting.themes.parking.new_lots.asked import NoPlan
from siting.themes.parking.new_lots.places import PLACE_KINDS
from siting.themes.parking.new_lots.shown import TITLE
from siting.themes.parking.slots import Assumed

if TYPE_CHECKING:
    from siting.pipeline.sources import Sources

THEME = "parking_sites"
NO_CARS = Text("停车需求不详，没有可消除的缺口", "no cars are known, hence no shortage to remove")
NO_PLACES = Text(
    "没有候选地：给出 [land] vacant 或 [parking.sites] plots，或允许改建（upgrade）",
    "no candidates: give [land] vacant or [parking.sites] plots, or let lots be built up (upgrade)",
)


def read_parking_layers(study: Study, reader: Reader, crs: pyproj.CRS | None) -> dict[str, gpd.GeoDataFrame]:
    """Read the layers that `[parking.sites]` names; faults are noted with those of the other layers."""
    found: dict[str, gpd.GeoDataFrame] = {}
    table = study.settings.parking
    if table is None or table.sites is None:
        return found
    shapes: dict[str, Geometry] = {"vacant": "polygon", "plots": "any", "kerb": "any"}
    for key, shape in shapes.items():
        ref = getattr(table.sites, key)
        if ref is None:
            continue
        layer = reader.layer(f"parking.sites.{key}", ref, shape, crs)
        if layer is not None:
            found[key] = layer.frame
    return found


def parking_site_findings(study: Study, sources: Sources) -> list[Finding]:
    """Say what `siting check` finds about `[parking.sites]`: ids that no layer has."""
    table = None if study.settings.parking is None else study.settings.parking.sites
    if table is None:
        return []
    layers = [sources.parking[key] for key in ("vacant", "plots") if key in sources.parking]
    if "vacant" not in sources.parking and sources.vacant is not None:
        layers.append(sources.vacant)
    lots = sources.facilities[sources.facilities["class"].isin(CLASSES)]
    if table.upgrade:
        layers.append(gpd.GeoDataFrame(lots))
    known = {str(i) for layer in layers for i in layer.index}
    if not known:
        return []
    # Where two layers share an id, the plan writes the kind of place in front of it.
    known |= {f"{kind}-{i}" for kind in PLACE_KINDS for i in known}
    lost = [i for i in (*table.required, *table.excluded) if i not in known]
    if not lost:
        return []
    text = Text(
        f"parking.sites：required 或 excluded 中有 {len(lost)} 个编号不在任何候选图层中：{'、'.join(lost[:5])}",
        f"parking.sites: {len(lost)} ids of required or excluded are in no layer of candidates: {', '.join(lost[:5])}",
    )
    return [Finding(code="lot_ids_unknown", kind="warning", count=len(lost), text=text)]


def parking_lacks(
    study: Study, city: City, floors: gpd.GeoDataFrame | None, layers: dict[str, gpd.GeoDataFrame]
) -> Iterator[Lack]:
    """List what each table of parking lacks."""
    table = study.settings.parking
    if table is None:
        return
    lacking = lacks_parking(city)
    if lacking is not None:
        yield Lack(table="parking", what=load_themes()["parking"].name, why=lacking)
        return
    rates = Assumed(cars_per_person=table.cars_per_person, cars_per_household=table.cars_per_household)
    unknown = lacks_cars(city, rates)
    if unknown is not None:
        yield Lack(table="parking", what=HOME_CARS, why=unknown, whole=floors is None)
    asked = table.sites
    if asked is None:
        return
    if unknown is not None and floors is None:
        yield Lack(table="parking.sites", what=TITLE, why=NO_CARS)
    elif not _land(city, layers) and not asked.upgrade:
        yield Lack(table="parking.sites", what=TITLE, why=NO_PLACES)
    kerb = layers.get("kerb")
    if kerb is not None:
        yield from refused_by("parking.sites", TITLE, lambda: kerb_spaces(kerb, city.crs, asked.kerb_m_per_space))


def _land(city: City, layers: dict[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Layers of ground on which a car park could stand."""
    land = {key: layer for key, layer in layers.items() if key != "kerb"}
    if "vacant" not in land and city.vacant is not None:
        land["vacant"] = city.vacant
    return land


def parking_of(
    study: Study, city: City, floors: gpd.GeoDataFrame | None, layers: dict[str, gpd.GeoDataFrame]
) -> dict[str, Callable[[], ThemeResult]]:
    """Return the audit, the siting and the kerbs of a study, by theme, to be called in this order."""
    table = study.settings.parking
    if table is None:
        return {}
    audit = functools.cache(lambda: audited(study, city, floors))
    asked: dict[str, Callable[[], ThemeResult]] = {}
    if lacks_parking(city) is not None:
        asked["parking"] = lambda: audit_parking_of(study, city, None)
        return asked
    asked["parking"] = lambda: audit_parking_of(study, city, audit())
    if table.sites is not None:
        asked[THEME] = lambda: _sites(study, city, audit(), layers)
    lots = city.facilities[city.facilities["class"].isin(CLASSES)]
    if (kinds_of(gpd.GeoDataFrame(lots)) == "kerb").any():
        asked["parking_kerbs"] = lambda: kerb_themed(kerbs_on_footways(city.facilities, city.catalogue))
    return asked


def _sites(study: Study, city: City, parking: Parking, layers: dict[str, gpd.GeoDataFrame]) -> ThemeResult:
    assert study.settings.parking is not None
    table = study.settings.parking.sites
    assert table is not None
    if parking.worst is None:
        return _not_sited(NO_CARS)
    given: dict[str, Any] = table.model_dump(exclude={"types", "vacant", "plots", "kerb"})
    land = _land(city, layers)
    if not land and not table.upgrade:
        return _not_sited(NO_PLACES)
    types = [LotType(**kind.model_dump()) for kind in table.types]
    try:
        return site_parking(city, parking, types=types, land=land, kerb=layers.get("kerb"), **given).themed()
    except ModelError as error:
        said = error.text if isinstance(error, NoPlan) else Text(str(error), str(error))
        why = Text(f"没有可行方案：{said.zh}", f"no plan: {said.en}")
        return _not_sited(why, status="infeasible", reason=str(error))


def _not_sited(why: Text, **figures: str) -> ThemeResult:
    return ThemeResult(theme=THEME, title=TITLE, figures=figures, headlines=(why,), missing=((TITLE, why),))
