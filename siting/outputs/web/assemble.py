"""One HTML file out of its parts, with a policy under which the browser itself refuses everything else."""

import base64
import gzip
import hashlib
import html
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

ROOM = files("siting.outputs.web")
SCRIPTS = (
    "unpack", "words", "cells", "symbols", "draw", "pick", "state", "popup", "legend", "layers", "rules", "plans",
    "themes", "search", "print", "start",
)  # fmt: skip
"""The parts of the page's program, in the order in which they build on each other."""


def assemble(content: Mapping[str, Any]) -> str:
    """Return the page as text: the same content gives the same page."""
    licence = _read("vendor/leaflet/LICENSE").strip().replace("*/", "* /")
    leaflet = re.sub(r"\n?//# sourceMappingURL=\S+", "", _read("vendor/leaflet/leaflet.js"))
    library = f"/*!\n{licence}\n*/\n{leaflet.strip()}\n"
    own = "\n".join(_read(f"page/{name}.js") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{own}\n}})();\n'
    # The images of Leaflet's own controls are not used here; an address in a style sheet would be asked for.
    style = re.sub(r"background-image:\s*url\([^)]*\);?", "", _read("vendor/leaflet/leaflet.css"))
    style = re.sub(r"url\((?!#)[^)]*\)", "none", style) + _read("page/page.css")
    parts = {
        "policy": _policy([library, script], [style]),
        "lang": "zh-CN" if content["lang"] == "zh" else "en",
        "title": html.escape(content["title"][0 if content["lang"] == "zh" else 1]),
        "style": style,
        "data": packed(content),
        "library": library,
        "script": script,
    }
    for text in (style, library, script):
        if "</script" in text or "</style" in text:
            msg = "a part of the page would end its own element"
            raise ValueError(msg)
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("page/page.html"))


def packed(content: Mapping[str, Any]) -> str:
    """Return plain values as JSON, compressed, in letters that HTML does not read."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode("utf-8"), compresslevel=6, mtime=0)).decode("ascii")


def _policy(scripts: list[str], styles: list[str]) -> str:
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash, scripts)),
        "style-src": " ".join(map(_hash, styles)),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _read(name: str) -> str:
    return ROOM.joinpath(name).read_text("utf-8")
