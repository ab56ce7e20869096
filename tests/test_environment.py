"""pyproject.toml, environment.yml and constraints.txt say the same about what is installed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

# conda-forge name -> name in pyproject.toml, where they differ
RENAMED = {"pyosmium": "osmium", "matplotlib-base": "matplotlib"}
CONDA_ONLY = {"python", "pip", "hatchling"}


@pytest.fixture(scope="module")
def project(repository: Path) -> dict[str, Any]:
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def required(project: dict[str, Any]) -> dict[str, SpecifierSet]:
    """Every requirement of the package and of all its extras."""
    section = project["project"]
    texts = [*section["dependencies"], *(t for extra in section["optional-dependencies"].values() for t in extra)]
    found: dict[str, SpecifierSet] = {}
    for requirement in map(Requirement, texts):
        name = canonicalize_name(requirement.name)
        assert found.setdefault(name, requirement.specifier) == requirement.specifier, f"{name} has two bounds"
    return found


@pytest.fixture(scope="module")
def conda(repository: Path) -> dict[str, SpecifierSet]:
    listed = yaml.safe_load((repository / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    texts = [t for t in listed if isinstance(t, str)] + [t for d in listed if isinstance(d, dict) for t in d["pip"]]
    requirements = [Requirement(t) for t in texts]
    names = [canonicalize_name(RENAMED.get(r.name, r.name)) for r in requirements]
    assert len(names) == len(set(names)), "a package is listed twice"
    return {n: r.specifier for n, r in zip(names, requirements, strict=True)}


@pytest.fixture(scope="module")
def pins(repository: Path) -> list[Requirement]:
    lines = (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_environment_lists_what_the_project_requires(conda, required, project):
    # Peers that the bench compares with are installed for it alone.
    peers = {canonicalize_name(Requirement(t).name) for t in project["project"]["optional-dependencies"]["bench"]}
    listed = {n: str(s) for n, s in conda.items() if n not in CONDA_ONLY}
    assert listed == {n: str(s) for n, s in required.items() if n not in peers}


def test_environment_has_the_python_of_the_project(conda, project):
    assert conda["python"] == SpecifierSet(project["project"]["requires-python"])
    build = [Requirement(t) for t in project["build-system"]["requires"]]
    assert {r.name: r.specifier for r in build} == {"hatchling": conda["hatchling"]}


@pytest.mark.parametrize("python", ["3.11", "3.12"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_constraints_pin_every_requirement_within_its_bounds(pins, required, python, system):
    place = default_environment() | {
        "python_version": python, "python_full_version": f"{python}.4", "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
    }  # fmt: skip
    held: dict[str, str] = {}
    for pin in pins:
        if pin.marker is None or pin.marker.evaluate(place):
            (only,) = pin.specifier
            assert only.operator == "==", f"{pin} is not one version"
            assert canonicalize_name(pin.name) not in held, f"{pin.name} is pinned twice"
            held[canonicalize_name(pin.name)] = only.version
    missing = sorted(set(required) - set(held))
    assert not missing, f"run make lock: no pin for {missing}"
    outside = [f"{n} {held[n]} is not {s}" for n, s in required.items() if held[n] not in s]
    assert not outside, outside


def test_constraints_hold_no_address(repository):
    text = (repository / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|file:|--|@|\\|^[./~]| /", text, flags=re.MULTILINE)
    assert all(re.fullmatch(r"[a-z0-9._-]+==[^\s]+( ; .+)?", line) for line in text.splitlines() if line[0] != "#")
