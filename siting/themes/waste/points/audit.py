"""Collection and recycling points of a city, held against every clause that asks something of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd

from siting.errors import InputError
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.result import ThemeResult
from siting.themes.waste.points.bodies import PUBLIC_SORT, Bodies, bodies_of
from siting.themes.waste.points.dumps import Dumps, dumps_of
from siting.themes.waste.points.estates import Estates, estates_of
from siting.themes.waste.points.links import Matrix, matrix_of
from siting.themes.waste.points.pilots import Pilots, PilotsAsked, pilots_of
from siting.themes.waste.points.pretreatment import Pretreatment, rank_pretreatment
from siting.themes.waste.points.reach import MANDATORY, RULES, Reach, radius_rule, reach_of
from siting.themes.waste.points.records import WASTE_POINT, Records, read_records
from siting.themes.waste.points.recycling import RULES as RECYCLE_RULES
from siting.themes.waste.points.recycling import Recycling, households_of, recycling_of
from siting.themes.waste.points.shops import Shops, shops_of
from siting.themes.waste.points.sorting import Sorting, sorting_of
from siting.themes.waste.streams import Stream

if TYPE_CHECKING:
    from siting.themes.waste.generation import Generation

EDGE_M, MATCH_M = 10.0, 50.0
"""How near to its edge is an estate's own, and how near points of both kinds are joined: from no standard."""
NO_POINTS = (
    Text("收集点服务半径", "radius of collection points"),
    Text(
        "缺少收集点图层（waste_point），无数据不等于没有", "no layer of class waste_point; no data does not mean none"
    ),
)
NO_ESTATES = (
    Text("封闭小区收集点", "collection points of closed estates"),
    Text("缺少封闭小区图层（estates 或 [land] old_estates）", "no closed estates (estates, or [land] old_estates)"),
)
NO_RECYCLING = (
    Text("两网融合", "recycling joined with collection"),
    Text("缺少回收点图层（recycling_point）", "no layer of class recycling_point"),
)
NO_HOUSEHOLDS = (
    Text("每处回收点服务户数", "households per recycling point"),
    Text("没有住户数，研究也未给出户均人口", "no households, and the study states no people per household"),
)
NO_PILOTS = (
    Text("垃圾分类试点小区", "estates for a sorting pilot"),
    Text("缺少封闭小区、收集点或住户数", "closed estates, collection points or households are missing"),
)
NO_SORTING = (
    Text("社区垃圾分类覆盖", "sorting in communities"),
    Text(
        "收集点未注明是否分类，或缺少分区、人口",
        "no point says whether it sorts (column sorting or streams), or zones or people are missing",
    ),
)
NO_SORTED_SHARE = (
    Text("社区垃圾分类覆盖率", "share of communities that sort"),
    Text(
        "研究未给出社区算作覆盖的人口比例（sorted_share）",
        "the study does not say from which share a community counts (sorted_share)",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BodyLayer:
    """Bodies of one rule: their layer, and the column that says who sorts (None: a sorting point within the radius)."""

    layer: gpd.GeoDataFrame
    rule: str = PUBLIC_SORT
    sorted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UnitsAsked:
    """What `rank_pretreatment` is asked: so many units at places of these origins."""

    units: int
    origins: Sequence[str]
    stream: Stream | None = None
    capacity_t_day: float | None = None
    least_t_day: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShopsAsked:
    """What `shops_of` is asked."""

    layer: gpd.GeoDataFrame
    bins_per_shop: int = 1
    bins: str | None = None
    within_m: float = 50.0


@dataclass(frozen=True, kw_only=True, eq=False)
class WastePoints:
    """What the audit of points found; None where a layer is missing.

    Attributes
    ----------
    records : the points that count
    reach : the two radii, straight and on foot, by zone, with gaps
    estates : closed estates with and without a point
    recycling : recycling points per households, and joined with collection points
    sorting : communities, and the shortest way to the share of the policy
    bodies : public bodies and key units, one a rule
    matrix : kind x link x area
    dumps, pretreatment, shops : informal dumps, small units where most arises, bins of shops by street
    pilots : closed estates in the order of a sorting pilot
    missing : what could not be judged, and why
    """

    records: Records
    reach: Reach | None
    estates: Estates | None
    recycling: Recycling | None
    sorting: Sorting | None
    bodies: tuple[Bodies, ...]
    matrix: Matrix
    dumps: Dumps | None
    pretreatment: Pretreatment | None
    shops: Shops | None
    pilots: Pilots | None
    missing: tuple[tuple[Text, Text], ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Rows and values that could not be used."""
        parts = [self.records, self.estates, self.dumps, self.shops, self.pilots, *self.bodies]
        found = [f for part in parts if part is not None for f in part.findings]
        if self.reach is not None:
            found += self.reach.main.findings
        return tuple(found)

    def themed(self) -> ThemeResult:
        """Return layers, tables, figures and sentences for every output."""
        from siting.themes.waste.points.shown import themed

        return themed(self)

    def __repr__(self) -> str:
        """Say how many points there are."""
        return f"WastePoints({len(self.records.waste)} collection, {len(self.records.recycling)} recycling points)"


def audit_waste_points(
    city: City,
    *,
    rules: Sequence[str] = RULES,
    estates: gpd.GeoDataFrame | None = None,
    edge_m: float = EDGE_M,
    streams: str = "streams",
    sorting: str = "sorting",
    households: str | None = None,
    people_per_household: float | None = None,
    recycle_rules: Sequence[str] = RECYCLE_RULES,
    match_m: float = MATCH_M,
    sorted_share: float | None = None,
    level: str | None = None,
    bodies: Sequence[BodyLayer] = (),
    dumps: gpd.GeoDataFrame | None = None,
    generation: Generation | None = None,
    pretreatment: UnitsAsked | None = None,
    shops: ShopsAsked | None = None,
    pilots: PilotsAsked | None = None,
    time_limit_s: float = 60.0,
) -> WastePoints:
    """Audit the points of a city: facilities of class ``waste_point`` and ``recycling_point``.

    Parameters
    ----------
    rules : radii that are judged; the first with the most duty, ``waste.point.gb55013``, leads
    estates : closed estates; default: the city's old estates
    edge_m : a point this near to an estate's edge is its own
    streams, sorting : columns of the points
    households, people_per_household : as for `households_of`
    recycle_rules : households per recycling point
    match_m : a recycling point this near to a collection point is joined with it
    sorted_share : of a community's people with a sorting point in reach that makes it covered, the study's own
    level : of the zones that are communities; default: the smallest
    bodies : public bodies and key units
    dumps : informal dumps
    generation, pretreatment : what arises where, and how many small units are to be placed
    shops : for the bins of each street
    pilots : how many closed estates try sorting first, and on what conditions

    Returns
    -------
    `WastePoints`; nothing that a missing layer or figure would need is made up: it is listed in ``missing``.

    Raises
    ------
    InputError
        A rule, column, group or figure that cannot be used.
    """
    records = read_records(city, streams=streams, sorting=sorting)
    main = radius_rule(city, rules[0])
    assert main.limit_m is not None
    missing: list[tuple[Text, Text]] = []
    there = bool(records.rows_in[WASTE_POINT])
    if not there:
        missing.append(NO_POINTS)
    closed = city.old_estates if estates is None else estates
    if closed is None or not len(closed):
        missing.append(NO_ESTATES)
        closed = None
    people = households_of(city, households, people_per_household)
    if not len(records.recycling):
        missing.append(NO_RECYCLING)
    if people is None:
        missing.append(NO_HOUSEHOLDS)
    found = sorting_of(city, records, main.limit_m, level=level, sorted_share=sorted_share, time_limit_s=time_limit_s)
    if found is None:
        missing.append(NO_SORTING)
    elif sorted_share is None:
        missing.append(NO_SORTED_SHARE)
    stated = any(x is not None for x in (*records.waste["sorting"], *records.recycling["sorting"]))
    has_recycling = bool(len(records.recycling))
    reach = reach_of(city, records, rules) if there else None
    own = estates_of(city, closed, records.waste, edge_m) if closed is not None and there else None
    chosen = None
    if pilots is not None and MANDATORY not in rules:
        msg = f"waste: pilots are chosen by {MANDATORY}; name it among the rules"
        raise InputError(msg)
    if pilots is not None and reach is not None and own is not None and people is not None:
        chosen = pilots_of(city, own, reach, records, people, pilots)
    elif pilots is not None:
        missing.append(NO_PILOTS)
    return WastePoints(
        records=records,
        reach=reach,
        estates=own,
        pilots=chosen,
        recycling=recycling_of(city, records, people, match_m, recycle_rules) if has_recycling else None,
        sorting=found,
        bodies=tuple(
            bodies_of(city, b.rule, b.layer, records.sorting, main.limit_m, b.sorted, points_known=stated)
            for b in bodies
        ),
        matrix=matrix_of(city, streams=streams),
        dumps=None if dumps is None or not there else dumps_of(city, dumps, records.waste, main.limit_m),
        pretreatment=None
        if generation is None or pretreatment is None
        else rank_pretreatment(
            generation,
            units=pretreatment.units,
            origins=pretreatment.origins,
            stream=pretreatment.stream,
            capacity_t_day=pretreatment.capacity_t_day,
            least_t_day=pretreatment.least_t_day,
        ),
        shops=None
        if shops is None
        else shops_of(city, shops.layer, bins_per_shop=shops.bins_per_shop, bins=shops.bins, within_m=shops.within_m),
        missing=tuple(missing),
    )
