"""The API: every public name of the package, from its docstring."""

from importlib import import_module
from typing import Any

import siting
from siting import _HOME

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "run": ("研究与运行 Studies and runs", ("study", "pipeline", "sample", "outputs.compare")),
    "inputs": ("读取 Reading", ("inputs", "scaffold", "download")),
    "network": ("路网与情景 Networks and scenarios", ("network",)),
    "access": ("可达性 Access", ("access",)),
    "coverage": ("达标与盲区 Coverage and gaps", ("standards", "coverage")),
    "locate": ("选址 Siting", ("locate",)),
    "themes": ("专题 Themes", ("themes",)),
    "suitability": ("适宜性 Suitability", ("suitability",)),
    "outputs": ("成果与画图 Outputs and drawing", ("outputs",)),
    "errors": ("错误 Errors", ("errors",)),
}
"""Page -> (title, where its public names live in the package)."""
MODULES = {"errors", "locate", "plot", "suitability"}


def grouped() -> dict[str, list[str]]:
    """Return the public names by page; one whose home has no page stands with the outputs."""
    found: dict[str, list[str]] = {page: [] for page in GROUPS}
    for name, home in _HOME.items():
        full = f"{home}.{name}" if name in MODULES else home
        place = full.removeprefix("siting.") + "."
        fits = [
            (len(root), page) for page, (_, roots) in GROUPS.items() for root in roots if place.startswith(root + ".")
        ]
        found[max(fits)[1] if fits else "outputs"].append(name)
    return found


def pages() -> dict[str, str]:
    """Return the pages by path."""
    found = {"api/index.md": _index()}
    for page, names in grouped().items():
        title = GROUPS[page][0]
        entries = "\n\n".join(_entry(name) for name in names)
        found[f"api/{page}.md"] = f"# {title}\n\n{entries}\n"
    return found


def navigation() -> list[dict[str, str] | str]:
    """Return the pages in their order, as `nav` takes them."""
    return [{"接口 Python API": ["api/index.md", *({title: f"api/{page}.md"} for page, (title, _) in GROUPS.items())]}]  # type: ignore[dict-item]


def _entry(name: str) -> str:
    """Return what mkdocstrings is asked to show: one name, or all public names of a module."""
    if name not in MODULES:
        return _one(getattr(siting, name), f"siting.{name}")
    module = import_module(f"{_HOME[name]}.{name}")
    own = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__]
    public = [n for n in getattr(module, "__all__", own) if n not in _HOME]
    values = {n: getattr(module, n) for n in public}
    return "\n\n".join(_one(v, f"siting.{name}.{n}") for n, v in values.items() if hasattr(v, "__qualname__"))


def _one(value: Any, shown: str) -> str:
    return f"::: {value.__module__}.{value.__qualname__}\n    options: {{ heading: {shown} }}"


def _index() -> str:
    lines = [
        "# Python API\n",
        "`import siting` 之后即可使用；首次用到时才加载。All of it after `import siting`; parts load on first use.\n",
    ]
    for page, names in grouped().items():
        title = GROUPS[page][0]
        listed = ", ".join(f"`siting.{name}`" for name in names)
        lines.append(f"- [{title}]({page}.md): {listed}")
    return "\n".join(lines) + "\n"
