"""People who are out, by cell of a GeoTIFF: counts of phones, visits or passers-by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource
from numpy.typing import NDArray
from pyproj import CRS

from siting.inputs.coordinates import check_working_crs
from siting.inputs.rasters import _bands, _by_cell, _open, _zone, read_population
from siting.inputs.schema import listed
from siting.ledger import Account, Finding, Text
from siting.units import MILLI_PER_PERSON

FOOTFALL = "footfall"


@dataclass(frozen=True, slots=True, kw_only=True)
class FootfallCells:
    """Footfall by cell.

    Attributes
    ----------
    frame : one row a cell above 0, index ``r<row>c<column>``; column ``footfall``, geometry = a point of the cell
        inside the boundary
    total_milli : sum over the boundary, in thousandths; what the rows add up to
    """

    frame: gpd.GeoDataFrame
    total_milli: int
    account: Account


def read_footfall(
    path: Path | str,
    *,
    crs: CRS,
    boundary: shapely.Geometry | None = None,
    bands: Sequence[int] | None = None,
    layer: str = FOOTFALL,
) -> FootfallCells:
    """Read footfall by cell, as `rasters.read_population` reads people: the total is that of the boundary.

    Cells without data are listed: nobody says that nobody is there.

    Raises
    ------
    InputError
        As `rasters.read_population` does: no GeoTIFF, no CRS, several bands and none named, negative values, nothing
        inside the boundary.
    """
    found = read_population(path, crs=crs, boundary=boundary, bands=bands, layer=layer)
    blank = _without_data(path, found.raster_crs, check_working_crs(crs, layer), boundary, bands, layer)
    total = found.people_milli / MILLI_PER_PERSON
    dropped = {f.code: f for f in found.account.findings}
    findings = [f for f in found.account.findings if f.code not in ("cells_without_people", "raster_total")]
    empty = dropped.get("cells_without_people")
    if empty is not None:
        text = Text(f"{empty.count} 个格网的值为 0，未使用", f"{empty.count} cells hold 0 and are not used")
        findings.append(replace(empty, code="cells_at_zero", text=text))
    if len(blank):
        text = Text(
            f"{len(blank)} 个格网无数据，未计入，客流未知",
            f"{len(blank)} cells without data do not count: their footfall is unknown",
        )
        finding = Finding(code="cells_without_data", kind="dropped", count=len(blank), text=text, ids=listed(blank))
        findings.append(finding)
    text = Text(
        f"范围内合计 {total:,.3f}，边界上的格网按面积比例计入",
        f"{total:,.3f} inside the boundary; cells on its edge count by their share of area",
    )
    findings.append(Finding(code="raster_total", kind="note", count=len(found.frame), text=text))
    account = replace(found.account, rows_in=found.account.rows_in + len(blank), findings=tuple(findings))
    frame = gpd.GeoDataFrame(found.frame[["people", "geometry"]].rename(columns={"people": FOOTFALL}))
    return FootfallCells(frame=frame, total_milli=found.people_milli, account=account)


def _without_data(
    path: Path | str, raster_crs: CRS, working: CRS, boundary: shapely.Geometry | None, bands: Sequence[int] | None,
    layer: str,
) -> pd.Index:  # fmt: skip
    """Return the cells inside the boundary that hold no data in any band, as ``r<row>c<column>``."""
    with _open(path, layer) as raster:
        zone = _zone(raster, raster_crs, working, boundary)
        area = gpd.GeoDataFrame(geometry=[zone], crs=raster.crs)
        source, known = RasterioRasterSource(raster, 1), _by_cell(raster, zone, _bands(raster, bands, layer), layer, [])
        # With a value in place of none, every cell is named.
        what = ["cell_id(default_value=-1)"]
        out = exact_extract(source, area, what, output="pandas", max_cells_in_memory=10**8)
        cells: NDArray[np.int64] = np.asarray(out["cell_id"].iloc[0], dtype=np.int64)
        wide = int(raster.width)
    none = cells[~np.isin(cells, known.index.to_numpy(dtype=np.int64))]
    return pd.Index([f"r{c // wide}c{c % wide}" for c in none.tolist()], dtype="str")
