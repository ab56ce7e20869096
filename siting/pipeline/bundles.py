"""Answer every `[[services]]` of a study: several services sited together, one building for many."""

from dataclasses import replace

import geopandas as gpd

from siting.errors import InputError, ModelError
from siting.ledger import Text
from siting.locate.plans.unanswered import NoPlan
from siting.nearest_word import hint
from siting.outputs.columns import safe_name
from siting.pipeline.people import People
from siting.pipeline.plots import gather_candidates, taken_ground
from siting.pipeline.progress import Progress
from siting.pipeline.reading import Reader
from siting.pipeline.sources import Sources
from siting.study import Study
from siting.study.services_table import ServicesTable
from siting.study.settings import LocateTable
from siting.study.study import CANDIDATE_KINDS
from siting.suitability import Suitability
from siting.themes import City, ThemeResult
from siting.themes.living_circle.siting_needs import check_services
from siting.themes.living_circle.siting_services import site_services


def check_bundles(study: Study, sources: Sources, reader: Reader) -> None:
    """Note in ``reader`` every fault of the `[[services]]` entries, before anything is computed."""
    for entry in study.settings.services:
        key = f"services '{entry.name}'"
        with reader.noting():
            check_services(
                study.catalogue, entry.classes, entry.tier, set(sources.facilities["class"]), limit_m=entry.limit_m,
                area=entry.area, importance=entry.importance, most=entry.most,
            )  # fmt: skip
        with reader.noting():
            _check_place(key, entry, study, sources)
        column = entry.floor_area if isinstance(entry.floor_area, str) else None
        if entry.candidates.source not in CANDIDATE_KINDS:
            needed = () if column is None else (column,)
            reader.layer(f"{key} candidates", entry.candidates, "any", sources.crs, needed)
        elif column is not None and sources.vacant is not None and column not in sources.vacant.columns:
            with reader.noting():
                known = [str(c) for c in sources.vacant.columns]
                msg = f"{key}: floor_area: no column {column!r} in the vacant land{hint(column, known)}"
                raise InputError(msg)


def _check_place(key: str, entry: ServicesTable, study: Study, sources: Sources) -> None:
    faults = []
    if entry.candidates.source == "vacant" and sources.vacant is None:
        faults.append(f'{key}: there is no vacant land; give [land] vacant, or candidates = "street" or a layer')
    if study.settings.streets is None and (entry.distance == "network" or entry.candidates.source == "street"):
        faults.append(f'{key}: distance = "network" and candidates = "street" need a [streets] table')
    if entry.level is not None and entry.level not in sources.zones:
        known = list(sources.zones)
        faults.append(f"{key}: no level of zones {entry.level!r}{hint(entry.level, known)}; known: {', '.join(known)}")
    if faults:
        raise InputError("; ".join(faults))


def site_bundles(
    study: Study,
    sources: Sources,
    city: City,
    demand: People,
    progress: Progress,
    suitability: Suitability | None = None,
) -> tuple[dict[str, ThemeResult], dict[str, NoPlan]]:
    """Answer each `[[services]]` of the study, in its order.

    Returns
    -------
    What was found, by theme; and the entries without an answer: their theme says why.
    """
    entries = study.settings.services
    if not entries:
        return {}, {}
    progress.stage(Text("设施集约选址", "Siting services together"), len(entries))
    found, without = {}, {}
    for entry in entries:
        try:
            result = _site(entry, study, sources, city, demand, suitability)
        except ModelError as error:
            title = _title(entry) or Text(entry.name, entry.name)
            none = NoPlan.of(error, entry.name, title, "joint", None)
            without[entry.name] = none
            theme = "_".join(["services", *([] if len(entries) == 1 else [safe_name(entry.name)])])
            result = ThemeResult(
                theme=theme,
                title=title,
                figures={"status": none.status, "reason": none.reason},
                missing=((title, none.text),),
            )
        found[result.theme] = result
        progress.step(result.title)
    return found, without


def _title(entry: ServicesTable) -> Text | None:
    if not (entry.title_zh or entry.title_en):
        return None
    zh = entry.title_zh or entry.title_en or entry.name
    return Text(zh, entry.title_en or zh)


def _site(
    entry: ServicesTable,
    study: Study,
    sources: Sources,
    city: City,
    demand: People,
    suitability: Suitability | None,
) -> ThemeResult:
    places = _candidates(entry, study, sources, city, demand, suitability)
    sited = site_services(
        city,
        entry.classes,
        p=entry.p,
        tier=entry.tier,
        candidates=places,
        floor_area=entry.floor_area,
        storeys=entry.storeys or 1.0,
        limit_m=entry.limit_m,
        area=entry.area,
        importance=entry.importance,
        most=entry.most,
        measure=entry.distance,
        required=entry.required,
        excluded=entry.excluded,
        min_spacing_m=entry.min_spacing_m,
        level=entry.level,
        name=entry.name,
        title=_title(entry),
        time_limit_s=entry.time_limit_s,
        mip_gap=entry.mip_gap,
        seed=entry.seed,
    )
    return sited.themed("" if len(study.settings.services) == 1 else safe_name(entry.name))


def _candidates(
    entry: ServicesTable,
    study: Study,
    sources: Sources,
    city: City,
    demand: People,
    suitability: Suitability | None,
) -> gpd.GeoDataFrame:
    """Find candidates as for a `[[locate]]`, with the column of their room."""
    taken = taken_ground(sources, suitability)
    if entry.standing_buildings:
        taken = replace(taken, exclusions={}, roads=None)
    column = entry.floor_area if isinstance(entry.floor_area, str) else None
    # A plan's column of costs is carried over from the plots to the candidates: the room comes the same way.
    asked = LocateTable.model_construct(name=entry.name, candidates=entry.candidates, cost=column)
    none = gpd.GeoDataFrame({"rule": []}, geometry=[], crs=city.crs)
    return gather_candidates(asked, study, sources, city.network, demand, none, None, taken)
