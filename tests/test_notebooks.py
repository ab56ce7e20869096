"""Notebooks as they are kept: one question each, in both languages, stripped, with public names only, and listed.

That each runs from top to bottom, and what it answers, is tested in `tests/notebooks/`, a file a notebook.
"""

import ast
import re
from pathlib import Path

import nbformat
import pytest

import siting

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def code(path):
    return "\n".join(cell.source for cell in cells(path, "code"))


def test_there_are_notebooks_in_order():
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{n:02d}" for n in range(1, len(NOTEBOOKS) + 1)]


@each
def test_outputs_are_stripped(path):
    kept = [cell.id for cell in cells(path, "code") if cell.outputs or cell.execution_count is not None]
    assert kept == []


@each
def test_the_first_cell_says_what_to_expect_in_both_languages(path):
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    for word in ("问题", "数据", "用时", "分钟", "Question", "Data", "Time", "minute"):
        assert word in first.source


@each
def test_headings_are_in_both_languages(path):
    for cell in cells(path, "markdown"):
        for heading in re.findall(r"^#+ (.*)$", cell.source, flags=re.MULTILINE):
            chinese, _, english = heading.partition(" · ")
            assert re.search(r"[\u4e00-\u9fff]", chinese)
            assert re.search(r"[A-Za-z]", english)


@each
def test_it_ends_with_the_answer(path):
    last = cells(path, "markdown")[-1]
    assert last.source == "## 答案 · The answer"
    assert "print(" in cells(path, "code")[-1].source


@each
def test_no_figure_of_the_answer_is_typed_by_hand(path):
    source = code(path)
    cell = source[source.rindex("print(") :]
    # A number in the words that are printed would be one; those inside braces are computed.
    texts = [node.value for node in ast.walk(ast.parse(cell.rstrip())) if isinstance(node, ast.Constant)]
    words = [re.sub(r"\.\d+[%f]|:g", "", text) for text in texts if isinstance(text, str)]
    assert [word for word in words if re.search(r"\d\s*%|\d,\d{3}", word)] == []


@each
def test_only_public_names_are_used(path):
    source = code(path)
    imported = re.findall(r"^(?:import|from)\s+(siting\S*)", source, flags=re.MULTILINE)
    assert set(imported) == {"siting"}
    assert set(re.findall(r"(?<![\w.])siting\.(\w+)", source)) <= set(siting.__all__)
    assert "._" not in source


@each
def test_it_writes_into_temporary_folders_only_and_names_no_place_of_a_machine(path):
    source = code(path)
    assert not re.search(r"['\"](?:/\w|~|[A-Z]:\\)", source)
    if ".write(" in source or "write_text(" in source:
        assert "tempfile.TemporaryDirectory()" in source


@each
def test_it_is_run_by_a_test_of_its_own(path):
    assert f'execute("{path.stem}"' in (ROOT / "tests" / "notebooks" / f"test_{path.stem}.py").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_every_notebook_is_listed_with_its_question(readme):
    text = (FOLDER / readme).read_text(encoding="utf-8")
    assert re.findall(r"\((\d\d_\w+\.ipynb)\)", text) == [path.name for path in NOTEBOOKS]
