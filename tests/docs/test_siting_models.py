"""The page of models says how each is called and which keys of a study file it takes, as they are."""

import inspect
import re
import tomllib

import pytest

import siting.locate
from siting.locate.conditions import ConditionArgs
from siting.study.locate_keys import MODEL_KEYS
from siting.study.locate_table import LocateTable

PAGES = ("siting-models.md", "siting-models.zh.md")
OF_ALL = {"served", "time_limit_s", "mip_gap", "seed", "progress", *ConditionArgs.__annotations__}
NO_MODELS = {"make_candidates", "make_plan"}


@pytest.fixture(params=PAGES)
def page(request, repository) -> str:
    return (repository / "docs" / request.param).read_text("utf-8")


def test_every_function_stands_with_its_arguments(page):
    functions = {name for name in siting.locate.__all__ if name[0].islower()} - NO_MODELS
    table = page.partition("| `siting.locate.` |")[2].partition("\n\n")[0]
    called = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|(?: `([^`]*)`)? \|$", table, flags=re.MULTILINE)
    assert {name for name, _, _ in called} == functions
    for name, takes, may_take in called:
        told = [part.partition("=")[0].strip() for part in f"{takes}, {may_take}".split(",") if part.strip(" …")]
        of_it = inspect.signature(getattr(siting.locate, name)).parameters.values()
        named = [one.name for one in of_it if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
        assert set(told) - OF_ALL == set(named) - OF_ALL, name


def test_every_model_stands_with_its_keys(page):
    shown = {}
    for name, *told in re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?)\|$", page, flags=re.MULTILINE):
        if name in MODEL_KEYS and not told[0].startswith("`cost,") and not told[0].startswith("`distance,"):
            shown[name] = set(re.findall(r"`(\w+)`", " ".join(told)))
    assert shown == {name: {*keys.needs, *keys.takes} for name, keys in MODEL_KEYS.items()}


def test_the_entries_are_valid_one_for_each_model(page):
    (entries,) = re.findall(r"^```toml\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    tables = [LocateTable.model_validate(entry) for entry in tomllib.loads(entries)["locate"]]
    assert sorted(table.model for table in tables) == sorted(MODEL_KEYS)
