"""Faults of a study file as one list: file, key, what is wrong, and the nearest right word."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from siting.nearest_word import suggest
from siting.study.settings import StudyFile

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_UNION_TAGS = re.compile(
    r"^(function-|LayerTable$|FacilityTable$|ZoneTable$|str$|bool$|list\[|int$|float$|constrained-)"
)


def expand_variables(value: Any, environment: Mapping[str, str], key: str, faults: list[str]) -> Any:
    """Replace `${NAME}` in every string of a parsed TOML document; each unset name becomes one fault."""
    if isinstance(value, str):

        def fill(match: re.Match[str]) -> str:
            name = match.group(1)
            if name not in environment:
                faults.append(f"{key}: environment variable {name} is not set; set it, or write the path itself")
                return match.group(0)
            return environment[name]

        return _VARIABLE.sub(fill, value)
    if isinstance(value, dict):
        return {k: expand_variables(v, environment, f"{key}.{k}" if key else str(k), faults) for k, v in value.items()}
    if isinstance(value, list):
        return [expand_variables(v, environment, f"{key}[{i + 1}]", faults) for i, v in enumerate(value)]
    return value


def describe(error: ValidationError) -> list[str]:
    """Turn pydantic's errors into lines a planner can act on, one a fault."""
    faults: dict[str, None] = {}
    for item in error.errors(include_url=False):
        faults[_line(item)] = None
    return list(faults)


def _line(item: Any) -> str:
    key = _dotted(item["loc"])
    kind, given = item["type"], item.get("input")
    if kind == "extra_forbidden":
        known = _known_keys(item["loc"][:-1])
        word = str(item["loc"][-1])
        near = suggest(word, known)
        hint = f"did you mean '{near}'?" if near else f"known here: {', '.join(sorted(known))}"
        return f"{key}: unknown setting '{word}'; {hint}"
    if kind == "missing":
        return f"{key}: is required"
    if kind == "literal_error":
        allowed = str(item["ctx"]["expected"])
        near = suggest(str(given), re.findall(r"'([^']+)'", allowed))
        return f"{key}: '{given}' is not one of {allowed}" + (f"; did you mean '{near}'?" if near else "")
    if kind == "value_error":
        return f"{key}: {item['ctx']['error']}"
    return f"{key}: {item['msg'][0].lower()}{item['msg'][1:]} (found {given!r})"


def _dotted(loc: tuple[Any, ...]) -> str:
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        elif not _UNION_TAGS.match(str(part)):
            text += f".{part}" if text else str(part)
    return text or "study file"


def _known_keys(loc: tuple[Any, ...]) -> set[str]:
    """Field names of the table that ``loc`` points into."""
    model: type[BaseModel] | None = StudyFile
    for part in loc:
        if isinstance(part, int) or model is None or _UNION_TAGS.match(str(part)):
            continue
        if part not in model.model_fields:
            # A free name, as a facility class: the table below it is the one annotated as its value.
            continue
        model = _model_of(model.model_fields[str(part)].annotation)
    return set(model.model_fields) if model is not None else set()


def _model_of(annotation: Any) -> type[BaseModel] | None:
    """Return the first table type mentioned inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_of(inner)
        if found is not None:
            return found
    return None
