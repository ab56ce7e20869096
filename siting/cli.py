"""The `siting` command: thin, no logic of its own. Heavy parts load when a command needs them."""

import functools
import os
import shlex
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, ParamSpec

import typer

from siting.errors import InfeasibleError, SitingError
from siting.ledger import Lang, Text

if TYPE_CHECKING:
    from siting.pipeline.progress import Progress

app = typer.Typer(
    name="siting",
    help="达标评估、服务盲区与设施选址 / Coverage audits, gaps and facility siting on real walking distances.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_LangOption = Annotated[str | None, typer.Option("--lang", help="zh | en; default: from the environment (LANG)")]
_QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="print nothing but errors")]
_OutOption = Annotated[Path | None, typer.Option("--out", help="output folder")]
_OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="replace an earlier result in that folder")]
_StudyArgument = Annotated[Path, typer.Argument(metavar="STUDY.toml", help="study file")]


_P = ParamSpec("_P")


def _guarded(command: Callable[_P, None]) -> Callable[_P, None]:
    """Turn what a command raises into one message and an exit code."""

    @functools.wraps(command)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except SitingError as error:
            typer.echo(f"siting: {error}", err=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            typer.echo("siting: interrupted; earlier results are untouched", err=True)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            # The reader of a pipe, as in `siting rules | head`, has seen enough.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except Exception as error:
            if os.environ.get("SITING_DEBUG"):
                traceback.print_exc()
            typer.echo(
                f"siting: internal error, {type(error).__name__}: {error}\n"
                "Please report it; SITING_DEBUG=1 shows where it happened. Earlier results are untouched.",
                err=True,
            )
            raise typer.Exit(1) from None

    return guarded


@app.command()
@_guarded
def demo(
    out: _OutOption = None, overwrite: _OverwriteOption = False, lang: _LangOption = None, quiet: _QuietOption = False
) -> None:
    """运行自带的真实样例 / Run the packaged real sample: whole pipeline, all outputs."""
    from siting.sample import sample_study

    _run(sample_study(), out or Path("siting-demo"), overwrite, lang, quiet)


@app.command()
@_guarded
def run(
    study: _StudyArgument,
    out: _OutOption = None,
    overwrite: _OverwriteOption = False,
    maps: Annotated[
        str | None, typer.Option("--maps", help="formats of the maps, with commas: png,svg,pdf; default: the study's")
    ] = None,
    paper: Annotated[str | None, typer.Option("--paper", help="A4 | A3; default: the study's")] = None,
    lang: _LangOption = None,
    quiet: _QuietOption = False,
) -> None:
    """评估、盲区、选址与全部成果 / Audit, gaps, siting, all outputs."""
    _run(study, out, overwrite, lang, quiet, maps, paper)


@app.command()
@_guarded
def check(study: _StudyArgument, lang: _LangOption = None, quiet: _QuietOption = False) -> None:
    """读取全部输入并一次列出所有问题 / Read everything, report every fault at once, write nothing."""
    from siting.pipeline import check as check_study
    from siting.study import Study

    language = _language(lang)
    report = check_study(Study.from_toml(study), progress=_progress(language, quiet))
    if not quiet:
        _say(report.text(language))


@app.command()
@_guarded
def rules(
    rule: Annotated[str | None, typer.Argument(metavar="[RULE]", help="explain this rule in full")] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="only this topic")] = None,
    search: Annotated[str | None, typer.Option("--search", help="words in id, name, document, clause or note")] = None,
    facility: Annotated[str | None, typer.Option("--class", help="only rules about this facility class")] = None,
    tier: Annotated[str | None, typer.Option("--tier", help="15min, 10min, 5min, block, city …")] = None,
    confidence: Annotated[str | None, typer.Option("--confidence", help="clause, secondary or unverified")] = None,
    document: Annotated[str | None, typer.Option("--document", help="words of its code or title: 'GB 50180'")] = None,
    standing: Annotated[str | None, typer.Option("--standing", help="in_force, policy, draft, retired …")] = None,
    distance: Annotated[str | None, typer.Option("--distance", help="network, straight or time")] = None,
    verdict: Annotated[
        bool | None, typer.Option("--verdict/--no-verdict", help="only rules that can (not) end in met or not met")
    ] = None,
    packs: Annotated[
        list[Path] | None, typer.Option("--pack", help="rule pack laid over the catalogue; may be repeated")
    ] = None,
    classes: Annotated[bool, typer.Option("--classes", help="list the facility classes that a study may name")] = False,
    lang: _LangOption = None,
) -> None:
    """标准条文目录，含条款与可信度 / The standards catalogue, with clause and confidence."""
    from siting.cli_display import rules_text
    from siting.standards import load_catalogue, load_classes

    if classes:
        _say("\n".join(f"{id_:<22} {one.name.both('  ')}" for id_, one in load_classes().items()))
        return
    catalogue = load_catalogue(packs or ())
    wanted = {
        "topic": topic, "text": search, "facility": facility, "tier": tier, "confidence": confidence,
        "document": document, "standing": standing, "distance": distance, "verdict": verdict,
    }  # fmt: skip
    _say(rules_text(catalogue, rule, wanted, _language(lang)))


