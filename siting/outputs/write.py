"""Write everything a run leaves behind, whole or not at all."""

from pathlib import Path

from siting.ledger import Finding, Text
from siting.outputs.contract import ProgressLike, RunLike
from siting.outputs.evidence import evidence
from siting.outputs.folder import EVIDENCE, OutputFolder
from siting.outputs.fonts import missing_characters, missing_finding
from siting.outputs.geopackage import write_geopackage
from siting.outputs.layers import LAYER_TEXT, result_layers
from siting.outputs.maps.atlas import atlas
from siting.outputs.maps.files import ONE_PNG, MapFiles
from siting.outputs.maps.pages import map_texts
from siting.outputs.qgis import named_styles, write_project
from siting.outputs.report import write_report
from siting.outputs.steps import Steps
from siting.outputs.suitability_files import FILES as RASTERS
from siting.outputs.suitability_files import write_rasters
from siting.outputs.summary import summary, write_json
from siting.outputs.tables import result_tables, write_table
from siting.outputs.theme_files import theme_layers
from siting.outputs.views import column_texts, views_of
from siting.outputs.web import write_page

STAGE = Text("写出成果", "writing results")


def write_run(
    run: RunLike,
    folder: str | Path,
    *,
    overwrite: bool = False,
    progress: ProgressLike | None = None,
    maps: MapFiles = ONE_PNG,
) -> Path:
    """Write layers, tables, maps, summary and evidence of a run into a folder.

    Parameters
    ----------
    run : the finished run; nothing of it is changed
    folder : appears only when everything in it is complete; an earlier result stays whole until then
    overwrite : whether an earlier result may be replaced
    progress : is told of each file
    maps : formats and paper of the pages under `maps/`

    Returns
    -------
    The absolute path of the folder.

    Raises
    ------
    OutputError
        The folder must not or cannot be written; what stood there is untouched.
    """
    pages = atlas(run, maps)
    with OutputFolder(folder, overwrite, run.input_paths) as out:
        steps = Steps(progress, STAGE, len(pages) + 6 + (run.suitability is not None))
        layers, findings = result_layers(run)
        described = {name: text.both(" / ") for name, text in LAYER_TEXT.items()}
        described |= {name: layer.title.both(" / ") for name, layer in theme_layers(run.themes).items()}
        views, columns = views_of(run, layers), column_texts(run, layers)
        styles = named_styles(views, layers, columns, run.lang)
        write_geopackage(out.path("results.gpkg"), layers, described, styles)
        steps.done("results.gpkg")
        tables = result_tables(run, layers)
        for name, table in tables.items():
            write_table(out.path("tables", f"{name}.csv"), table)
        steps.done("tables/")
        write_page(out.path("map.html"), run, layers, views, columns)
        steps.done("map.html")
        for name, draw in pages.items():
            draw(out.path("maps", f"{name}.png"))
            steps.done(", ".join(f"maps/{file}" for file in maps.names(name)))
        if run.suitability is not None:
            write_rasters(out.path, run.suitability)
            steps.done(RASTERS[0])
        write_project(out.path("project.qgz"), run, views, layers, columns)
        steps.done("project.qgz")
        pictures = {path.stem: path for path in sorted((out.work / "maps").glob("*.png"))}
        write_report(out.path("report.html"), out.path("report.docx"), run, tables, pictures)
        steps.done("report.html, report.docx")
        findings += _font_findings(run)
        write_json(out.path("summary.json"), summary(run))
        write_json(out.path(EVIDENCE), evidence(run, tuple(findings)))
        steps.done("summary.json, evidence.json")
    return out.target


def _font_findings(run: RunLike) -> list[Finding]:
    finding = missing_finding(missing_characters(map_texts(run)))
    return [] if finding is None else [finding]
