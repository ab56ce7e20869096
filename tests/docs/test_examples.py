"""Worked examples of the documentation print what the pages show."""

from pathlib import Path

import pytest
from docs_pages import examples

EXAMPLES = examples.scripts()
PAGES = ("indicators", "siting-models")


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    return {path.stem: text for path, text in examples.printed()}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_print_what_is_shown(said, path: Path):
    assert said[path.stem] == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", [".md", ".zh.md"])
def test_every_example_is_shown_once_and_in_the_order_in_which_it_runs(ending, repository):
    shown = [
        name for page in PAGES for name in examples.called((repository / "docs" / f"{page}{ending}").read_text("utf-8"))
    ]
    assert shown == [path.stem for path in EXAMPLES]


def test_an_example_stands_in_the_page_with_its_output():
    page = examples.insert("before\n\n{{ example 07_density }}\n\nafter")
    assert "```python\ntoilets = layer(" in page
    assert "3 / 0.84 km2 = 3.57 per km2" in page
    assert "{{" not in page