@app.command()
@_guarded
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="folder for the study file")],
    files: Annotated[
        Path | None, typer.Option("--from", help="folder with your layers: what each is for is guessed and shown")
    ] = None,
    streets: Annotated[Path | None, typer.Option("--streets", help=".osm.pbf, .osm or a line layer")] = None,
    demand: Annotated[
        Path | None, typer.Option("--demand", help="people: polygons, points or a population GeoTIFF")
    ] = None,
    population: Annotated[
        str | None, typer.Option("--population", help="column with people in the demand layer")
    ] = None,
    total: Annotated[
        float | None, typer.Option("--total", help="people in all, where they are estimated from buildings")
    ] = None,
    boundary: Annotated[Path | None, typer.Option("--boundary", help="polygon of the study area")] = None,
    zones: Annotated[
        list[Path] | None, typer.Option("--zones", help="zones, from small to large; may be repeated")
    ] = None,
    facilities: Annotated[
        list[str] | None,
        typer.Option("--facilities", help="OSM file, layer named after its class, or CLASS=FILE; may be repeated"),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="name of the study")] = None,
    overwrite: _OverwriteOption = False,
    lang: _LangOption = None,
) -> None:
    """由现有文件写出带注释的研究文件 / Write a commented study.toml from the files at hand."""
    from siting.scaffold import write_study

    language = _language(lang)
    path = write_study(
        folder,
        streets=streets,
        demand=demand,
        population=population,
        total=total,
        boundary=boundary,
        zones=zones or [],
        facilities=facilities,
        files=files,
        name=name,
        overwrite=overwrite,
        tell=lambda text: _say(text.get(language)),
    )
    _say(Text(f"已写出 {path}；下一步：siting check {path}", f"wrote {path}; next: siting check {path}").get(language))


@app.command()
@_guarded
def fetch(
    place: Annotated[str, typer.Argument(metavar="PLACE", help='"Taipa, Macau", or an OSM area such as R1867188')],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="folder for the files")],
    buffer_m: Annotated[float, typer.Option("--buffer-m", min=0, help="how far beyond the place")] = 1000.0,
    nominatim_url: Annotated[str | None, typer.Option("--nominatim-url", help="server that finds places")] = None,
    overpass_url: Annotated[str | None, typer.Option("--overpass-url", help="server that sends the data")] = None,
    overwrite: _OverwriteOption = False,
    lang: _LangOption = None,
    quiet: _QuietOption = False,
) -> None:
    """下载一个地方的 OSM 数据（需联网） / Download a place's OSM data as files a study can read (internet)."""
    from siting.download import fetch_place

    language = _language(lang)
    found = fetch_place(
        place, folder, buffer_m=buffer_m, nominatim_url=nominatim_url, overpass_url=overpass_url, overwrite=overwrite
    )
    if not quiet:
        _say(found.text().get(language))
        next_step = shlex.join(
            ["siting", "new", str(folder), "--streets", str(found.osm), "--boundary", str(found.boundary)]
        )
        _say(Text(f"已写出 {found.osm}；下一步：{next_step}", f"wrote {found.osm}; next: {next_step}").get(language))


@app.command()
@_guarded
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="result folder of the earlier run")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="result folder of the later run")],
    out: _OutOption = None,
    overwrite: _OverwriteOption = False,
    lang: _LangOption = None,
    quiet: _QuietOption = False,
) -> None:
    """两次运行之间的变化：按条文与分区 / What changed between two runs, by rule and zone: table and map."""
    from siting.outputs import check_target
    from siting.outputs.compare.changes import compare_runs
    from siting.outputs.compare.words import comparison_lines

    language = _language(lang)
    progress = _progress(language, quiet)
    folder = out or Path("siting-out") / f"compare-{run_a.resolve().name}-{run_b.resolve().name}"
    check_target(folder, overwrite=overwrite, inputs=(run_a, run_b))
    found = compare_runs(run_a, run_b)
    found.write(folder, overwrite=overwrite, lang=language, progress=progress)
    progress.close()
    if not quiet:
        _say("\n".join(comparison_lines(found, language)))
        _say(Text(f"对比已写入 {folder}", f"comparison in {folder}").get(language))


