"""`siting new`: a commented study file from the files at hand."""

import os
from collections.abc import Sequence
from pathlib import Path

from siting.errors import InputError, OutputError

_AUDITS = (
    ("park.300green", "300 米见绿 / green within 300 m"),
    ("park.500park", "500 米见园 / park within 500 m"),
    ("wc.radius.mandatory", "公厕服务半径 / public toilets"),
    ("bus.cover500", "公交站 500 米覆盖 / bus stops"),
    ("fac.primary_school", "小学 / primary schools"),
    ("fac.kindergarten", "幼儿园 / kindergartens"),
)

_HEAD = """\
# 研究文件。路径相对本文件;可用 ${{变量名}} 引用环境变量。
# Study file. Paths are relative to this file and may hold ${{NAME}} from the environment.
# 检查 check:  siting check {file}        运行 run:  siting run {file}

[study]
name = {name}
# crs = "EPSG:4548"          # 不写则自动选择并说明 / left out: chosen and reported
{boundary}
{zones}
max_snap_m = 500             # 更远的点计为未服务并列出 / further points count as unserved, listed
"""

_STREETS = """
[streets]                    # .osm.pbf | .osm | 线图层 line layer
source = {streets}
modes = ["walk"]
# profile = "adult"          # 以分钟计的标准:adult | elderly | step_free / who walks, for rules in minutes
# elevation = "dem.tif"      # 高程栅格,步行时间计坡度 / heights: slopes enter walking times
# node_crossings = false     # 线图层只在公共节点相连 / line layers: lines meet at common vertices alone
"""

_DEMAND = """
[demand]                     # 面、点、人口栅格,或 "estimate" / polygons, points, a population GeoTIFF, or "estimate"
{demand}
"""

_FACILITIES = """
[facilities]                 # 类别 / class names: siting rules --classes
{facilities}
# public_toilet = {{ source = "toilets.csv", encoding = "gb18030", coords = "gcj02" }}   # 自有图层 / your own

[land]
# residential = "residential.gpkg"     # 居住用地,作分母 / residential land, a denominator
# vacant = "vacant.gpkg"               # 可建用地,作候选 / plots where something may be built
# exclusions = {{ water = "water.gpkg" }}
"""

_MINUTES = """
# [[audit]]                  # 按分钟评判 / judged in minutes
# name = "bus_5min"
# rule = "bus.cover500"
# overrides = { limit_min = 5 }
# profile = "elderly"        # 步行 on foot: adult | elderly | step_free;车辆 vehicles: drive | truck
# direction = "to_facility"  # 默认:步行到设施,车辆由站点出发 / default: on foot to it, vehicles from it
"""

_LOCATE = """
[[locate]]                   # 选址 / where the next ones go
name = "toilets"
rule = "wc.radius.mandatory"
model = "mclp"               # 最大覆盖;lscp = 全覆盖的最少数量 / lscp: the fewest that serve all
p = 5
# budget = 0.5               # 代替 p:总用地或总费用 / in place of p: hectares, or money, in all
# cost = "area_ha"           # 或候选图层的费用列 / or a column of the candidates
candidates = {candidates}
min_spacing_m = 150
time_limit_s = 60
"""

_THEMES = """
# [living_circle]            # 15、10、5 分钟生活圈:应配设施完备率 / living circles: which required classes are in reach
# profiles = ["adult", "elderly", "step_free"]
# level = "community"        # 哪一级分区是社区 / which zones are the communities

# [green]                    # 公园绿地:300 米见绿、500 米见园、人均、滨水 / green, parks, hectares a head, waterfront
# raster = { source = "ndvi.tif", threshold = 0.3 }      # 植被栅格 / vegetation

# [[services]]               # 合建:一处建筑,多项服务 / sited together: one building, several services
# name = "community_buildings"
# tier = "5min"
# classes = ["community_station", "canteen", "day_care"]
# p = 2                      # 不写:全部服务到的最少处数 / left out: the fewest that serve all in reach
# candidates = { source = "street", spacing_m = 100, min_area_m2 = 300 }       # 或 or "vacant", 自有图层 / a layer
# storeys = 3

# [suitability]              # 用地适宜性:格网加权评分 / the ground, scored on a grid
# cell_m = 50
# factors = [
#   { name = "bus", kind = "distance", facility = ["bus_stop"], weight = 0.6, worst = 800, best = 0 },
#   { name = "people", kind = "people", weight = 0.4, worst = 0, best = 200, radius_m = 300 },
# ]
# exclude = [{ name = "water", name_zh = "水域", source = "water", buffer_m = 20 }]
"""


