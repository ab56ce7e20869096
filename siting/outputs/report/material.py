"""What the sections of a report are built from: the run, the tables as they were written, and the maps."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from siting.coverage.model import CITY_LEVEL, Audit
from siting.ledger import Lang, Text
from siting.outputs.contract import RunLike
from siting.outputs.report.content import Heading
from siting.standards import DENOMINATORS, DISTANCES, level_text
from siting.standards.classes import load_classes

UNIT_HA = Text("（公顷）", " (ha)")
_LAYERS: Mapping[str, Text] = {
    "streets": Text("街道", "streets"),
    "demand": Text("需求（居住与人口）", "demand"),
    "boundary": Text("研究范围", "study area"),
    "buildings": Text("建筑", "buildings"),
    "residential": Text("居住用地", "residential land"),
    "vacant": Text("闲置用地", "vacant land"),
    "water": Text("水域", "water"),
    "elevation": Text("高程", "elevation"),
    "green": Text("绿地", "green space"),
    "land": Text("用地", "land use"),
    "coast": Text("海岸线", "coastline"),
    "grounds": Text("场地", "grounds"),
    "entrances": Text("出入口", "entrances"),
    "facilities": Text("设施", "facilities"),
    "network": Text("路网", "network"),
    "demand points": Text("需求点（由需求图层得出）", "demand points (made from demand)"),
}


@dataclass(frozen=True, kw_only=True)
class Material:
    """The run with its written tables and maps.

    Attributes
    ----------
    tables : as `siting.outputs.tables.result_tables` returns them: every figure of the report is read from here
    maps : the pictures by file name without ending; one that is not there is left out
    """

    run: RunLike
    tables: Mapping[str, pd.DataFrame]
    maps: Mapping[str, Path]

    @property
    def lang(self) -> Lang:
        """The language of the report."""
        return self.run.lang

    def say(self, zh: str, en: str) -> str:
        """Return the words in the language of the report."""
        return zh if self.lang == "zh" else en

    def sentence(self, text: str) -> str:
        """Begin an English sentence with a capital, where it begins with a word and not with a name of the data."""
        first = text.split(" ")[0].rstrip(":,;")
        return text[:1].upper() + text[1:] if self.lang == "en" and first.isalpha() else text

    @cached_property
    def rules(self) -> dict[str, dict[str, Any]]:
        """The rows of `tables/rules.csv` by rule."""
        return {str(row["rule"]): row for row in rows_of(self.tables["rules"])}

    @cached_property
    def judged(self) -> list[Audit]:
        """Rules with a headline figure, in the order of the study."""
        return [a for a in self.run.audits.values() if a.judged and self.rules[a.name]["denominator"] is not None]

    @cached_property
    def indicators(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The rows of `tables/indicators.csv` by rule and level of zones."""
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in rows_of(self.tables["indicators"]):
            found.setdefault((str(row["rule"]), str(row["zone_level"])), []).append(row)
        return found

    def zone_rows(self, audit: Audit, level: str = CITY_LEVEL) -> list[dict[str, Any]]:
        """Return the indicator rows of one rule at one level, by its headline denominator and kind of distance."""
        shown = self.rules[audit.name]["denominator"]
        rows = self.indicators.get((audit.name, level), [])
        return [r for r in rows if r["denominator"] == shown and r["distance"] == audit.distance]

    def layer_name(self, layer: str) -> str:
        """Name an input layer, which the books call as the study file does, in words where they are known."""
        return _layer_text(layer, tuple(self.run.zones)).get(self.lang)

    def noun(self, audit: Audit) -> Text:
        """Name what the headline of a rule counts, with hectares where it is land."""
        shown = self.rules[audit.name]["denominator"]
        name = audit.noun(shown)
        return Text(name.zh + UNIT_HA.zh, name.en + UNIT_HA.en) if shown == "land" else name


def _layer_text(layer: str, levels: tuple[str, ...]) -> Text:
    head, _, rest = layer.partition(".")
    classes = load_classes()
    if head == "facilities" and rest in classes:
        name = classes[rest].name
        return Text(f"设施：{name.zh}", f"facilities: {name.en}")
    numbered = re.fullmatch(r"zones\[(\d+)\]", layer)
    if numbered and 0 < int(numbered[1]) <= len(levels):
        level = levels[int(numbered[1]) - 1]
        return Text(f"分区（{level_text(level).zh}）", f"zones ({level})")
    if layer.startswith("land.exclusions."):
        rest = layer.removeprefix("land.exclusions.")
        return Text(f"限制区：{rest}", f"exclusion: {rest}")
    return _LAYERS.get(rest if head == "land" and rest else layer, Text(layer, layer))


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values; missing ones are None."""
    names = [str(c) for c in table.columns]
    cells = [column_values(table.iloc[:, k]) for k in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def column_values(column: pd.Series) -> list[Any]:
    """Return the cells of a column as plain values; missing ones are None."""
    values = column.astype(object)
    return [None if missing else value for value, missing in zip(values, column.isna(), strict=True)]


def heading(level: Any, zh: str, en: str) -> Heading:
    """Return a heading; its number comes later."""
    return Heading(level=level, title=Text(zh, en))


def measured_by(audit: Audit) -> Text:
    """Say what the limit of a rule is measured along, or for whom its minutes are."""
    return DISTANCES[audit.distance] if audit.travel is None else audit.travel.profile.name


def denominator_name(denominator: str) -> Text:
    """Name a denominator."""
    return next((text for key, text in DENOMINATORS.items() if key == denominator), Text(denominator, denominator))
