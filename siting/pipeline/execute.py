"""Run a study from files to answers; nothing is written here."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import geopandas as gpd

from siting.coverage import Audit, Searches, demand_cells, prepare_land
from siting.ledger import Account, Finding, Lang, Text
from siting.network import Network
from siting.outputs.contract import MapBase
from siting.pipeline.bundles import site_bundles
from siting.pipeline.finished import Run
from siting.pipeline.housing_land import residential_land
from siting.pipeline.judging import areas_of, entries_of, gaps_of, judge_rules
from siting.pipeline.lacking import findings_of
from siting.pipeline.people import People, gather_people
from siting.pipeline.planning import check_entries, make_plans, plan_findings
from siting.pipeline.progress import Progress
from siting.pipeline.scenarios import Scenario, change_for, planned_network, scenario_lines
from siting.pipeline.shift import shift_findings
from siting.pipeline.shown_progress import told
from siting.pipeline.snapping import joined, list_unsnapped, list_unsnapped_of_vehicles
from siting.pipeline.sources import Sources, read_sources, source_lines
from siting.pipeline.streets import build_network
from siting.pipeline.suitable import make_suitability
from siting.pipeline.theme_lacks import check_themes, theme_lacks
from siting.pipeline.theming import audit_themes, city_of, theme_findings
from siting.pipeline.travel import Trip, Ways, clock_findings, trip_lines, trips_of
from siting.study import Study


def run(
    study: Study,
    *,
    lang: Lang = "en",
    progress: Progress | bool | None = None,
    scenario: Scenario | None = None,
) -> Run:
    """Run a study: read, judge, find the gaps, choose the sites.

    Parameters
    ----------
    study : from `Study.from_toml`
    lang : the language that comes first in what is written
    progress : told about each stage; True shows it here, False nowhere; default: in a notebook, not in a script
    scenario : makes of today's streets those to judge by, such as ``lambda today: siting.add_crossing(today, a, b)``;
        the people stay where they are, and every map says that it is not today's city. It changes the streets that are
        walked; ``{"walk": …, "drive": …}`` changes those of vehicles, too

    Returns
    -------
    `Run`; call its ``write`` for the files. A plan that nobody can make is in ``run.infeasible``, with the reason

    Raises
    ------
    InputError
        Layers cannot be used; the message lists them all.
    """
    with told(progress, lang) as shown:
        return _run(study, lang, shown, scenario)


def _run(study: Study, lang: Lang, progress: Progress, scenario: Scenario | None) -> Run:
    sources, network, demand = prepare(study, progress)
    network = planned_network(network, change_for(scenario, "walk"))
    settings = study.settings.study
    suited = make_suitability(study, sources, network, demand, progress)
    searches = Searches(network, settings.max_snap_m, sources.entrances)
    ways, trips = Ways(study, sources, network, searches, scenario), trips_of(study)
    trip_lines(study, ways)
    ground = residential_land(study, sources, demand)
    land = None if ground.layer is None else prepare_land(ground.layer, sources.zones, settings.land_cell_m)
    with ThreadPoolExecutor(1) as pool:  # the cells depend on no rule: they are cut beside
        cells = pool.submit(demand_cells, demand.points)
        audits = judge_rules(study, sources, demand.points, ways, trips, land, progress, demand.unit_noun)
    gaps = gaps_of(audits, cells.result(), progress)
    plans, infeasible = make_plans(study, sources, demand, network, audits, gaps, ways, progress, suited.suitability)
    city = city_of(study, sources, demand.points, ways, land, ground.layer, suited.suitability)
    city = replace(city, unit_noun=demand.unit_noun)
    themes = audit_themes(study, sources, city, progress)
    bundles, without = site_bundles(study, sources, city, demand, progress, suited.suitability)
    themes |= bundles
    entries = entries_of(audits, sources.crs)
    unsnapped, far = list_unsnapped(network, _snapped_layers(demand, sources, audits, entries), settings.max_snap_m)
    off_road, too_far = list_unsnapped_of_vehicles(ways.drive, demand.points, audits, settings.max_snap_m)
    return Run(
        study=study,
        title=Text(settings.title_zh or settings.name, settings.title_en or settings.name),
        lang=lang,
        crs=sources.crs,
        crs_note=sources.area.reason,
        scale_error_ppm=sources.area.scale_error_ppm,
        network=network,
        audits=audits,
        plans=plans,
        infeasible=infeasible | without,
        gaps=gaps,
        demand=demand.points,
        facilities=sources.facilities,
        zones=sources.zones,
        entries=entries,
        unsnapped=joined(unsnapped, off_road),
        service_areas=areas_of(audits, ways, trips, progress),
        base=_base(sources, network),
        accounts=(*all_accounts(sources, demand, network, ways), *suited.accounts),
        themes=themes,
        suitability=suited.suitability,
        findings=(
            *_findings(study, sources, ways, trips, (*far, *too_far), audits),
            *ground.findings,
            *suited.findings,
            *plan_findings(plans),
            *(none.finding for none in (*infeasible.values(), *without.values())),
            *theme_findings(study, themes),
            *findings_of(theme_lacks(study, sources, network, demand), themes),
        ),
        parameters=_parameters(study, sources, ways, demand),
        seeds={entry.name: entry.seed for entry in study.settings.locate if entry.name in plans},
        attribution=(
            *source_lines(sources, settings.attribution, study_note(study)),
            *scenario_lines(network, ways.drive),
        ),
        data_date=_data_date(sources),
        input_paths=(study.path, *(study.resolve(p) for _, p in study.sources())),
    )


def prepare(study: Study, progress: Progress) -> tuple[Sources, Network | None, People]:
    """Read every layer, build the network, place the people: all that can go wrong with the inputs goes wrong here."""
    progress.stage(Text("读取图层", "Reading layers"))
    sources = read_sources(study)
    check_entries(study, sources)
    progress.stage(Text("构建步行网络", "Building the walking network"))
    network = build_network(study, sources)
    progress.stage(Text("分布人口", "Placing people"))
    demand = gather_people(study, sources, network)
    check_themes(study, sources, network, demand)
    return sources, network, demand


def study_note(study: Study) -> Text | None:
    """Return what the study wants every reader to know, for instance that its data are synthetic."""
    settings = study.settings.study
    zh, en = settings.note_zh or settings.note_en, settings.note_en or settings.note_zh
    return None if zh is None or en is None else Text(zh, en)


def all_accounts(sources: Sources, demand: People, network: Network | None, ways: Ways) -> tuple[Account, ...]:
    """List the bookkeeping of every input once: a network keeps that of the streets it is made of."""
    walked = network.accounts if network else ()
    return tuple(dict.fromkeys((*sources.accounts, *demand.accounts, *walked, *ways.accounts)))


def _snapped_layers(
    demand: People, sources: Sources, audits: Mapping[str, Audit], entries: gpd.GeoDataFrame
) -> dict[str, gpd.GeoDataFrame]:
    """Layers whose points stand on streets: people, judged point facilities by class, and the entries of areas."""
    layers = {"demand": demand.points}
    used = {name for audit in audits.values() if audit.judged for name in audit.facilities["class"].unique()}
    chosen = sources.facilities["class"].isin(used) & (sources.facilities.geom_type == "Point")
    points = gpd.GeoDataFrame(sources.facilities[chosen])
    layers |= {f"facilities.{name}": gpd.GeoDataFrame(group) for name, group in points.groupby("class", sort=False)}
    if len(entries):
        # A facility has many entries: each is named after it, with a number.
        number = (entries.groupby("facility").cumcount() + 1).astype(str)
        layers["gates"] = entries.set_axis(entries["facility"].astype(str) + "#" + number, axis=0)
    return layers


def _base(sources: Sources, network: Network | None) -> MapBase:
    return MapBase(
        streets=None if network is None else network.edges_frame(),
        water=sources.water,
        green=sources.green if sources.green is not None else _parks(sources),
        buildings=sources.buildings,
        boundary=sources.boundary,
    )


def _parks(sources: Sources) -> gpd.GeoDataFrame | None:
    """Parks of the study's own layers, for the map's background."""
    found = sources.facilities[sources.facilities["class"].isin(["any_green", "park_green"])]
    found = found[found.geom_type.isin(["Polygon", "MultiPolygon"])]
    return gpd.GeoDataFrame(found) if len(found) else None


def _findings(
    study: Study,
    sources: Sources,
    ways: Ways,
    trips: Mapping[str, Trip | None],
    far: tuple[Finding, ...],
    audits: Mapping[str, Audit],
) -> tuple[Finding, ...]:
    network = ways.walk
    found = [*sources.findings, *shift_findings(study, sources, network), *far]
    note = study_note(study)
    if note is not None:
        found.insert(0, Finding(code="study_note", kind="warning", count=0, text=note))
    found += ways.findings(trips)
    if network is None:
        text = Text("没有街道图层：全部距离为直线距离", "no streets in this study: all distances are straight lines")
        found.append(Finding(code="no_network", kind="warning", count=0, text=text))
    found += study.catalogue.findings
    for audit in audits.values():
        found += [
            *audit.findings,
            *(clock_findings(audit.rule) if audit.judged else ()),
            *study.catalogue.findings_of(audit.rule),
        ]
    # Rules that share facilities share what was found about them.
    return tuple({(f.code, f.text.en): f for f in found}.values())


def _parameters(study: Study, sources: Sources, ways: Ways, demand: People) -> dict[str, Any]:
    return {
        "study": study.settings.model_dump(mode="json", exclude_none=True),
        "study_file_sha256": study.sha256,
        "demand_source": {"zh": demand.method.zh, "en": demand.method.en},
        "boundary_area_m2": None if sources.boundary is None else round(float(sources.boundary.area.sum()), 1),
        "network": _size(ways.walk),
        "drive_network": _size(ways.drive),
    }


def _size(network: Network | None) -> dict[str, Any] | None:
    """Return the size of a network and its parts, None where there is none."""
    if network is None:
        return None
    return {
        "mode": network.mode,
        "nodes": network.n_nodes,
        "edges": network.n_edges,
        "length_m": round(int(network.edge_mm.sum()) / 1000, 3),
        "components": len(network.carries),
        "components_that_carry_points": int(network.components["carries"].sum()),
        "fragments": [
            {k: (v.item() if hasattr(v, "item") else v) for k, v in row.items()}
            for row in network.fragments.reset_index().round(3).to_dict("records")
        ],
    }


def _data_date(sources: Sources) -> str | None:
    stamps = sorted({o.timestamp[:10] for o in (sources.osm, sources.streets_osm) if o is not None and o.timestamp})
    return " / ".join(stamps) or None