def write_study(
    folder: Path,
    *,
    streets: Path,
    demand: Path | None = None,
    population: str | None = None,
    total: float | None = None,
    boundary: Path | None = None,
    zones: Sequence[Path] = (),
    facilities: Path | None = None,
    name: str | None = None,
    overwrite: bool = False,
) -> Path:
    """Write ``folder/study.toml`` and return its path.

    Parameters
    ----------
    folder : made if absent
    streets, demand, boundary, zones, facilities : files at hand; the study refers to them, nothing is copied
    population : column with people in ``demand``
    total : people in all, spread over the residential buildings where there is no ``demand``

    Raises
    ------
    InputError
        A file is absent.
    OutputError
        There is a study file already and ``overwrite`` is not set, or the folder cannot be written.
    """
    for path in (streets, demand, boundary, facilities, *zones):
        if path is not None and not path.exists():
            msg = f"file not found: {path}"
            raise InputError(msg)
    target = folder / "study.toml"
    if target.exists() and not overwrite:
        msg = f"{target} exists; add --overwrite to replace it"
        raise OutputError(msg)
    osm = facilities or (streets if _is_osm(streets) else None)
    text = _HEAD.format(
        file=target.name,
        name=_quote(name or folder.resolve().name),
        boundary=f"boundary = {_path(boundary, folder)}" if boundary else '# boundary = "boundary.gpkg"',
        zones=f"zones = [{', '.join(_path(z, folder) for z in zones)}]      # 由小到大 / from small to large"
        if zones
        else '# zones = ["communities.gpkg", "sub-districts.gpkg"]     # 由小到大 / from small to large',
    )
    text += _STREETS.format(streets=_path(streets, folder))
    text += _DEMAND.format(demand=_demand(demand, population, total, folder, osm))
    text += _FACILITIES.format(facilities=f"osm = {_path(osm, folder)}" if osm else '# osm = "city.osm.pbf"')
    for rule, words in _AUDITS:
        text += f'\n[[audit]]                    # {words}\nrule = "{rule}"\n'
    text += _MINUTES
    text += _LOCATE.format(candidates='{ source = "street", spacing_m = 100, min_area_m2 = 60 }')
    text += _THEMES
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".toml.part")
        draft.write_text(text, encoding="utf-8")
        draft.replace(target)
    except OSError as error:
        msg = f"cannot write {target}: {error.strerror}"
        raise OutputError(msg) from None
    return target


def _demand(demand: Path | None, population: str | None, total: float | None, folder: Path, osm: Path | None) -> str:
    if demand is None and osm is None:
        # Nothing but streets: they are what can be served.
        return (
            'source = "streets"         # 沿街道布点,单元为街道长度 / points along streets, units are metres of street'
        )
    if demand is None:
        lines = ['source = "estimate"']
        if total is not None:
            lines.append(f"total = {total:g}")
        else:
            lines.append("m2_per_person = 40        # 假设,请改 / an assumption: set the local figure, or total")
        return "\n".join(lines)
    lines = [f"source = {_path(demand, folder)}"]
    if population:
        lines.append(f"population = {_quote(population)}")
    else:
        lines.append('# population = "people"      # 人口字段 / column with people')
    if osm:
        lines.append('# buildings = "osm"          # 分摊到住宅建筑 / spread over residential buildings')
    return "\n".join(lines)


def _is_osm(path: Path) -> bool:
    return path.name.endswith((".osm", ".osm.pbf", ".pbf"))


def _path(path: Path | None, folder: Path) -> str:
    assert path is not None
    return _quote(Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix())


def _quote(text: str) -> str:
    """Write a TOML basic string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
