"""A study with `[toilets]`: its layers are read, its columns checked, its theme stands in the run."""

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

import siting
from siting.errors import InputError

DEMO = Path(__file__).parents[2] / "data" / "demo-district"
EXTRA = """
[toilets]
land_use = "land_use.geojson"
land_use_class = "用地代码"
busy = "busy.geojson"
footfall = "people"
crowded = ["市场"]
columns = { female = "女", male = "男", hours = "开放时间", place_type = "场所" }
use = { users_per_stall = 30, women_share = 0.5, use_share = 0.1 }
"""


def study(folder, extra=EXTRA):
    """Write the demo district with stalls and hours for its toilets, land use in two halves, and two busy places."""
    for file in DEMO.iterdir():
        shutil.copy(file, folder)
    table = pd.read_csv(DEMO / "toilets_gcj02_gbk.csv", encoding="gb18030")
    facts = {"女": [6, 3, None], "男": [3, 3, 2], "开放时间": ["24小时", "6:00-22:00", "看情况"], "场所": ["市场"] * 3}
    table.assign(**facts).to_csv(folder / "toilets_gcj02_gbk.csv", index=False, encoding="gb18030")
    west, south = 517000, 4052000
    halves = [box(west, south, west + 900, south + 1900), box(west + 900, south, west + 1800, south + 1900)]
    gpd.GeoDataFrame({"用地代码": ["R2", "B1"]}, geometry=halves, crs="EPSG:4548").to_file(folder / "land_use.geojson")
    places = [box(west + 880, south + 190, west + 920, south + 210), box(west, south + 1800, west + 20, south + 1820)]
    busy = gpd.GeoDataFrame({"name": ["中市场", "西北站"], "people": [900, 100]}, geometry=places, crs="EPSG:4548")
    busy.to_file(folder / "busy.geojson")
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    text = text[: text.index("[living_circle]")] + '[[audit]]\nrule = "wc.radius.mandatory"\n' + extra
    file.write_text(text, encoding="utf-8")
    return siting.Study.from_toml(file)


def test_a_study_audits_its_toilets(tmp_path):
    run = siting.run(study(tmp_path))
    theme = run.themes["toilets"]
    figures = theme.figures
    # 1.8 × 1.9 km = 3.42 km²: eleven toilets for three per km², and there are three.
    town = figures["density"]["wc.density.town_seed"]
    assert (town["base"], town["toilets"], town["shortfall"]) == (3.42, 3, 8)
    # S2 at (900, 200) lies on the edge of the halves and counts where more is asked; M1 is west, N3 east.
    halves = {name: figures["density"][f"wc.density.{name}"]["toilets"] for name in ("residential", "public")}
    assert halves == {"residential": 1, "public": 2}
    assert figures["people_served"] == 8320  # as the audit of the rule says, by hand in the README of the data
    assert figures["busy_places"] == {"served": 1, "places": 2}
    assert figures["footfall"] == {"served": 900, "total": 1000}
    # 900 × 0.1 are 45 men and 45 women: two stalls and 1.5 times as many; 100 × 0.1 are five of each: one and two.
    assert theme.table("toilets_stalls_needed").frame[["female", "male"]].to_numpy().tolist() == [[3, 2], [2, 1]]
    assert figures["stall_states"] == {"below": 1, "meets": 1, "unknown": 1}
    assert figures["hours"]["night"] == {"open": 1, "closed": 1, "unknown": 1}
    # By day S2 (24 × 100) and M1 (24 × 150 + 4 × 100) are known to be open, N3 (24 × 80) may be; at night S2 alone is.
    hours = theme.table("toilets_hours").frame.set_index("slot")
    assert hours.loc["day", ["served_least", "served_most"]].tolist() == [6400, 8320]
    assert hours.loc["night", ["served_least", "served_most"]].tolist() == [2400, 4320]
    listed = theme.table("toilets_listed").frame
    assert listed["problem"].tolist() == ["hours_not_read", "no_stalls"]


def test_the_same_toilets_twice_and_counts_that_are_none_are_listed_row_by_row(tmp_path):
    """Rows in = toilets and rows listed; what cannot be read is unknown, and no figure of it is made up."""
    found = study(tmp_path)
    path = tmp_path / "toilets_gcj02_gbk.csv"
    table = pd.read_csv(path, encoding="gb18030").astype({"女": object, "男": object})
    table.loc[:, "女"] = ["-3", "约5", "6个"]
    again = table.assign(编号=["T4", "T5", "T6"])
    pd.concat([table, again]).to_csv(path, index=False, encoding="gb18030")
    theme = siting.run(found).themes["toilets"]
    listed = theme.table("toilets_listed").frame.set_index(["toilet", "problem"])["value"]
    assert (theme.figures["rows_in"], theme.figures["toilets"]) == (6, 3)
    assert listed.xs("duplicate", level="problem").to_dict() == {"T4": "T1", "T5": "T2", "T6": "T3"}
    assert listed.xs("not_a_count", level="problem").to_dict() == {"T1": "-3", "T2": "约5"}
    assert sorted(listed.xs("no_stalls", level="problem").index) == ["T1", "T2"]
    assert theme.figures["stall_states"] == {"meets": 1, "unknown": 2}  # T3: six, and two for men
    assert theme.figures["density"]["wc.density.town_seed"]["toilets"] == 3


def test_columns_that_are_not_there_are_told_with_all_other_faults(tmp_path):
    wrong = EXTRA.replace('female = "女"', 'female = "女厕"').replace('footfall = "people"', 'footfall = "persons"')
    with pytest.raises(InputError) as caught:
        siting.run(study(tmp_path, wrong))
    assert "女厕" in str(caught.value)
    assert "persons" in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('[toilets]\nfootfall = "people"\n', "give the layer too"),
        ('[toilets]\ncrowded = ["市场"]\n', "name it in columns"),
        ('[toilets]\nslots = { night = "25:00" }\n', "slots"),
        ('[toilets]\nland_use = "land_use.geojson"\nland_use_classes = { B1 = "commerce" }\n', "land_use_classes"),
        ('[toilets]\nbusy = "nowhere.geojson"\n', "toilets.busy.source: file not found"),
        ("[toilets]\nhour = 3\n", "hour"),
        ("[toilets.use]\nusers_per_stall = 30\nuse_share = 0.1\n", "go together"),
    ],
)
def test_faults_of_the_table(tmp_path, wrong, said):
    with pytest.raises(InputError, match=said):
        study(tmp_path, wrong)
