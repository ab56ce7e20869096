"""Where one plant, or a few yards, should stand: lawful candidates, the best by haul and the best by score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import some
from siting.ledger import Finding, Text
from siting.locate import SitingResult
from siting.suitability.ahp import Judgement
from siting.themes.city import City
from siting.themes.waste.ground import Keep, keeps_of
from siting.themes.waste.ground.plots import rows_found
from siting.themes.waste.ground.road import edges_of
from siting.themes.waste.plants.candidate_tests import candidate_tests
from siting.themes.waste.plants.capacity import Balance, Wanted, balance_of
from siting.themes.waste.plants.criteria import wanted, with_values
from siting.themes.waste.plants.haul import M_PER_KM, TONNES_DAY, Haul, haul_to, median_of, weighted_sources
from siting.themes.waste.plants.kinds import PlantKind, in_catalogue, kind_of
from siting.themes.waste.plants.mask import PlantMask, area_of, draw_mask
from siting.themes.waste.plants.ranking import Criterion, Ranking, rank_plants
from siting.themes.waste.plants.served import share_asked, with_served
from siting.themes.waste.plants.surroundings import surroundings
from siting.themes.waste.plants.wind import Wind

if TYPE_CHECKING:
    from siting.network import Network
    from siting.themes.result import ThemeResult

NO_WEIGHTS = (
    Text("多准则排序", "ranking by several criteria"),
    Text("研究未给出权重", "the study gives no weights"),
)
NO_CAPACITY = (
    Text("处理能力供需", "supply and demand of capacity"),
    Text("研究未给出能力（capacity_t_day）", "the study gives no capacity (capacity_t_day)"),
)
NO_TONNES = (
    NO_CAPACITY[0],
    Text("产生源的数量不是吨/日（t_day 开头的列）", "amounts are no t/d (a column whose name begins with t_day)"),
)
NO_SOURCES = (
    Text("运距", "haul"),
    Text("缺少产生源", "no sources are given"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlantSite:
    """Where a plant could stand, and where it should.

    Attributes
    ----------
    mask : ground that is out
    candidates : every row of the layer, index = id: columns of `candidate_tests`, ``haul_work`` (t.km a day) and
        ``haul_km`` (mean way), ``score`` and ``rank`` of the lawful, ``haul_served`` (share of the amount that has a
        way to it) and ``haul_lost`` (what has no way to it or to a plant that stands) of those that were measured,
        ``choice``: "haul", "score", "both" or "" of the best, "refused" of the unlawful
    tests : one row a test, `siting.themes.waste.ground.TEST_COLUMNS`
    ranking : of the lawful candidates; None where the study gives no weights, or none is lawful
    plan : of the least weighted haul; None without sources or lawful candidates
    best_by_haul : ids, as many as the plan opens; best_by_score : id
    haul : of the lawful candidates, in the order of ``candidates``
    balance : of what arises and what plants can take; None where tonnes are not known
    """

    kind: PlantKind
    mask: PlantMask
    candidates: gpd.GeoDataFrame
    tests: pd.DataFrame
    ranking: Ranking | None
    plan: SitingResult | None
    haul: Haul | None
    best_by_haul: tuple[str, ...]
    best_by_score: str | None
    findings: tuple[Finding, ...]
    missing: tuple[tuple[Text, Text], ...]
    balance: Balance | None

    @property
    def refused(self) -> gpd.GeoDataFrame:
        """Candidates that fail a test."""
        return gpd.GeoDataFrame(self.candidates[~self.candidates["allowed"]])

    @property
    def score_costs(self) -> float | None:
        """Return what the best by score costs in haul beside the best by haul (t.km a day); None where unknown."""
        if self.best_by_score is None or len(self.best_by_haul) != 1:
            return None
        work = self.candidates["haul_work"]
        more = float(work[self.best_by_score] - work[self.best_by_haul[0]])
        return None if math.isnan(more) else more

    @property
    def hauls(self) -> pd.DataFrame:
        """Return a row a source, index = id: ``weight``, ``plant`` that the plan sends it to, ``km``; NaN: no way."""
        if self.plan is None or self.haul is None:
            return pd.DataFrame({"weight": [], "plant": [], "km": []})
        to = np.asarray(self.plan.assignment)
        way = np.where(to < 0, np.nan, self.haul.cost[np.arange(len(to)), to]) / M_PER_KM
        plant = [None if k < 0 else self.haul.places[k] for k in to]
        return pd.DataFrame({"weight": self.haul.weight, "plant": plant, "km": way}, index=self.haul.sources.index)

    def themed(self) -> ThemeResult:
        """Put it into the shape that all writers read."""
        from siting.themes.waste.plants.shown import themed

        return themed(self)


def site_plant(
    city: City,
    kind: str | PlantKind,
    candidates: gpd.GeoDataFrame | None = None,
    *,
    sources: gpd.GeoDataFrame | None = None,
    existing: gpd.GeoDataFrame | None = None,
    drive: Network | None = None,
    keep: Sequence[Keep] = (),
    weights: Mapping[str, float] | None = None,
    judgements: Sequence[Sequence[Judgement]] | None = None,
    criteria: Sequence[Criterion | str] = (),
    p: int = 1,
    weight: str | None = None,
    min_area_m2: float | None = None,
    max_road_m: float | None = None,
    min_served: float | None = None,
    capacity_t_day: float | None = None,
    m2_per_t_day: float | None = None,
    people_radius_m: float | None = None,
    wind: Wind | None = None,
    within: gpd.GeoDataFrame | None = None,
    change: float = 0.2,
    time_limit_s: float = 60.0,
    seed: int = 0,
) -> PlantSite:
    """Test candidates for a plant by clause, rank the lawful, and find those with the least haul.

    Parameters
    ----------
    kind : of `siting.themes.waste.plants.KINDS`
    candidates : areas; default: the city's vacant plots
    sources : points with ``t_day_<stream>``, as `siting.themes.waste.generation` gives them, or any with ``weight``
    existing : plants of the kind that stand, points or areas: each source goes to the nearest of them and of the new;
        default: the city's facilities of that class, where there is one. Capacities are a matter of the chain
    drive : streets for vehicles; None: haul is measured in straight lines, and says so
    keep : what the plant keeps away from, with distances of the study's own: see `plant_mask`
    weights : of criteria, by name: built in are haul, homes, people, downwind, area, road and suitability
    judgements : pairwise, in place of weights, in the order of ``criteria``
    criteria : names of built-in ones, or the study's own (a column of the candidates, and which end of it is better)
    p : most plants of the plan of least haul; ranking speaks of one
    weight : column of the sources in place of the streams of the kind, such as "people"
    min_area_m2, max_road_m, people_radius_m : the study's own figures; no clause gives them
    min_served : share of the amount that must have a way to a candidate, else it fails; default: 0.95 for a plant that
        serves alone, not judged where several share the sources. A candidate without any way fails
    capacity_t_day : of one new plant; m2_per_t_day : land that a tonne a day asks for: a plot with less fails. The
        study's own figures
    within : the study area; default: the city's boundary
    change : share by which weights move in the sensitivity

    Raises
    ------
    InputError
        No candidates, no study area, names or figures that cannot be used.
    """
    kind = in_catalogue(kind_of(kind), city.catalogue)
    candidates = city.vacant if candidates is None else candidates
    if candidates is None or not len(candidates):
        msg = f"plants: no candidates for {kind.id}; give candidates, or vacant land to the study"
        raise InputError(msg)
    _check(p, min_served, min_area_m2, max_road_m, people_radius_m)
    size = Wanted(t_day=capacity_t_day, m2_per_t_day=m2_per_t_day)
    area = area_of(city, within)
    around, missing = surroundings(city, kind, keep)
    kept, findings = keeps_of(around, city.crs)
    mask = draw_mask(city, kind, kept, area, findings, missing)
    tested = candidate_tests(
        candidates, kind.id, kept, city.catalogue, city.crs, area=area, min_area_m2=min_area_m2,
        edges=edges_of(drive, city.crs), max_road_m=max_road_m,
        wanted=size,
    )  # fmt: skip
    lawful = gpd.GeoDataFrame(tested.table[tested.table["allowed"]])
    lacking = list(mask.missing)
    said = [*findings, *tested.findings]
    haul, plan, balance = None, None, None
    served = pd.DataFrame({"haul_served": [], "haul_lost": []}, dtype=float)
    if sources is None:
        lacking.append(NO_SOURCES)
    else:
        points, unit, found = weighted_sources(sources, kind.streams, weight, city.crs)
        said += found
        stand, found = _standing(city, kind, existing, lawful)
        said += found
        if unit == TONNES_DAY:
            balance = balance_of(float(points["weight"].sum()), stand, p, size)
            lacking += [] if balance.known else [NO_CAPACITY]
        elif capacity_t_day is not None:
            lacking.append(NO_TONNES)
        if len(lawful):
            haul = haul_to(points, unit, lawful, stand, drive, city.max_snap_m)
            if haul.by_network and len(haul.sources):
                tested = with_served(tested, haul, share_asked(min_served, p, len(haul.standing)), kind.id)
            served = pd.DataFrame({"haul_served": haul.served, "haul_lost": haul.lost}, index=lawful.index)
            haul = haul.of_candidates(tested.table.loc[lawful.index, "allowed"].to_numpy(dtype=bool))
            lawful = gpd.GeoDataFrame(tested.table[tested.table["allowed"]])
            plan, why = median_of(haul, p, time_limit_s=time_limit_s, seed=seed)
            lacking += why
    names = [c if isinstance(c, str) else c.name for c in criteria]
    if weights is not None:
        unweighed = [n for n in names if n not in weights]
        if unweighed:
            msg = f"weights: none for {', '.join(unweighed)}; give one to every criterion, 0 to leave it out"
            raise InputError(msg)
        names = list(weights)
    ranking = None
    if weights is None and judgements is None:
        lacking.append(NO_WEIGHTS)
    else:
        chosen = wanted(names, [c for c in criteria if isinstance(c, Criterion)])
        valued, unknown = with_values(
            city, lawful, candidates, chosen, haul, wind=wind, people_radius_m=people_radius_m
        )
        lacking += unknown
        if len(lawful):
            ranking = rank_plants(valued, chosen, weights, judgements=judgements, change=change)
    by_haul = () if plan is None else tuple(str(lawful.index[int(k)]) for k in np.asarray(plan.sites))
    by_score = None if ranking is None else ranking.first
    return PlantSite(
        kind=kind,
        mask=mask,
        candidates=_joined(tested.table.join(served), lawful, haul, ranking, by_haul, by_score),
        tests=tested.tests,
        ranking=ranking,
        plan=plan,
        haul=haul,
        best_by_haul=by_haul,
        best_by_score=by_score,
        findings=(*said, *_haul_findings(haul)),
        missing=tuple(dict.fromkeys(lacking)),
        balance=balance,
    )


def _standing(
    city: City, kind: PlantKind, given: gpd.GeoDataFrame | None, lawful: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame | None, tuple[Finding, ...]]:
    """Return the plants that stand, with ids of their own; rows without a geometry are listed."""
    if given is None:
        if kind.facility is None:
            return None, ()
        given = city.of_class(kind.facility)
    layer = keyed(in_crs("existing", given, city.crs))
    layer = gpd.GeoDataFrame(layer.set_axis(layer.index.astype(str), axis=0))
    bad = (layer.geometry.isna() | layer.geometry.is_empty).to_numpy()
    layer, lost = gpd.GeoDataFrame(layer[~bad]), layer.index[bad]
    clash = layer.index.intersection(lawful.index)
    if len(clash) or not layer.index.is_unique:
        msg = f"existing: ids repeat, or are those of candidates ({some(clash)}). Give each plant its own"
        raise InputError(msg)
    if not len(lost):
        return layer, ()
    text = Text(f"现有设施：{len(lost)} 行无几何，未采用", f"existing plants: {len(lost)} rows have no geometry")
    return layer, (rows_found("plant_no_geometry", "warning", lost, text),)


def _check(p: int, min_served: float | None, *figures: float | None) -> None:
    if p < 1:
        msg = f"p is {p!r}, expected 1 or more"
        raise InputError(msg)
    if min_served is not None and not 0 < min_served <= 1:
        msg = f"min_served is {min_served!r}, expected a share above 0, at most 1"
        raise InputError(msg)
    for name, value in zip(("min_area_m2", "max_road_m", "people_radius_m"), figures, strict=True):
        if value is not None and not (math.isfinite(value) and value > 0):
            msg = f"{name} is {value!r}, expected a number above 0"
            raise InputError(msg)


def _joined(
    table: gpd.GeoDataFrame,
    lawful: gpd.GeoDataFrame,
    haul: Haul | None,
    ranking: Ranking | None,
    by_haul: tuple[str, ...],
    by_score: str | None,
) -> gpd.GeoDataFrame:
    made = table.assign(haul_work=np.nan, haul_km=np.nan, score=np.nan, rank=np.nan)
    if haul is not None:
        made.loc[lawful.index, "haul_work"] = haul.work
        made.loc[lawful.index, "haul_km"] = haul.mean_km
    if ranking is not None:
        made.loc[ranking.table.index, ["score", "rank"]] = ranking.table[["score", "rank"]]
    choice = pd.Series(np.where(table["allowed"], "", "refused"), index=table.index, dtype=object)
    choice[list(by_haul)] = "haul"
    if by_score is not None:
        choice[by_score] = "both" if by_score in by_haul else "score"
    return gpd.GeoDataFrame(made.assign(choice=choice))


def _haul_findings(haul: Haul | None) -> tuple[Finding, ...]:
    if haul is None:
        return ()
    found = []
    if haul.unreached:
        text = Text(
            f"{len(haul.unreached)} 处产生源（{haul.unreached_weight:,.2f} {haul.unit.zh}）不能到达任何候选地块",
            f"{len(haul.unreached)} sources ({haul.unreached_weight:,.2f} {haul.unit.en}) reach no candidate: not in "
            "the haul",
        )
        found.append(rows_found("source_unreached", "warning", pd.Index(haul.unreached), text))
    if not haul.by_network:
        text = Text("运距为直线距离（无机动车路网）", "haul is measured in straight lines (no streets for vehicles)")
        found.append(Finding(code="haul_straight", kind="warning", count=0, text=text))
    return tuple(found)
