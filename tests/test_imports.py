"""The import direction: a stage imports only from its left and from the base, so that it can be used on its own.

    base        errors  units  ledger  nearest_word  display  standards
    stages      inputs -> network -> access -> coverage -> suitability -> locate -> themes -> outputs
    on top      study  pipeline  scaffold  sample  cli  …

Imports inside functions and under TYPE_CHECKING count too: they tie the code together all the same.
"""

import ast
from pathlib import Path

import pytest

BASE = ("errors", "units", "ledger", "nearest_word", "display", "standards")
STAGES = ("inputs", "network", "access", "coverage", "suitability", "locate", "themes", "outputs")
TOP = ("study", "pipeline", "scaffold", "sample", "cli", "cli_display", "download", "web", "__main__")
# What may plot, print or touch files: the two ends of the line and what sits on top.
SILENT = ("network", "access", "coverage", "suitability", "locate")
LOUD = ("matplotlib", "tqdm", "typer", "rich", "docx", "jinja2", "pyogrio", "rasterio", "osmium")


def allowed(room: str) -> set[str]:
    if room in BASE:
        return set(BASE)
    if room in STAGES:
        return {*BASE, *STAGES[: STAGES.index(room) + 1]}
    return {*BASE, *STAGES, *TOP}


def imported(source: str, module: str) -> list[tuple[int, str]]:
    """Every (line, dotted name) that a module imports; relative imports are resolved."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parent = ".".join(module.split(".")[: -node.level]) + "." if node.level else ""
            base = parent + (node.module or "")
            # `from siting import units` imports the module siting.units
            names += [(node.lineno, f"{base.rstrip('.')}.{alias.name}") for alias in node.names]
    return names


def faults(files: dict[str, str]) -> list[str]:
    """What breaks the order, as "file:line imports name"; ``files`` maps paths under `siting/` to source."""
    found = []
    for path, source in sorted(files.items()):
        parts = Path(path).with_suffix("").parts
        room = parts[0]
        if room == "__init__":  # the public names: they load on first use
            continue
        for line, name in imported(source, ".".join(("siting", *parts))):
            first, *rest = name.split(".")
            if first == "siting" and rest and rest[0] != "__version__" and rest[0] not in allowed(room):
                found.append(f"siting/{path}:{line} imports {name}")
            if room in SILENT and first in LOUD:
                found.append(f"siting/{path}:{line} imports {first}: no files, no plots and no progress in the middle")
    return found


@pytest.fixture(scope="module")
def sources(repository: Path) -> dict[str, str]:
    package = repository / "siting"
    return {str(p.relative_to(package)): p.read_text(encoding="utf-8") for p in package.rglob("*.py")}


def test_imports_go_one_way(sources):
    assert faults(sources) == []


def test_every_room_has_its_place(sources):
    rooms = {Path(p).with_suffix("").parts[0] for p in sources} - {"__init__"}
    assert rooms <= {*BASE, *STAGES, *TOP}, "a new room: give it a place in the order above"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("network/graph.py", "from siting.coverage import audit"),
        ("network/graph.py", "def f():\n    import siting.outputs.maps.pages"),
        ("units.py", "from siting.inputs import read_layer"),
        ("outputs/maps.py", "from siting.pipeline import Run"),
        ("outputs/maps.py", "from siting import study"),
        ("access/cost.py", "from ..locate import result"),
        ("coverage/gaps.py", "import matplotlib.pyplot as plt"),
    ],
)
def test_a_wrong_import_is_found(path, source):
    assert len(faults({path: source})) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("outputs/maps.py", "from siting.coverage.model import Audit\nimport matplotlib"),
        ("access/cost.py", "from ..units import MM_PER_M\nfrom siting import __version__"),
        ("pipeline/run.py", "from siting.outputs import write_run"),
    ],
)
def test_a_right_import_passes(path, source):
    assert faults({path: source}) == []
