"""What `[toilets]` asks for and a study has not."""

from collections.abc import Iterator

from siting.coverage.model import CITY_LEVEL
from siting.ledger import Text
from siting.pipeline.lacking import ON_FOOT, Lack, no_such_places, refused_by
from siting.pipeline.toilet_site_layers import NO_LOTS, SiteLayers
from siting.pipeline.toilet_sites import _by_class, _land, _title
from siting.pipeline.toilet_spacing import NO_SPACING, NO_STREETS, check_spacing
from siting.pipeline.toilets import ToiletLayers
from siting.study import Study
from siting.study.toilet_faults import site_key
from siting.study.toilet_sites_table import ToiletSitesTable
from siting.study.toilets_table import ToiletsTable
from siting.themes import City, load_themes
from siting.themes.toilets import lacks_toilets
from siting.themes.toilets.candidates import _costs, _kinds
from siting.themes.toilets.opening import lots_of
from siting.themes.toilets.opening_shown import TITLE as OPENING
from siting.themes.toilets.records import RESTRICTED
from siting.themes.toilets.siting_quotas import check_quotas
from siting.themes.toilets.siting_shown import TITLE as SITES
from siting.themes.toilets.spacing_shown import TITLE as SPACING

NO_AREA = Text("缺少研究范围或分区图层", "no boundary and no zones: the land it is a share of is unknown")
DENSITY, OPENED = Text("公厕密度", "density of public toilets"), Text("公共建筑开放厕所", "public buildings, opened")


def toilet_lacks(study: Study, city: City, layers: ToiletLayers) -> Iterator[Lack]:
    """List what each table of toilets lacks."""
    table = study.settings.toilets
    if table is None:
        return
    lacking = lacks_toilets(city)
    if lacking is not None:
        yield Lack(table="toilets", what=load_themes()["toilets"].name, why=lacking)
    elif city.boundary is None and not city.zones:
        yield Lack(table="toilets", what=DENSITY, why=NO_AREA, whole=False)
    if table.spacing is not None:
        if city.network is None:
            yield Lack(table="toilets.spacing", what=SPACING, why=NO_STREETS)
        else:
            yield from refused_by("toilets.spacing", SPACING, lambda: check_spacing(table, city))
    if lacking is not None:
        return
    for k, sites in enumerate(table.sites):
        yield from _of_sites(site_key(table, k), table, sites, city, layers, layers.sites[k])
    asked = table.opening
    if asked is not None:
        if not lots_of(city, layers.opening, tuple(asked.facility), asked.restricted):
            yield Lack(table="toilets.opening", what=OPENING, why=NO_LOTS)
        else:
            yield from no_such_places(city, "toilets.opening.facility", OPENING, asked.facility)


def _of_sites(
    key: str, table: ToiletsTable, sites: ToiletSitesTable, city: City, layers: ToiletLayers, own: SiteLayers
) -> Iterator[Lack]:
    title = _title(sites) or SITES
    if sites.spacing and city.network is None:
        yield Lack(table=key, what=title, why=NO_SPACING)
        return
    yield from refused_by(key, title, lambda: _check_places(sites, city, own))
    yield from refused_by(key, title, lambda: _check_density(table, sites, city, layers))
    if sites.distance == "network" and city.network is None:
        yield Lack(table=key, what=title, why=ON_FOOT, refused=True)
    if sites.kinds is None:
        yield from no_such_places(city, f"{key}.buildings", OPENED, sites.buildings)
    for name, one in sites.footfall.items():
        busy = Text(one.name_zh or one.name_en or name, one.name_en or one.name_zh or name)
        yield from no_such_places(city, f"{key}.footfall.{name}", busy, one.facility or ())


def _check_places(sites: ToiletSitesTable, city: City, own: SiteLayers) -> None:
    """Refuse kinds of places without a layer, and kinds without a cost."""
    layers = dict(own.places)
    if sites.buildings:
        layers["building"] = city.of_class(*sites.buildings, RESTRICTED)
    kinds = None if sites.kinds is None else [str(kind) for kind in sites.kinds]
    wanted = _kinds(city, kinds, layers)
    _costs(None if sites.costs is None else {str(kind): cost for kind, cost in sites.costs.items()}, wanted)


def _check_density(table: ToiletsTable, sites: ToiletSitesTable, city: City, layers: ToiletLayers) -> None:
    """Refuse quotas of zones, and densities of land, that the layers cannot tell; density is told without a level."""
    if sites.level is None and city.boundary is None and not city.zones:
        return
    rules = [city.catalogue[rule] for rule in sites.density]
    land = _land(table, city, layers) if _by_class(sites) else None
    level, shortfall = (CITY_LEVEL, None) if sites.level is None else (sites.level, sites.shortfall)
    check_quotas(city, level, rules, shortfall, land)
