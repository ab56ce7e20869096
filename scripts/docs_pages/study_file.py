"""The study file reference: every table and key with type, default, meaning and example, read from the model."""

import json
import re
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs_pages.table import cell, code, table
from siting.ledger import Lang
from siting.study import settings

WORDS: dict[Lang, dict[str, str]] = {
    "en": {
        "title": "Study file", "key": "key", "type": "type", "default": "default", "meaning": "meaning",
        "example": "example", "required": "**required**", "layer": "A layer", "whole": "Tables",
        "plus": "plus the keys of [a layer](#a-layer)",
        "intro": "`study.toml` says where the layers are, which rules are judged and what is sited. `siting new` "
        "writes one with comments, `siting check` reports every fault at once; unknown keys are refused with the "
        "nearest right word. Paths are relative to the study file. Wherever a layer is asked, a path will do "
        "(`\"homes.gpkg\"`, "
        "`\"city.gpkg|layername=homes\"`), or a table with the keys of a layer.",
    },
    "zh": {
        "title": "研究文件", "key": "键", "type": "类型", "default": "默认", "meaning": "含义", "example": "例",
        "required": "**必填**", "layer": "图层", "whole": "各表", "plus": "另有[图层](#图层)的各键",
        "intro": "`study.toml` 写明图层在哪里、评哪些规则、选什么址。`siting new` 写出带注释的一份，"
        "`siting check` 一次报告全部问题；不认识的键会被拒绝，并提示最接近的正确写法。"
        "路径相对于研究文件。凡需要图层处，可以只写路径（`\"homes.gpkg\"`、"
        "`\"city.gpkg|layername=homes\"`），也可以写一张含图层各键的表。",
    },
}  # fmt: skip


def sections() -> list[tuple[str, type[BaseModel]]]:
    """Return heading and model of every table of a study file, each with the tables inside it."""
    found: list[tuple[str, type[BaseModel]]] = []
    for key, field in settings.StudyFile.model_fields.items():
        heading = {list: f"[[{key}]]", dict: f"[{key}.CLASS]"}.get(typing.get_origin(field.annotation), f"[{key}]")
        for model in _models(field.annotation):
            _collect(heading, model, found)
    return found


def _collect(heading: str, model: type[BaseModel], found: list[tuple[str, type[BaseModel]]]) -> None:
    if model is settings.LayerTable or any(known is model for _, known in found):
        return
    found.append((heading, model))
    for key, field in own_keys(model).items():
        for inner in _models(field.annotation):
            _collect(f"{heading} {key}", inner, found)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _models(part)]


@cache
def words() -> dict[str, dict[str, dict[str, str]]]:
    """Return what the keys mean, by model and key."""
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).with_name("study_words.yaml").read_text(encoding="utf-8")
    )
    return loaded


def own_keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the keys of a model; those that every layer has only where it says something else of them."""
    layer = settings.LayerTable.model_fields
    inherits = issubclass(model, settings.LayerTable) and model is not settings.LayerTable
    return {
        key: field
        for key, field in model.model_fields.items()
        if not (inherits and key in layer and field.description == layer[key].description)
    }


def page(lang: Lang) -> str:
    """Return the reference in one language."""
    say = WORDS[lang]
    parts = [f"# {say['title']}\n", say["intro"] + "\n", f"## {say['whole']}\n", _whole(lang)]
    parts += [f"## {say['layer']}\n", _keys(settings.LayerTable, "LayerTable", lang)]
    for heading, model in sections():
        anchor = model.__name__.removesuffix("Table").lower()
        parts += [f"## `{heading}` {{ #{anchor} }}\n", _keys(model, model.__name__, lang)]
        if issubclass(model, settings.LayerTable):
            parts.append(say["plus"] + "\n")
    return "\n".join(parts)


def _whole(lang: Lang) -> str:
    say = WORDS[lang]
    rows = [
        [code(key), say["required"] if field.is_required() else "", cell(_word("StudyFile", key)[lang])]
        for key, field in settings.StudyFile.model_fields.items()
    ]
    return table((say["key"], "", say["meaning"]), rows)


def _keys(model: type[BaseModel], name: str, lang: Lang) -> str:
    say = WORDS[lang]
    rows = []
    for key, field in own_keys(model).items():
        word = _word(name, key)
        meaning = word["zh"] if lang == "zh" else word.get("en") or field.description or ""
        default = say["required"] if field.is_required() else code(_default(field))
        kind = type_text(field.annotation)
        if lang == "zh":
            kind = _in_chinese(kind)
        rows.append([code(key), cell(kind), default, cell(meaning), code(word.get("example"))])
    return table((say["key"], say["type"], say["default"], say["meaning"], say["example"]), rows)


def _in_chinese(kind: str) -> str:
    for word, chinese in _TYPES.items():
        kind = re.sub(rf'(?<!")\b{word}\b(?!")', chinese, kind)
    return kind


_TYPES = {"whole number": "整数", "number": "数", "text": "文字", "layer": "图层", "table": "表", "name": "名称"}


def _word(name: str, key: str) -> dict[str, str]:
    """Return what is said of a key; one that is too new for words shows its name (a test lists it)."""
    return words().get(name, {}).get(key, {"zh": key, "en": key})


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value in (None, [], {}, ()) or isinstance(value, BaseModel):
        return f'"{value.source}"' if isinstance(value, settings.CandidateTable) else ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


def type_text(annotation: Any) -> str:
    """Write a type as a planner reads it: text, number, one of some words, list, table."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_text(args[0])
    if origin is Literal:
        return " \\| ".join(f'"{word}"' for word in args).replace("\\|", "|")
    if origin in (typing.Union, types.UnionType):
        return " | ".join(dict.fromkeys(type_text(a) for a in args if a is not type(None)))
    if origin is list:
        return f"[{type_text(args[0])}, …]"
    if origin is dict:
        return f"{{ name = {type_text(args[1])} }}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "layer" if issubclass(annotation, settings.LayerTable) else "table"
    return {str: "text", int: "whole number", float: "number", bool: "true | false"}.get(annotation, str(annotation))
