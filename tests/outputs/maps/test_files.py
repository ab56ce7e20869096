"""Pages as PNG, SVG and PDF on A4 and A3: small, the same bytes, letters that can be read and found."""

import os
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image
from pydantic import ValidationError
from typer.testing import CliRunner

from siting.cli import app
from siting.errors import InputError
from siting.outputs.contract import MapBase
from siting.outputs.maps.atlas import atlas
from siting.outputs.maps.files import MapFiles
from siting.outputs.maps.page import DPI, PAGES, format_for
from siting.study.settings import OutputsTable

INCHES = {"A4": (11.69, 8.27), "A3": (16.54, 11.69)}
ALL = MapFiles(("png", "svg", "pdf"), "A4")


@pytest.fixture(scope="module")
def drawn(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    atlas(run, ALL)["before_after_more_toilets"](folder / "page.png")
    return folder


def test_words_become_files():
    assert MapFiles.of() == MapFiles(("png",), "A4")
    assert MapFiles.of(["PDF", " svg", "pdf"], "a3") == MapFiles(("svg", "pdf"), "A3")
    assert MapFiles.of(["svg", "png"]).names("plan_a.b") == ("plan_a.b.png", "plan_a.b.svg")
    assert MapFiles.of(["png"]).vectors is False


@pytest.mark.parametrize(("formats", "paper"), [(["jpg"], None), ([], None), (None, "A2")])
def test_other_words_are_refused_with_what_there_is(formats, paper):
    with pytest.raises(InputError, match=r"png, svg, pdf|A4 or A3"):
        MapFiles.of(formats, paper)


@pytest.mark.parametrize("paper", PAGES)
def test_pages_have_the_size_of_their_paper(run, tmp_path, paper):
    files = MapFiles(("png", "pdf"), paper)
    atlas(run, files)["coverage_clinic"](tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert sorted((side / DPI for side in picture.size), reverse=True) == pytest.approx(INCHES[paper], abs=0.01)
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", (tmp_path / "a.pdf").read_bytes())
    points = sorted((float(side) for side in box.groups()), reverse=True)
    assert points == pytest.approx([72 * side for side in INCHES[paper]], abs=0.5)


def test_large_paper_shows_the_place_larger_and_words_too():
    wide = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2000, 1000)])
    small, large = format_for([wide], "A4"), format_for([wide], "A3")
    assert large.map_width / small.map_width > 1.4
    assert 1 < large.scale < large.map_width / small.map_width


def test_maps_share_a_page_inside_it_and_apart():
    for shape in (shapely.box(0, 0, 1000, 3000), shapely.box(0, 0, 3000, 1000)):
        form = format_for([gpd.GeoDataFrame(geometry=[shape])], "A4", 3)
        boxes = [shapely.box(x, y, x + w, y + h) for x, y, w, h in form.map_boxes()]
        assert len(boxes) == 3
        assert all(shapely.box(0, 0, 1, 1).contains(box) for box in boxes)
        assert all(boxes[i].disjoint(boxes[j]) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_a_pdf_holds_its_letters_and_no_date(drawn):
    content = (drawn / "page.pdf").read_bytes()
    assert b"CreationDate" not in content
    assert content.count(b"/FontDescriptor") >= 2
    assert re.search(rb"/FontName /[A-Z]{6}\+NotoSansSC", content), "Chinese letters are embedded as a subset"
    assert len(content) < 400_000


def test_an_svg_draws_lines_and_letters_without_fonts_or_dates(drawn):
    content = (drawn / "page.svg").read_text(encoding="utf-8")
    assert "<dc:date>" not in content
    assert "<text" not in content, "letters are outlines, so that they look the same everywhere"
    assert "<image" not in content, "a small district needs no picture"
    assert content.count("<path") > 200
    assert len(content) < 2_000_000


def test_a_big_city_becomes_a_picture_under_its_lines(run, tmp_path):
    n = 15_000
    xy = np.random.default_rng(1).random((n, 2)) * 9000
    demand = gpd.GeoDataFrame(
        {"people": 1.0, "served": xy[:, 0] > 4000, "cost": 1.0, "facility": "T1"},
        geometry=shapely.points(xy), index=[f"w{k}" for k in range(n)], crs=run.crs,
    )  # fmt: skip
    homes = gpd.GeoDataFrame(geometry=shapely.buffer(demand.geometry.to_numpy(), 8, quad_segs=1), index=demand.index)
    audit = replace(run.audits["toilet.radius-300"], demand=demand)
    big = replace(run, base=MapBase(buildings=homes.set_crs(run.crs)), zones={}, audits={"a": audit}, plans={})
    atlas(big, MapFiles(("svg",), "A4"))["coverage_a"](tmp_path / "a.png")
    content = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "<image" in content
    assert len(content) < 4_000_000


SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from district import make_run
from siting.outputs.maps.atlas import atlas
from siting.outputs.maps.files import MapFiles
atlas(make_run(), MapFiles(("svg", "pdf"), "A4"))["plan_more_toilets"](Path(sys.argv[2]) / "a.png")
"""


def test_the_same_run_gives_the_same_bytes_in_every_process(tmp_path):
    seen = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        here = str(Path(__file__).parents[1])
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", SCRIPT, here, str(folder)], check=True, env=environment)
        seen.append([zlib.crc32((folder / name).read_bytes()) for name in ("a.svg", "a.pdf")])
    assert seen[0] == seen[1]


def test_the_command_refuses_a_format_before_it_computes(tmp_path):
    study = tmp_path / "study.toml"
    study.write_text("not read at all", encoding="utf-8")
    for options in (["--maps", "png,jpg"], ["--paper", "A2"]):
        said = CliRunner().invoke(app, ["run", str(study), *options])
        assert said.exit_code == 1
        assert re.search(r"'jpg' is no format|'A2' is no paper", said.output)


def test_a_study_names_formats_and_paper():
    given = OutputsTable.model_validate({"maps": ["pdf", "png"], "paper": "A3"})
    assert MapFiles.of(given.maps, given.paper) == MapFiles(("png", "pdf"), "A3")
    assert MapFiles.of(OutputsTable().maps, OutputsTable().paper) == MapFiles()
    with pytest.raises(ValidationError, match="'png', 'svg' or 'pdf'"):
        OutputsTable.model_validate({"maps": ["jpg"]})
