"""What mkdocs calls while it builds: pages that are made, notebooks, worked examples, links between languages."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from docs_pages import api, commands, examples, outputs, project, rules, study_file, tutorials  # noqa: E402

_WORDS = {
    "Table of contents": "目录",
    "Back to top": "回到顶部",
    "Skip to content": "跳到正文",
    'placeholder="Search"': 'placeholder="搜索"',
}
_BETWEEN = re.compile("([\u4e00-\u9fff])(?=[\u4e00-\u9fff])")
_FROM_NETWORK = re.compile(r'<(?:script|img|link|iframe|source)\b[^>]*\b(?:src|href)="(?:https?:)?//[^>]*>')
_OTHER = {"en": "[中文]({})", "zh": "[English]({})"}


def made() -> dict[str, str]:
    """Return every page that is made, by path."""
    return {
        "study-file.md": study_file.page("en"),
        "study-file.zh.md": study_file.page("zh"),
        "outputs.md": outputs.page("en"),
        "outputs.zh.md": outputs.page("zh"),
        "commands.md": commands.page(),
        "tutorials/index.md": tutorials.index(),
        **rules.pages(),
        **api.pages(),
        **project.pages(),
    }


@event_priority(-200)  # after the offline plugin, which asks for a script from the network
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put what is made into the navigation, and let nothing be loaded from elsewhere."""
    config.extra["polyfills"] = ["search.js"]
    parts: dict[str, list[Any]] = {
        "TUTORIALS": tutorials.navigation(),
        "RULES": rules.navigation(),
        "API": [{"命令 Commands": "commands.md"}, *api.navigation()],
    }
    for entry in config.nav or []:
        for title, content in entry.items():
            entry[title] = parts.get(content, content) if isinstance(content, str) else content
    return config


@event_priority(100)  # before mkdocs-jupyter looks for notebooks
def _add(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and the notebooks."""
    for path, text in made().items():
        files.append(File.generated(config, path, content=text))
    for notebook in tutorials.notebooks():
        files.append(File.generated(config, f"tutorials/{notebook.name}", abs_src_path=str(notebook)))
    return files


@event_priority(-100)  # after mkdocs-jupyter, whose own kind of file forgets where a notebook outside docs/ stands
def _remember(files: Files, config: MkDocsConfig) -> Files:  # noqa: ARG001
    """Say where the notebooks are."""
    places = {f"tutorials/{notebook.name}": str(notebook) for notebook in tutorials.notebooks()}
    for file in files:
        if file.src_uri in places:
            file.abs_src_path = places[file.src_uri]
    return files


on_files = CombinedEvent(_add, _remember)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Put the worked examples in, and a link to the other language above the title."""
    text = project.site_links(examples.insert(markdown))
    path = page.file.src_uri
    lang = "zh" if path.endswith(".zh.md") else "en"
    other = path.replace(".zh.md", ".md") if lang == "zh" else path.replace(".md", ".zh.md")
    if other != path and files.get_file_from_path(other) is not None:
        name = other.rsplit("/", 1)[-1]
        text = f"{_OTHER[lang].format(name)}{{ .other-language }}\n\n{text}"
    return text


@event_priority(-50)  # after the search has written its index, before it is copied for pages opened from a folder
def on_post_build(config: MkDocsConfig) -> None:
    """Put a break between Chinese characters in the search index, so that each is found; nobody sees it."""
    index = Path(config.site_dir) / "search" / "search_index.json"
    if not index.is_file():
        return
    content = json.loads(index.read_text(encoding="utf-8"))
    for entry in content["docs"]:
        for part in ("title", "text"):
            entry[part] = _BETWEEN.sub("\\1\u200b", entry[part])
    index.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001
    """Say in which language a page is written, and refuse one that would load something from the network."""
    if found := _FROM_NETWORK.search(output):
        msg = f"{page.file.src_uri} loads something from the network: {found[0]}"
        raise PluginError(msg)
    if page.file.src_uri.endswith(".zh.md"):
        output = re.sub(r'<html lang="en"', '<html lang="zh-CN"', output, count=1)
        for word, chinese in _WORDS.items():
            output = output.replace(word, chinese)
    return output
