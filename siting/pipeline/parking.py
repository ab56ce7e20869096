"""Parking of a study: capacities as car parks state them, the floors that only its audit reads, and the audit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj

from siting.inputs.schema import Faults, numeric_column, require_columns
from siting.ledger import Finding, Text
from siting.pipeline.reading import Reader
from siting.study import Study
from siting.study.parking_table import LotColumnsTable
from siting.study.settings import OSM_WORD, FacilityTable
from siting.themes import City, ThemeResult, load_themes
from siting.themes.parking import Parking, audit_parking, lacks_parking
from siting.themes.parking.audit import NO_CAR_PARKS
from siting.themes.parking.capacity import read_spaces
from siting.themes.parking.kinds import CLASSES
from siting.themes.parking.supply import MOST_SPACES, parking_supply

_OWN_COLUMNS = frozenset({"class", "name", "name_zh", "name_en", "capacity", "source", "geometry", "tags"})
_COLUMNS_SHOWN = 8
_WORDS_OF_SPACES = ("泊位", "车位", "車位", "格位", "space", "capacity", "stall", "lots")


def reads_spaces(study: Study, facility: str) -> bool:
    """Whether the capacities of a layer may be texts such as "120辆": the audit of parking lists what it cannot use."""
    asked = study.settings.parking is not None or study.settings.charging is not None
    return asked and facility in CLASSES


def with_spaces(study: Study, frame: gpd.GeoDataFrame, column: str) -> gpd.GeoDataFrame:
    """Add ``capacity``, and ``capacity_text`` as the source has it."""
    table = study.settings.parking
    most = MOST_SPACES if table is None or table.most_spaces is None else table.most_spaces
    said = read_spaces(frame[column], most)
    return gpd.GeoDataFrame(frame.assign(capacity=said.spaces, capacity_text=said.text))


def with_lot_columns(study: Study, facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the car parks the columns ``kind``, ``users``, ``levels`` and ``area_m2`` that `[parking.columns]` names.

    Raises
    ------
    SchemaError
        No layer of car parks has a column that is named.
    """
    table = study.settings.parking
    if table is None or not table.columns.named or not facilities["class"].isin(CLASSES).any():
        return facilities
    mine = facilities["class"].isin(CLASSES).to_numpy()
    lots = gpd.GeoDataFrame(facilities[mine]).dropna(axis="columns", how="all")
    faults = Faults()
    made: dict[str, np.ndarray] = {}
    for key, column in table.columns.named.items():
        if column not in facilities.columns:
            require_columns(lots.drop(columns=list(_OWN_COLUMNS), errors="ignore"), (column,),
                            f"parking.columns.{key}", faults)  # fmt: skip
            continue
        words = {_code(word): meant for word, meant in _values(table.columns, key).items()}
        said = facilities[column].astype(object).to_numpy()
        made[key] = np.array([words.get(_code(value), value) for value in said], dtype=object)
    charging = study.settings.charging
    taken = {} if charging is None else {"ev_spaces": charging.ev_spaces, "kind": charging.kind}
    for key, column in taken.items():
        if column in made and table.columns.named[column] != column:
            faults.add(
                f"charging.{key}: the column '{column}' would be hidden by [parking.columns] {column}; rename it in "
                "the layer"
            )
    faults.raise_any()
    for key, values in made.items():
        own = facilities[key].astype(object).to_numpy() if key in facilities.columns else np.full(len(mine), None)
        facilities = gpd.GeoDataFrame(facilities.assign(**{key: np.where(mine, values, own)}))
    return facilities


def _values(columns: LotColumnsTable, key: str) -> Mapping[str, str]:
    if key == "kind":
        return dict(columns.kind_values)
    return dict(columns.users_values) if key == "users" else {}


def _code(value: object) -> str:
    """Return a cell as a study file writes it: 3.0 of a column with gaps is the code 3."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return text.strip().casefold()


def read_floors(study: Study, reader: Reader, crs: pyproj.CRS | None) -> gpd.GeoDataFrame | None:
    """Read `[parking] floors`; faults are noted with those of the other layers."""
    table = study.settings.parking
    if table is None or table.floors is None:
        return None
    floors = table.floors
    layer = reader.layer("parking.floors", floors, "any", crs, (floors.use, floors.floor_area))
    if layer is None:
        return None
    frame = layer.frame
    with reader.noting():
        area = numeric_column(frame, floors.floor_area, layer.name, minimum=0.0, allow_missing=True)
        frame = gpd.GeoDataFrame(frame.assign(use=frame[floors.use], floor_area_m2=area.values))
    return gpd.GeoDataFrame(frame[["use", "floor_area_m2", "geometry"]]) if "floor_area_m2" in frame else None


def parking_findings(study: Study, facilities: gpd.GeoDataFrame) -> list[Finding]:
    """Say what `siting check` finds about car parks: layers without a column of spaces, and what the census lists."""
    table = study.settings.parking
    if table is None:
        return []
    if not facilities["class"].isin(CLASSES).any():
        return []
    supply = parking_supply(facilities, study.catalogue, most_spaces=table.most_spaces or MOST_SPACES)
    return [*_without_spaces(study, facilities), *supply.findings]


def _without_spaces(study: Study, facilities: gpd.GeoDataFrame) -> list[Finding]:
    """Name the layers of car parks of which the study names no column of spaces."""
    found = []
    for name, table in study.settings.facilities.items():
        if name not in CLASSES or not isinstance(table, FacilityTable) or table.capacity is not None:
            continue
        if table.source == OSM_WORD:
            continue
        mine = (facilities["class"] == name) & (facilities["source"] == table.source)
        rows = facilities[mine].dropna(axis="columns", how="all")
        there = sorted((str(c) for c in rows.columns if c not in _OWN_COLUMNS), key=_not_of_spaces)
        text = Text(
            f"facilities.{name}：没有 capacity（泊位数所在的列），{len(rows)} 处停车场的泊位数只能按面积估算或为不详；"
            f"图层现有的列：{'、'.join(there[:_COLUMNS_SHOWN]) or '无'}",
            f"facilities.{name}: no capacity (the column with the spaces): {len(rows)} car parks are estimated from "
            f"area or unknown; columns of the layer: {', '.join(there[:_COLUMNS_SHOWN]) or 'none'}",
        )
        found.append(Finding(code="no_column_of_spaces", kind="warning", count=len(rows), text=text))
    return found


def _not_of_spaces(column: str) -> bool:
    """Whether a column's name says nothing of spaces: such columns are named last."""
    return not any(word in column.casefold() for word in _WORDS_OF_SPACES)


def audited(study: Study, city: City, floors: gpd.GeoDataFrame | None) -> Parking:
    """Audit the parking of a study."""
    table = study.settings.parking
    assert table is not None
    given: dict[str, Any] = table.given()
    return audit_parking(city, floors=floors, **given)


def audit_parking_of(study: Study, city: City, audit: Parking | None) -> ThemeResult:
    """Show the audit of a study; without any car park, the theme says so."""
    lacking = lacks_parking(city)
    if lacking is None and audit is not None:
        result = audit.themed()
        return replace(result, findings=(*_without_spaces(study, city.facilities), *result.findings))
    title = load_themes()["parking"].name
    return ThemeResult(theme="parking", title=title, missing=((title, lacking or NO_CAR_PARKS),))
