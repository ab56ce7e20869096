"""One shop, one bin (一店一桶): bins of each street, from the shops along it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import listed, parse_numbers, require_columns
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.waste.generation.bands import positive
from siting.themes.waste.points.part import names_of

NO_STREET = ""
STREET_COLUMNS = ["street", "named", "shops", "needed", "bins", "bins_unknown", "lacking", "length_m",
                  "shops_per_100m"]  # fmt: skip
_PER_M = 100.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shops:
    """Bins of shops by street.

    Attributes
    ----------
    shops : index = id; ``name``, ``street`` (empty = none within reach), ``street_m``, ``bins`` (NaN = not known)
    streets : lines, most shops first, columns `STREET_COLUMNS`: ``lacking`` is NaN where the bins of some shop are not
        known; ``length_m`` is the length of the whole street, which a collection round along the frontage covers
    away : shops without a street
    """

    shops: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    bins_per_shop: int
    within_m: float
    away: int
    findings: tuple[Finding, ...]


def shops_of(
    city: City, layer: gpd.GeoDataFrame, *, bins_per_shop: int = 1, bins: str | None = None, within_m: float = 50.0
) -> Shops:
    """Count the shops of each street and the bins they need.

    Parameters
    ----------
    layer : shops, points or areas
    bins_per_shop : the policy's or the study's figure
    bins : column with the bins that a shop has
    within_m : a shop farther from every street belongs to none

    Raises
    ------
    InputError
        The city has no streets, or a figure is no number above 0.
    """
    if city.network is None:
        msg = "waste: shops by street need streets, which the city has not"
        raise InputError(msg)
    if isinstance(bins_per_shop, bool) or not isinstance(bins_per_shop, int) or bins_per_shop < 1:
        msg = f"waste: bins_per_shop is {bins_per_shop!r}, expected a whole number above 0"
        raise InputError(msg)
    within_m = positive(within_m, "within_m of shops")
    layer = in_crs("shops", keyed(layer), city.crs)
    if bins is not None:
        require_columns(layer, [bins], "shops")
    shape = np.asarray(layer.geometry, dtype=object)
    gone = np.asarray(shapely.is_missing(shape) | shapely.is_empty(shape)) | np.asarray(layer.index.duplicated())
    findings = []
    if gone.any():
        text = Text(
            f"商铺：{int(gone.sum())} 行没有位置或编号重复，未计入",
            f"shops: {int(gone.sum())} rows without a place or with an id that occurs before, left out",
        )
        ids = listed(layer.index[gone])
        findings.append(Finding(code="waste_shop_row", kind="dropped", count=int(gone.sum()), text=text, ids=ids))
    layer = gpd.GeoDataFrame(layer[~gone])
    have = np.full(len(layer), np.nan)
    if bins is not None:
        have, _, unreadable = parse_numbers(layer[bins])
        bad = unreadable | (have < 0) | np.isinf(have)
        have = np.where(bad, np.nan, have)
        if bad.any():
            text = Text(
                f"商铺：{int(bad.sum())} 行垃圾桶数不是 0 以上的数字，按未知处理",
                f"shops: bins of {int(bad.sum())} rows are no number of 0 or more: unknown",
            )
            ids = listed(layer.index[bad])
            findings.append(Finding(code="waste_shop_bins", kind="warning", count=int(bad.sum()), text=text, ids=ids))
    streets = _streets(city)
    street, metres = _nearest(layer, streets, within_m)
    names = streets.index.to_numpy(dtype=object)
    shops = gpd.GeoDataFrame(
        {
            "name": names_of(layer),
            "street": [NO_STREET if k < 0 else str(names[k]) for k in street],
            "street_m": metres,
            "bins": have,
        },
        geometry=np.asarray(layer.geometry),
        crs=city.crs,
        index=layer.index.astype(str).rename("id"),
    )
    return Shops(
        shops=shops,
        streets=_table(streets, street, have, bins_per_shop),
        bins_per_shop=bins_per_shop,
        within_m=within_m,
        away=int((street < 0).sum()),
        findings=tuple(findings),
    )


def _streets(city: City) -> gpd.GeoDataFrame:
    """One row a street: edges of one name together; edges without a name by way, where they have one, else by class."""
    assert city.network is not None
    edges = city.network.edges_frame()
    none = pd.Series(None, index=edges.index, dtype=object)
    name = edges.get("name", none)
    way = edges.get("way_id", none)
    kind = edges.get("highway", none)
    key, named = [], []
    for n, w, k in zip(name.tolist(), way.tolist(), kind.tolist(), strict=True):
        known = n is not None and not pd.isna(n) and str(n).strip()
        named.append(bool(known))
        has_way = w is not None and not pd.isna(w)
        key.append(str(n).strip() if known else f"({k if isinstance(k, str) else 'street'} {w})" if has_way else "(-)")
    table = gpd.GeoDataFrame({"street": key, "named": named}, geometry=np.asarray(edges.geometry), crs=city.crs)
    return gpd.GeoDataFrame(table.dissolve(by="street", aggfunc="first", sort=True, method="unary"))


def _nearest(
    shops: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, within_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Position of each shop's nearest street, ties by name, -1 where none is near enough; and the distance."""
    street = np.full(len(shops), -1, dtype=np.int64)
    metres = np.full(len(shops), np.inf)
    if not len(shops) or not len(streets):
        return street, metres
    shape, lines = np.asarray(shops.geometry, dtype=object), np.asarray(streets.geometry, dtype=object)
    row, found = shapely.STRtree(lines).query_nearest(shape, all_matches=True)
    first = pd.DataFrame({"row": row, "found": found}).groupby("row")["found"].min()
    rows, best = first.index.to_numpy(), first.to_numpy()
    metres[rows] = shapely.distance(shape[rows], lines[best])
    near = metres[rows] <= within_m
    street[rows[near]] = best[near]
    return street, metres


def _table(
    streets: gpd.GeoDataFrame, street: NDArray[np.int64], have: NDArray[np.float64], per_shop: int
) -> gpd.GeoDataFrame:
    rows = []
    for k, (name, named) in enumerate(zip(streets.index, streets["named"], strict=True)):
        mine = street == k
        count = int(mine.sum())
        if not count:
            continue
        known = have[mine]
        unknown = int(np.isnan(known).sum())
        lacking = float(np.maximum(0, per_shop - known).sum()) if not unknown else np.nan
        total = float(known.sum()) if not unknown else np.nan
        length = float(streets.geometry.iloc[k].length)
        rows.append(
            (name, bool(named), count, count * per_shop, total, unknown, lacking, length, count / length * _PER_M, k)
        )
    table = pd.DataFrame(rows, columns=[*STREET_COLUMNS, "at"])
    made = gpd.GeoDataFrame(
        table.drop(columns="at"),
        geometry=np.asarray(streets.geometry, dtype=object)[table["at"].to_numpy(dtype=np.int64)],
        crs=streets.crs,
    ).set_index("street", drop=False)
    order = np.lexsort((made["street"].to_numpy(dtype=object), -made["shops"].to_numpy(dtype=np.int64)))
    made = gpd.GeoDataFrame(made.iloc[order])
    made.index.name = "id"
    return made
