"""Write everything a run leaves behind, whole or not at all."""

from pathlib import Path

from siting.coverage.model import Audit
from siting.ledger import Finding, Text
from siting.outputs.contract import ProgressLike, RunLike
from siting.outputs.evidence import evidence
from siting.outputs.folder import EVIDENCE, OutputFolder
from siting.outputs.fonts import missing_characters, missing_finding
from siting.outputs.geopackage import write_geopackage
from siting.outputs.layers import LAYER_TEXT, result_layers
from siting.outputs.maps.ground import Grounds
from siting.outputs.maps.pages import coverage_map, map_names, map_texts, outlined_zones, plan_map
from siting.outputs.maps.suitability_page import suitability_map
from siting.outputs.maps.theme_pages import theme_map, theme_map_names
from siting.outputs.qgis import named_styles, write_project
from siting.outputs.suitability_files import FILES as RASTERS
from siting.outputs.suitability_files import write_rasters
from siting.outputs.summary import summary, write_json
from siting.outputs.tables import result_tables, write_table
from siting.outputs.theme_files import theme_layers
from siting.outputs.views import column_texts, views_of
from siting.outputs.web import write_page

STAGE = Text("写出成果", "writing results")


def write_run(
    run: RunLike, folder: str | Path, *, overwrite: bool = False, progress: ProgressLike | None = None
) -> Path:
    """Write layers, tables, maps, summary and evidence of a run into a folder.

    Parameters
    ----------
    run : the finished run; nothing of it is changed
    folder : appears only when everything in it is complete; an earlier result stays whole until then
    overwrite : whether an earlier result may be replaced
    progress : is told of each file

    Returns
    -------
    The absolute path of the folder.

    Raises
    ------
    OutputError
        The folder must not or cannot be written; what stood there is untouched.
    """
    pages, theme_pages = map_names(run), theme_map_names(run)
    grounds = Grounds(run.base, outlined_zones(run))
    with OutputFolder(folder, overwrite, run.input_paths) as out:
        if progress is not None:
            progress.stage(STAGE, len(pages) + len(theme_pages) + 5 + (run.suitability is not None))
        layers, findings = result_layers(run)
        described = {name: text.both(" / ") for name, text in LAYER_TEXT.items()}
        described |= {name: layer.title.both(" / ") for name, layer in theme_layers(run.themes).items()}
        views, columns = views_of(run, layers), column_texts(run, layers)
        styles = named_styles(views, layers, columns, run.lang)
        write_geopackage(out.path("results.gpkg"), layers, described, styles)
        _tell(progress, "results.gpkg")
        for name, table in result_tables(run, layers).items():
            write_table(out.path("tables", f"{name}.csv"), table)
        _tell(progress, "tables/")
        write_page(out.path("map.html"), run, layers, views, columns)
        _tell(progress, "map.html")
        for name, shown in pages.items():
            path = out.path("maps", f"{name}.png")
            if isinstance(shown, Audit):
                coverage_map(path, shown, run, grounds)
            else:
                plan_map(path, shown, run, grounds)
            _tell(progress, f"maps/{name}.png")
        for name, (layer, result) in theme_pages.items():
            theme_map(out.path("maps", f"{name}.png"), layer, result, run, grounds)
            _tell(progress, f"maps/{name}.png")
        if run.suitability is not None:
            write_rasters(out.path, run.suitability)
            suitability_map(out.path("maps", "suitability.png"), run.suitability, run, grounds)
            _tell(progress, f"{RASTERS[0]}, maps/suitability.png")
        write_project(out.path("project.qgz"), run, views, layers, columns)
        _tell(progress, "project.qgz")
        findings += _font_findings(run)
        write_json(out.path("summary.json"), summary(run))
        write_json(out.path(EVIDENCE), evidence(run, tuple(findings)))
        _tell(progress, "summary.json, evidence.json")
    return out.target


def _font_findings(run: RunLike) -> list[Finding]:
    finding = missing_finding(missing_characters(map_texts(run)))
    return [] if finding is None else [finding]


def _tell(progress: ProgressLike | None, name: str) -> None:
    if progress is not None:
        progress.step(Text(name, name))
