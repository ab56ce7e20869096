"""Which points lie too far from every street: kept, counted as unserved, and listed."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage import Audit
from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.network import Network

COLUMNS = ("layer", "id", "distance_m")


def list_unsnapped(
    network: Network | None, layers: dict[str, gpd.GeoDataFrame], max_snap_m: float
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """List the points of each layer that are farther than ``max_snap_m`` from every street that carries points.

    Parameters
    ----------
    network : None for a study without streets: nothing can be snapped then, and nothing is listed
    layers : points by the name under which they are listed

    Returns
    -------
    Points with the columns `COLUMNS`, farthest first within a layer, and one warning a layer that has such points.
    """
    parts, findings = [], []
    for name, layer in layers.items():
        if network is None or not len(layer):
            continue
        snapped = network.snap(layer, max_snap_m)
        far = np.flatnonzero(~snapped.snapped)
        findings += _caught(name, snapped.caught)
        if not len(far):
            continue
        far = far[np.argsort(-snapped.distance_m[far], kind="stable")]
        ids = [str(i) for i in layer.index[far]]
        table = {"layer": name, "id": ids, "distance_m": snapped.distance_m[far]}
        parts.append(gpd.GeoDataFrame(table, geometry=layer.geometry.to_numpy()[far], crs=layer.crs))
        findings.append(_warning(name, ids, float(snapped.distance_m[far[0]]), len(layer), max_snap_m))
    if parts:
        return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs), tuple(findings)
    crs = network.crs if network is not None else None
    empty = gpd.GeoDataFrame(
        {c: pd.Series(dtype=object) for c in COLUMNS}, geometry=gpd.GeoSeries([], crs=crs), crs=crs
    )
    return empty, tuple(findings)


def list_unsnapped_of_vehicles(
    drive: Network | None, demand: gpd.GeoDataFrame, audits: Mapping[str, Audit], max_snap_m: float
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Do as `list_unsnapped` on the streets of vehicles, for the demand and the facilities of rules about them."""
    driven = [a for a in audits.values() if a.judged and a.travel is not None and a.travel.profile.mode == "drive"]
    layers = {"demand (drive)": demand} if driven else {}
    for one in driven:
        points = gpd.GeoDataFrame(one.facilities[one.facilities.geom_type == "Point"])
        layers["facilities." + "+".join(one.rule.facility) + " (drive)"] = points
    return list_unsnapped(drive, layers, max_snap_m)


def joined(walked: gpd.GeoDataFrame, driven: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One list below the other."""
    if not len(driven):
        return walked
    parts = [part for part in (walked, driven) if len(part)]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=driven.crs)


def _warning(name: str, ids: list[str], farthest_m: float, total: int, max_snap_m: float) -> Finding:
    return Finding(
        code="unsnapped",
        kind="warning",
        count=len(ids),
        text=Text(
            f"{name}：{total:,} 个点中有 {len(ids):,} 个距路网超过 {max_snap_m:g} 米"
            f"（最远 {ids[0]}，{farthest_m:,.0f} 米），计为未服务，见 unsnapped",
            f"{name}: {len(ids):,} of {total:,} points lie over {max_snap_m:g} m from a street (farthest {ids[0]}, "
            f"{farthest_m:,.0f} m); they count as unserved and are listed in unsnapped",
        ),
        ids=listed(ids),
    )


def _caught(name: str, caught: "pd.Series[int]") -> list[Finding]:
    """Points whose nearest street belongs to a fragment: they were moved on to a larger part of the network."""
    total = int(caught.sum())
    if not total:
        return []
    text = Text(
        f"{name}：{total:,} 个点最近的街道属于 {len(caught)} 个孤立路段，已改接较大路网",
        f"{name}: the nearest street of {total:,} points belongs to {len(caught)} isolated fragments; "
        "they were joined to a larger part of the network",
    )
    return [Finding(code="fragment_passed_by", kind="note", count=total, text=text)]
