"""Every notebook runs from top to bottom, wherever it is started, and the answer it prints is that of its run."""

import asyncio
import base64
import io
import re
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest
from matplotlib.image import imread
from nbclient import NotebookClient

import siting

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
FIRST = FOLDER / "01_first_steps.ipynb"
MOST_CODE_LINES = {"01_first_steps": 25}
SECONDS_A_CELL = 600


def read(path):
    return nbformat.read(path, as_version=4)


def execute(path, folder):
    """Run a notebook as "restart and run all" would, in ``folder``, with the Python of the tests."""
    notebook = read(path)
    nbformat.validate(notebook)
    with warnings.catch_warnings():
        # What Jupyter warns about its own parts is not ours.
        warnings.simplefilter("default")
        client = NotebookClient(notebook, timeout=SECONDS_A_CELL, resources={"metadata": {"path": str(folder)}})
        asyncio.run(client.async_execute())
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def images(notebook):
    found = [o["data"]["image/png"] for o in outputs(notebook) if "image/png" in o.get("data", {})]
    return [imread(io.BytesIO(base64.b64decode(text)), format="png") for text in found]


def printed(cell):
    return "".join(o["text"] for o in cell.outputs if o["output_type"] == "stream" and o["name"] == "stdout")


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request):
    return request.param.stem, execute(request.param, FOLDER)


@pytest.fixture(scope="module")
def sample():
    return siting.run(siting.Study.from_toml(siting.sample_study()))


def test_there_are_notebooks():
    assert FIRST in NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stripped(path):
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert cells
    assert [cell.id for cell in cells if cell.outputs or cell.execution_count is not None] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_first_cell_says_what_to_expect_in_both_languages(path):
    first = read(path).cells[0]
    assert first.cell_type == "markdown"
    for word in ("问题", "数据", "用时", "分钟", "Question", "Data", "Time", "minute"):
        assert word in first.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_only_public_names_are_used(path):
    code = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    imported = re.findall(r"^(?:import|from)\s+(siting\S*)", code, flags=re.MULTILINE)
    assert set(imported) == {"siting"}
    assert set(re.findall(r"(?<![\w.])siting\.(\w+)", code)) <= set(siting.__all__)
    assert "._" not in code


@pytest.mark.parametrize("name", MOST_CODE_LINES)
def test_the_code_is_short(name):
    cells = [cell.source for cell in read(FOLDER / f"{name}.ipynb").cells if cell.cell_type == "code"]
    lines = [line for source in cells for line in source.splitlines() if line.strip() and not line.startswith("#")]
    assert 0 < len(lines) < MOST_CODE_LINES[name]


def test_it_runs_without_errors_and_draws_maps(executed):
    _, notebook = executed
    assert [o["evalue"] for o in outputs(notebook) if o["output_type"] == "error"] == []
    # A character without a glyph would be a warning of matplotlib on stderr.
    assert "Glyph" not in "".join(o["text"] for o in outputs(notebook) if o["output_type"] == "stream")
    drawn = images(notebook)
    assert len(drawn) >= 2
    for image in drawn:
        assert min(image.shape[:2]) > 400
        assert len(np.unique((image[..., :3] * 255).astype(int).reshape(-1, 3), axis=0)) > 100


def test_the_sentence_of_the_first_notebook_is_that_of_the_run(executed, sample):
    name, notebook = executed
    if name != FIRST.stem:
        pytest.skip("another notebook")
    audit, plan = sample.audits["toilets_on_foot"], sample.plans["toilets_5"]
    people = sample.demand["people"]
    served = people[audit.demand["served"].reindex(people.index)].sum()
    # The new sites by themselves: who lies within the limit of one of them, along the streets.
    walk = siting.nearest(sample.network, sample.demand, plan.sites, cutoff=plan.limit_m)["cost"] <= plan.limit_m
    then = people[audit.demand["served"] | walk].sum()
    sentence = printed(notebook.cells[-1])
    for number in (
        f"{served:,.0f}",
        f"{served / people.sum():.1%}",
        f"{then:,.0f}",
        f"{then / people.sum():.1%}",
        f"{(sample.gaps['rule'] == audit.name).sum()} ",
        f"{plan.limit_m:g} m",
        f"{plan.limit_m:g} 米",
    ):
        assert number in sentence
    assert sentence.count(" people ") == 2
    assert sentence.count(" 人") >= 3


def test_it_runs_from_any_folder_and_leaves_nothing_behind(tmp_path):
    notebook = execute(FIRST, tmp_path)
    assert len(images(notebook)) >= 2
    assert list(tmp_path.iterdir()) == []
