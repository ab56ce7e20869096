"""Parking of a study: capacities as car parks state them, the floors that only its audit reads, and the audit."""

from typing import Any

import geopandas as gpd
import pyproj

from siting.inputs.schema import numeric_column
from siting.pipeline.reading import Reader
from siting.study import Study
from siting.themes import City, ThemeResult, load_themes
from siting.themes.parking import audit_parking, lacks_parking
from siting.themes.parking.capacity import read_spaces
from siting.themes.parking.kinds import CLASSES
from siting.themes.parking.supply import MOST_SPACES


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


def audit_parking_of(study: Study, city: City, floors: gpd.GeoDataFrame | None) -> ThemeResult:
    """Audit the parking of a study; without any car park, the theme says so."""
    table = study.settings.parking
    assert table is not None
    lacking = lacks_parking(city)
    if lacking is None:
        given: dict[str, Any] = table.given()
        return audit_parking(city, floors=floors, **given).themed()
    title = load_themes()["parking"].name
    return ThemeResult(theme="parking", title=title, missing=((title, lacking),))
