"""Tutorials: the notebooks of the project, as they are."""

import json
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def notebooks() -> list[Path]:
    """Return the notebooks in their order."""
    return sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


def title(notebook: Path) -> str:
    """Return the first heading of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = [line for cell in cells if cell["cell_type"] == "markdown" for line in "".join(cell["source"]).splitlines()]
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("#")), notebook.stem)


def index() -> str:
    """Return the page that lists them."""
    lines = [f"- [{title(n)}]({n.name})" for n in notebooks()]
    return "\n".join(
        [
            "# 教程 Tutorials\n",
            "每个笔记本回答一个问题，用随附的数据，可从头到尾运行；此处不含输出，运行后即可看到地图和表。",
            "Each notebook answers one question on shipped data and runs from start to end. They are shown without "
            "outputs: run them (`make venv`, then `.venv/bin/jupyter lab notebooks`) to see maps and tables.\n",
            *lines,
            "",
        ]
    )


def navigation() -> list[dict[str, str] | str]:
    """Return the pages in their order, as `nav` takes them."""
    return ["tutorials/index.md", *({title(n): f"tutorials/{n.name}"} for n in notebooks())]
