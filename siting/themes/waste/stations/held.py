"""What a new station may take: what its land gives of its class, or the upper end of the class whatever the land."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import geopandas as gpd
import numpy as np

from siting.inputs.schema import listed
from siting.ledger import Finding, Text
from siting.standards.labels import document_text
from siting.standards.model import Reading
from siting.themes.waste.stations.classes import CLASS_IDS, ROMAN, StationClass

_ROUNDED = 0.05
# Half of the tenth to which the estimate by land is rounded.


def by_class(versions: gpd.GeoDataFrame, classes: Sequence[StationClass]) -> gpd.GeoDataFrame:
    """Give new stations the upper end of their class, even where their land is less than that asks for."""
    upper = versions["station_class"].map({c.id: c.most_t_day for c in classes}).astype(float)
    stands = versions["status"] == "existing"
    return gpd.GeoDataFrame(versions.assign(capacity_t_day=versions["capacity_t_day"].where(stands, upper)))


def how_held(
    versions: gpd.GeoDataFrame, classes: Sequence[StationClass], by: Literal["land", "class"]
) -> tuple[Finding, ...]:
    """Say on what the capacity of new stations rests, and how well that was read; nothing where there are none.

    Parameters
    ----------
    by : what ``capacity_t_day`` was taken from
    """
    new = versions[versions["status"] != "existing"]
    used = [c for c in classes if c.id in set(new["station_class"])]
    if not used:
        return ()
    upper = new["station_class"].map({c.id: c.most_t_day for c in used}).astype(float)
    short = new.index[~(new["capacity_by_land_t_day"].astype(float) >= upper - _ROUNDED)]
    zh, en = _clauses(used)
    if by == "class":
        text = Text(
            f"新建转运站能力按类别上限取（研究选定，未按用地核减）："
            f"{len(new)} 个方案中 {len(short)} 个的用地不足上限所需（{zh}）",
            "new stations are taken at the upper end of their class, as the study chose, whatever their land: "
            f"in {len(short)} of {len(new)} versions the land is less than that end asks for ({en})",
        )
        found = Finding(
            code="station_by_class", kind="warning" if len(short) else "note", count=len(short), text=text,
            ids=listed(short.astype(str)),
        )  # fmt: skip
    else:
        text = Text(
            f"新建转运站能力按用地在类别规模上下限之间内插（估算；条文只给出两端，{zh}），"
            f"{len(new)} 个方案中 {len(short)} 个低于类别上限",
            "new stations take what their land gives between the ends of their class (an estimate: the clause gives "
            f"the ends only, {en}); in {len(short)} of {len(new)} versions that is less than the upper end",
        )
        found = Finding(code="station_by_land", kind="note", count=len(short), text=text, ids=listed(short.astype(str)))
    return (found, *_no_estimate(new, by))


def in_short(found: Finding) -> Text:
    """Say the same without clauses, for a headline; what is no such finding says all it has to."""
    if found.code == "station_by_land":
        return Text(
            "新建转运站能力为按用地内插的估算值（条文见清单）",
            "new stations take what their land gives of their class, an estimate (its clause is listed)",
        )
    if found.code == "station_by_class":
        return Text(
            f"新建转运站能力按研究选定取类别上限，未按用地核减：{found.count} 个方案的用地不足上限所需",
            "new stations take the upper end of their class, as the study chose: too much for the land of "
            f"{found.count} versions",
        )
    return found.text


def _no_estimate(new: gpd.GeoDataFrame, by: str) -> tuple[Finding, ...]:
    """List versions of which the land tells no capacity: less land than the class asks for, or no range of land."""
    none = new.index[np.isnan(new["capacity_by_land_t_day"].astype(float))]
    if by == "class" or not len(none):
        return ()
    text = Text(
        f'{len(none)} 个新建方案用地低于类别下限或目录无用地范围，按用地无法得出能力；可写 capacity = "class"',
        f"of {len(none)} versions of new stations the land tells no capacity: it is less than the class asks for, or "
        'the catalogue has no range; capacity = "class" takes the upper end',
    )
    ids = listed(none.astype(str))
    return (Finding(code="station_land_tells_none", kind="dropped", count=len(none), text=text, ids=ids),)


def _clauses(used: Sequence[StationClass]) -> tuple[str, str]:
    """Name the clauses of the ranges, and the classes whose ranges nobody read."""
    rules = [c.size for c in used]
    zh, en = ("、".join(dict.fromkeys(document_text(r, "zh") for r in rules)),
              ", ".join(dict.fromkeys(document_text(r, "en") for r in rules)))  # fmt: skip
    unread = [i for i in CLASS_IDS if i in {c.id for c in used if c.size.confidence == Reading.UNVERIFIED}]
    if unread:
        zh += f"；{'、'.join(ROMAN[i] for i in unread)}类规模与用地未核实"
        en += f"; ranges of class {', '.join(unread)} unverified"
    if any(c.least_t_day <= 0 for c in used):
        least = next(c for c in used if c.least_t_day <= 0)
        zh += f"；{least.name.zh}规模自 0 起，用地接近下限的站能力近于 0"
        en += f"; {least.name.en} starts at 0 t/d, so land near its least gives next to nothing"
    return zh, en
