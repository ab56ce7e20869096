"""The words of a study file: tables that are set, and tables that wait as comments."""

HEAD = """\
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

STREETS = """
[streets]                    # .osm.pbf | .osm | 线图层 line layer
{streets}
modes = ["walk"]
# profile = "adult"          # 以分钟计的标准:adult | elderly | step_free / who walks, for rules in minutes
# elevation = "dem.tif"      # 高程栅格,步行时间计坡度 / heights: slopes enter walking times
# node_crossings = false     # 线图层只在公共节点相连 / line layers: lines meet at common vertices alone
"""

DEMAND = """
[demand]                     # 面、点、人口栅格,或 "estimate" / polygons, points, a population GeoTIFF, or "estimate"
{demand}
"""

FACILITIES = """
[facilities]                 # 类别 / class names: siting rules --classes
{facilities}

[land]
{land}
"""

OWN_EXAMPLE = (
    '# public_toilet = { source = "toilets.csv", encoding = "gb18030", coords = "gcj02" }   # 自有图层 / your own'
)
LAND = {
    "residential": '# residential = "residential.gpkg"     # 居住用地,作分母 / residential land, a denominator',
    "vacant": '# vacant = "vacant.gpkg"               # 可建用地,作候选 / plots where something may be built',
    "water": '# exclusions = { water = "water.gpkg" }',
}

MINUTES = """
# [[audit]]                  # 按分钟评判 / judged in minutes
# name = "bus_5min"
# rule = "bus.cover500"
# overrides = { limit_min = 5 }
# profile = "elderly"        # 步行 on foot: adult | elderly | step_free;车辆 vehicles: drive | truck
# direction = "to_facility"  # 默认:步行到设施,车辆由站点出发 / default: on foot to it, vehicles from it
"""

LOCATE = """
[[locate]]                   # 选址 / where the next ones go
name = {name}
rule = {rule}
model = "mclp"               # 最大覆盖;lscp = 全覆盖的最少数量 / lscp: the fewest that serve all
                             # 其他 / others: p_median, p_center, p_dispersion, backup_coverage, gradual_cover,
                             # facility_location, capacitated, capacitated_cover
p = 5
# budget = 0.5               # 代替 p:总用地或总费用 / in place of p: hectares, or money, in all
# cost = "area_ha"           # 或候选图层的费用列 / or a column of the candidates
candidates = {candidates}
min_spacing_m = 150
# at_least = {{ level = "community", sites = 1 }}          # 每个分区至少一处 / at least one in every zone
# alternatives = 4           # 另找四个几乎同样好的方案 / four other plans that are nearly as good
time_limit_s = 60
"""

THEMES = """
# [living_circle]            # 15、10、5 分钟生活圈:应配设施完备率 / living circles: which required classes are in reach
# profiles = ["adult", "elderly", "step_free"]
# level = "community"        # 哪一级分区是社区 / which zones are the communities

# [green]                    # 公园绿地:300 米见绿、500 米见园、人均、滨水 / green, parks, hectares a head, waterfront
# raster = { source = "ndvi.tif", threshold = 0.3 }      # 植被栅格 / vegetation

# [toilets]                  # 公共厕所:密度、300 米服务、女男厕位比、昼夜开放 / toilets: density, 300 m, stalls, hours
# slots = { day = "12:00", night = "23:00" }

# [charging]                 # 充电:充电车位占比、充电站、选址 / charging spaces, stations, where the next go
# reach_m = 1000             # 下列为研究自定 / from here on: the study's own figures
# ev_share = 0.2
# cars_per_person = 0.3
# [charging.sheds]           # 老旧小区电动自行车充电棚 / sheds for electric bicycles in old estates
# walk_m = 100
# separation = 10

# [waste]                    # 垃圾:产生量 / waste: what arises
# kg_per_person_day = 1.0    # 研究自定 / the study's own
# shares = { kitchen = 0.5, recyclable = 0.2, hazardous = 0.01, other = 0.29 }
# [waste.points]             # 收集点与回收点 / collection and recycling points
# [waste.stations]           # 转运站:哪块地可建哪一类,现有站够不够 / which class fits which plot, stations that stand
# max_road_m = 50
# [[waste.plants]]           # 处理设施选址:禁建范围、逐项检验、排序 / plants: ground that is out, tests, ranking
# kind = "incinerator"
# weights = { haul = 0.5, homes = 0.5 }

# [[services]]               # 合建:一处建筑,多项服务 / sited together: one building, several services
# name = "community_buildings"
# tier = "5min"
# classes = ["community_station", "canteen", "day_care"]
# p = 2                      # 不写:全部服务到的最少处数 / left out: the fewest that serve all in reach
# candidates = { source = "street", spacing_m = 100, min_area_m2 = 300 }       # 或 or "vacant", 自有图层 / a layer
# storeys = 3

# [outputs]                  # 地图的格式与纸张 / formats and paper of the maps
# maps = ["png", "pdf", "svg"]
# paper = "A3"               # 或 or "A4"

# [suitability]              # 用地适宜性:格网加权评分 / the ground, scored on a grid
# cell_m = 50
# factors = [
#   { name = "bus", kind = "distance", facility = ["bus_stop"], weight = 0.6, worst = 800, best = 0 },
#   { name = "people", kind = "people", weight = 0.4, worst = 0, best = 200, radius_m = 300 },
# ]
# exclude = [{ name = "water", name_zh = "水域", source = "water", buffer_m = 20 }]
"""
