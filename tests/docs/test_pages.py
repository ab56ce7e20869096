"""The documentation says what there is: every rule, key, column, command and public name, in both languages."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from docs_pages import api, commands, outputs, project, rules, study_file, tutorials

import siting
from siting.cli import app
from siting.standards import TOPICS, load_catalogue
from siting.study.settings import LayerTable, StudyFile

TESTS = Path(__file__).resolve().parents[1]
IN_CHINESE = (
    "index", "install", "ten-minutes", "indicators", "siting-models", "city-services", "waste", "policy-items",
    "validation", "data", "glossary", "troubles",
)  # fmt: skip


@pytest.fixture(scope="module")
def docs(repository) -> Path:
    return repository / "docs"


def test_every_rule_of_the_catalogue_stands_on_the_page_of_its_topic():
    pages = rules.pages()
    shown = {topic: re.findall(r'<a id="([^"]+)">', pages[f"rules/{topic}.md"]) for topic in TOPICS}
    catalogue = load_catalogue()
    assert shown == {topic: [rule.id for rule in catalogue.select(topic=topic)] for topic in TOPICS}
    assert sum(map(len, shown.values())) == len(catalogue.ids)
    for rule in catalogue.select():
        page = pages[f"rules/{rule.topic}.md"]
        assert rule.name.zh in page
        assert rule.confidence.text.en in page


def test_every_key_of_a_study_file_is_explained_in_both_languages():
    words = study_file.words()
    models = {"StudyFile": StudyFile, "LayerTable": LayerTable}
    models |= {model.__name__: model for _, model in study_file.sections()}
    lacking = [
        f"{name}.{key} ({lang})"
        for name, model in models.items()
        for key, field in study_file.own_keys(model).items()
        for lang in ("zh", "en")
        if not (
            words.get(name, {}).get(key, {}).get(lang)
            or (lang == "en" and key in words.get(name, {}) and field.description)
        )
    ]
    assert lacking == [], "add them to scripts/docs_pages/study_words.yaml"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_reference_of_the_study_file_has_every_table_and_key(lang):
    page = study_file.page(lang)
    for heading, model in study_file.sections():
        assert f"## `{heading}`" in page
        assert all(f"| `{key}` |" in page for key in study_file.own_keys(model))


def test_every_command_and_option_is_listed():
    page = commands.page()
    assert {f"siting {command.name or command.callback.__name__}" for command in app.registered_commands} == {
        f"siting {name}" for name in commands.names()
    }
    for name in commands.names():
        assert f"## siting {name}" in page
    for option in ("--overwrite", "--out", "--lang", "--streets", "--pack"):
        assert f"`{option}`" in page


def test_every_public_name_is_on_one_page_of_the_api():
    listed = [name for names in api.grouped().values() for name in names]
    assert sorted(listed) == sorted(name for name in siting.__all__ if name != "__version__")


def test_every_column_of_the_outputs_is_explained():
    layers, tables = outputs.described()
    assert len(layers) > 30
    assert len(tables) > 20
    assert outputs.unexplained() == {}
    for lang in ("zh", "en"):
        page = outputs.page(lang)
        assert all(f"### `{name}`" in page for name, _, _ in (*layers, *tables))


@pytest.mark.parametrize("page", IN_CHINESE)
def test_both_languages_have_the_same_sections_links_and_tables(docs, page):
    texts = [(docs / f"{page}{ending}").read_text("utf-8") for ending in (".md", ".zh.md")]
    heads = [[len(m[1]) for m in re.finditer(r"^(#+) ", text, flags=re.MULTILINE)] for text in texts]
    assert heads[0] == heads[1] != []
    if page not in ("index",):
        assert texts[0].count("\n|") == texts[1].count("\n|")


def test_pages_link_to_what_there_is(docs, repository):
    made = {"study-file", "outputs", "commands", "contributing", "changelog", "rules/", "api/", "tutorials/"}
    for page in docs.glob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            exists = (docs / target).exists() or any(target.startswith(m) for m in made)
            assert exists, f"{page.name}: {target}"


def test_every_test_that_the_validation_names_exists(docs):
    named = {}
    for page in ("validation.md", "validation.zh.md"):
        text = (docs / page).read_text("utf-8")
        named[page] = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
        assert text.count(".py::") == len(named[page]) > 40
    assert named["validation.md"] == named["validation.zh.md"]
    for file, test in named["validation.md"]:
        tree = ast.parse((TESTS.parent / file).read_text("utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert test in functions, f"{file}::{test}"


def test_the_table_of_speed_is_the_one_of_the_readme(repository):
    shown = project.speed("README.md")
    assert shown.split("\n")[0] in (repository / "README.md").read_text("utf-8")
    assert shown.count("\n|") >= 10
    assert "bench:" not in shown


def test_every_notebook_is_a_tutorial():
    pages = tutorials.navigation()
    assert len(pages) == 1 + len(list(tutorials.NOTEBOOKS.glob("*.ipynb")))
    assert all(tutorials.title(notebook) != notebook.stem for notebook in tutorials.notebooks())


def test_pictures_are_small_and_credited(docs):
    for page in docs.glob("*.md"):
        text = page.read_text("utf-8")
        for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
            assert (docs / picture).stat().st_size <= 200_000
            assert "ODbL" in text


def test_nothing_is_asked_from_the_network(repository, docs):
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: suffix)
    config = yaml.load((repository / "mkdocs.yml").read_text("utf-8"), Loader)
    assert config["theme"]["font"] is False
    assert config["strict"] is True
    assert not any("://" in path for key in ("extra_css", "extra_javascript") for path in config.get(key, []))
    assert "url(" not in (docs / "style.css").read_text("utf-8")


def test_a_docstring_is_turned_for_the_reader_of_types():
    docstrings = pytest.importorskip("docs_pages.docstrings", reason="griffe comes with the extra docs")
    told = "Do it.\n\nParameters\n----------\na, b : what they are,\n    and more\n\nReturns\n-------\nA share.\n"
    assert docstrings.rewritten(told) == (
        "Do it.\n\nParameters\n----------\na, b\n    what they are,\n    and more\n\n**Returns**\n\nA share.\n"
    )