@app.command()
@_guarded
def export(
    result: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="result folder of siting run")],
    form: Annotated[Literal["shp", "geojson"], typer.Option("--format", help="file format")] = "shp",
    layers: Annotated[
        list[str] | None, typer.Option("--layers", help="names, with commas or repeated; default: all")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="output folder; default: RUN_DIR-shp, RUN_DIR-geojson")
    ] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="of shapefiles: utf-8 | gb18030 | gbk")] = None,
    overwrite: _OverwriteOption = False,
    lang: _LangOption = None,
    quiet: _QuietOption = False,
) -> None:
    """把成果图层导出为 Shapefile 或 GeoJSON / Export layers of a result as Shapefile or GeoJSON."""
    from siting.outputs.exports import export_layers

    language = _language(lang)
    progress = _progress(language, quiet)
    chosen = None if layers is None else [name.strip() for one in layers for name in one.split(",") if name.strip()]
    found = export_layers(
        result, to, format=form, layers=chosen, encoding=encoding, overwrite=overwrite, progress=progress
    )
    progress.close()
    if not quiet:
        rows = sum(one.rows for one in found.files)
        for note in found.notes:
            _say(f"  ! {note.get(language)}")
        _say(
            Text(
                f"{len(found.files)} 个图层、{rows:,} 行已导出到 {found.folder}",
                f"{len(found.files)} layers, {rows:,} rows exported to {found.folder}",
            ).get(language)
        )


def _run(
    study_path: Path,
    out: Path | None,
    overwrite: bool,
    lang: str | None,
    quiet: bool,
    maps: str | None = None,
    paper: str | None = None,
) -> None:
    from siting.cli_display import closing_lines
    from siting.outputs import check_target
    from siting.pipeline import run as run_study
    from siting.study import Study

    language = _language(lang)
    formats = None if maps is None else maps.split(",")
    # Refused before an hour of computing, not after it.
    if formats is not None or paper is not None:
        from siting.outputs.maps.files import MapFiles

        MapFiles.of(formats, paper)
    progress = _progress(language, quiet)
    study = Study.from_toml(study_path)
    folder = out or Path("siting-out") / study.name
    check_target(folder, overwrite=overwrite, inputs=(study.path, *(study.resolve(s) for _, s in study.sources())))
    result = run_study(study, lang=language, progress=progress)
    _stop_if_asked()
    result.write(folder, overwrite=overwrite, progress=progress, maps=formats, paper=paper)
    progress.close()
    if not quiet:
        _say("\n".join(closing_lines(result, language)))
        _say(Text(f"成果已写入 {folder}", f"results in {folder}").get(language))
    if result.infeasible:
        raise InfeasibleError("; ".join(none.reason for none in result.infeasible.values()))


def _progress(lang: Lang, quiet: bool) -> "Progress":
    from siting.cli_display import Bars, Lines
    from siting.pipeline.progress import Silent

    if quiet:
        return Silent()
    return Bars(lang) if sys.stderr.isatty() else Lines(lang)


def _language(given: str | None) -> Lang:
    if given is None:
        spoken = next((v for v in (os.environ.get(k, "") for k in ("LC_ALL", "LC_MESSAGES", "LANG")) if v), "")
        return "zh" if spoken.lower().startswith("zh") else "en"
    if given not in ("zh", "en"):
        msg = f"--lang is '{given}', expected zh or en"
        raise typer.BadParameter(msg)
    return "zh" if given == "zh" else "en"


def _say(text: str) -> None:
    typer.echo(text)


_asked_to_stop = threading.Event()


def _interrupt(*_: object) -> None:
    _asked_to_stop.set()
    raise KeyboardInterrupt


def _stop_if_asked() -> None:
    """End where an interrupt was taken for less: by a search, which returns its best plan, or inside a callback."""
    if _asked_to_stop.is_set():
        raise KeyboardInterrupt


def main() -> None:
    """Entry point of the `siting` command."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    app()


if __name__ == "__main__":
    main()
