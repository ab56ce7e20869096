"""One plan of car parks: cars, lots that stand, sites and kerbs in one reach, and the questions put to the model."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from siting.display import percent
from siting.ledger import Text
from siting.locate import SitingResult
from siting.locate.clock import Clock, start_clock
from siting.themes.city import City
from siting.themes.parking.audit import Parking
from siting.themes.parking.balance import Reach, reach_of, ways_of
from siting.themes.parking.flow import Longs
from siting.themes.parking.kinds import PUBLIC
from siting.themes.parking.new_lots.asked import Asked, Choice, NoChoice, NoPlan, OutOfReach, Versions
from siting.themes.parking.new_lots.choose import choose_lots
from siting.themes.parking.new_lots.measures import Built, parked_with
from siting.themes.parking.new_lots.places import UPGRADE
from siting.themes.parking.slots import SLOTS

_SITE, _KERB = "\u0002site:{}", "\u0003kerb:{}"
"""Labels of sites and kerbs among the lots: no id of a layer begins like that."""
_TOO_LATE = Text("时限（time_limit_s）内没有找到方案", "no plan was found within time_limit_s")
_NO_FIT = Text("必建地点与 p、预算或间距不相容", "required places do not fit p, the budget or the spacing")
SLOT_COLUMNS = ["slot", "slot_zh", "slot_en", "cars", "short_before", "short_after", "gain", "walk_m", "proved"]


@dataclass(frozen=True, eq=False)
class Problem:
    """Cars, lots, sites and kerbs of one plan, all lots in the order of ``reach``."""

    parking: Parking
    slot: str
    places: gpd.GeoDataFrame
    options: pd.DataFrame
    site_ids: pd.Index
    reach: Reach
    column: Longs
    kerb: Longs
    versions: Versions
    scale: int
    upgrades: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        city: City,
        parking: Parking,
        slot: str,
        places: gpd.GeoDataFrame,
        options: pd.DataFrame,
        hours: gpd.GeoDataFrame | None,
        required: Sequence[str],
        min_spacing_m: float | None,
    ) -> Problem:
        """Search the reach of lots, sites and kerbs together, and gather what may be built."""
        allowed = places[places["allowed"].astype(bool)]
        standing = (allowed["kind"] == UPGRADE).to_numpy()
        lots = parking.supply.lots
        columns = ["spaces", "users", "geometry"]
        users = np.full(len(allowed), PUBLIC, dtype=object)
        shapes = np.asarray(allowed.geometry, dtype=object).copy()
        own = pd.Index(lots.index.astype(str)).get_indexer(allowed["lot"][standing])
        users[standing] = lots["users"].to_numpy(dtype=object)[own]
        shapes[standing] = np.asarray(lots.geometry, dtype=object)[own]
        new = gpd.GeoDataFrame(
            {"spaces": 0.0, "users": users}, geometry=shapes, crs=lots.crs,
            index=[_SITE.format(i) for i in allowed.index],
        )  # fmt: skip
        parts = [lots[columns].set_axis(lots.index.astype(str), axis=0), new[columns]]
        if hours is not None and len(hours):
            parts.append(
                gpd.GeoDataFrame(
                    {"spaces": 0.0, "users": PUBLIC}, geometry=hours.geometry.to_numpy(), crs=lots.crs,
                    index=[_KERB.format(i) for i in hours.index],
                )[columns]
            )  # fmt: skip
        reach = reach_of(city, parking.cars, gpd.GeoDataFrame(pd.concat(parts), crs=lots.crs), parking.limit_m)
        labels = pd.Index(reach.cost.columns).astype(str)
        kerb = np.zeros(len(labels), dtype=np.int64)
        if hours is not None and len(hours):
            kerb[labels.get_indexer([_KERB.format(i) for i in hours.index])] = hours["spaces"].to_numpy()
        scale = math.lcm(1, *(c.denominator for c in options["cost"]))
        too_close = np.empty((0, 2), dtype=np.intp)
        if min_spacing_m is not None:
            xy = allowed.geometry.get_coordinates().to_numpy()
            near = cKDTree(xy).query_pairs(min_spacing_m, output_type="ndarray").astype(np.intp)
            gap = np.hypot(*(xy[near[:, 0]] - xy[near[:, 1]]).T)
            too_close = near[(gap < min_spacing_m) & ~standing[near[:, 0]] & ~standing[near[:, 1]]]
        versions = Versions(
            site=allowed.index.get_indexer(options["site"]).astype(np.int64),
            spaces=options["added"].to_numpy(dtype=np.int64),
            cost=np.array([int(c * scale) for c in options["cost"]], dtype=np.int64),
            required=allowed.index.isin(required),
            too_close=np.sort(too_close, axis=1),
        )
        column = labels.get_indexer([_SITE.format(i) for i in allowed.index]).astype(np.int64)
        return cls(
            parking, slot, places, options, allowed.index, reach, column, kerb, versions, scale, standing
        )  # fmt: skip

    def cars(self, slot: str) -> Longs:
        """Cars of every place at a time."""
        return np.asarray(self.parking.cars.places[slot], dtype=np.int64)

    @property
    def in_reach(self) -> NDArray[np.bool_]:
        """Whether a place that may be built on is within the limit."""
        is_site = np.zeros(len(self.reach.spaces), dtype=bool)
        is_site[self.column] = True
        hit = is_site[self.reach.cost.indices] & self.reach.serves
        return np.bincount(self.reach.cost.row_of[hit], minlength=len(self.reach.cost.rows)) > 0

    def choose(self, asked: Asked, clock: Clock, versions: Versions | None = None) -> Choice:
        """Put the question to the model: lots that stand first, then sites."""
        m, chosen = len(self.reach.spaces), self.versions if versions is None else versions
        place = np.empty(m, dtype=np.int64)
        others = np.setdiff1d(np.arange(m), self.column)
        place[others], place[self.column] = np.arange(len(others)), len(others) + np.arange(len(self.column))
        ways = ways_of(self.reach.cost, self.reach.serves)
        target = place[ways.target]
        order = np.lexsort((target, ways.row))
        sorted_ways = dataclasses.replace(ways, target=target[order], cost_mm=ways.cost_mm[order])
        try:
            return choose_lots(sorted_ways, self.cars(self.slot), self.reach.spaces[others], chosen, asked, clock)
        except OutOfReach as error:
            raise NoPlan(out_of_reach(error, asked)) from error
        except NoChoice as error:
            raise NoPlan(_TOO_LATE if error.late else _NO_FIT) from error

    def built(self, choice: Choice, note: Text | None = None) -> Built:
        """Spaces of a choice by lot, what it costs and gains."""
        spaces = np.zeros(len(self.reach.spaces), dtype=np.int64)
        spaces[self.column[self.versions.site[choice.versions]]] = self.versions.spaces[choice.versions]
        return Built(
            spaces=spaces, places=len(choice.versions), gain=choice.gain, cost=Fraction(choice.cost, self.scale),
            proved=choice.proved, note=Text("", "") if note is None else note,
        )  # fmt: skip

    def only(self, upgrades: bool, asked: Asked, clock: Clock) -> Built | None:
        """Put the question to lots that stand, or to new plots, alone; what is out of reach, as far as it goes."""
        clock = start_clock(clock.time_limit_s, clock.mip_gap, clock.seed)
        mine = self.upgrades == upgrades
        if not mine.any():
            return None
        keep = mine[self.versions.site]
        at = np.flatnonzero(keep)
        some = dataclasses.replace(
            self.versions, site=self.versions.site[keep], spaces=self.versions.spaces[keep],
            cost=self.versions.cost[keep], required=np.zeros(len(mine), dtype=bool),
        )  # fmt: skip
        note: Text | None = None
        try:
            choice = self.choose(asked, clock, some)
        except NoPlan as error:
            if not isinstance(error.__cause__, OutOfReach):
                return None
            out = error.__cause__
            note = Text(
                f"仅此一项达不到目标，所列为其可达的最多（至多 {out.bound:,} 辆）",
                f"alone it does not reach the aim; the most that it can ({out.bound:,} cars at most)",
            )
            most = Asked(remove=Fraction(out.most, out.short), p=asked.p)
            choice = self.choose(most, clock, some)
        return self.built(dataclasses.replace(choice, versions=at[choice.versions]), note)

    def sites(self, choice: Choice, in_lot: Longs) -> gpd.GeoDataFrame:
        """Places chosen, the largest gain first."""
        gains = dict(zip(choice.versions.tolist(), choice.gains.tolist(), strict=True))
        order = sorted(gains, key=lambda v: (-gains[v], v))
        rows = self.options.iloc[order]
        here = self.places.loc[rows["site"]].drop(columns=["allowed", "refusal", "types_zh", "types_en", "spaces_most"])
        at = self.versions.site[order] if order else np.empty(0, dtype=np.int64)
        return gpd.GeoDataFrame(
            here.assign(
                order=np.arange(1, len(order) + 1),
                type_zh=rows["type_zh"].to_numpy(),
                type_en=rows["type_en"].to_numpy(),
                spaces=rows["spaces"].to_numpy(dtype=np.int64),
                added=rows["added"].to_numpy(dtype=np.int64),
                cost=[float(c) for c in rows["cost"]],
                gain=[gains[v] for v in order],
                gain_alone=np.minimum(choice.alone[at], rows["added"].to_numpy(dtype=np.int64)),
                cars=in_lot[self.column[at]],
            )
        )

    def slots(self, plan: Built) -> tuple[pd.DataFrame, dict[str, tuple[Longs, Longs]]]:
        """Tell what the plan does at every time, and cars short by place before and after."""
        rows, whole = [], {}
        for slot, balance in self.parking.balances.items():
            cars = self.cars(slot)
            before = balance.assignment.unparked
            after = parked_with(self.reach, cars, self.reach.spaces + plan.spaces)
            whole[slot] = (before, after.unparked)
            lost, left = int(before.sum()), int(after.unparked.sum())
            walk = after.walked_mm / 1000 / after.parked if after.parked else np.nan
            rows.append((slot, SLOTS[slot].zh, SLOTS[slot].en, int(cars.sum()), lost, left, lost - left, walk,
                         after.proved))  # fmt: skip
        return pd.DataFrame(rows, columns=SLOT_COLUMNS), whole

    def result(self, choice: Choice, asked: Asked, clock: Clock) -> SitingResult:
        """Return the answer in the form of every model."""
        chosen = self.versions.site[choice.versions]
        positions = self.places.index.get_indexer(self.site_ids[chosen]).astype(np.intp)
        order = np.argsort(positions, kind="stable")
        value, bound = float(choice.gain), float(choice.gain_bound)
        if asked.remove is not None:
            value, bound = (float(Fraction(x or 0, self.scale)) for x in (choice.cost, choice.cost_bound))
        least = None if choice.cost_bound is None else float(Fraction(choice.cost_bound, self.scale))
        types = dict(zip(self.site_ids[chosen], self.options["type_en"].iloc[choice.versions], strict=True))
        return SitingResult(
            model="parking",
            sites=positions[order],
            site_ids=tuple(self.places.index[positions[order]]),
            assignment=np.full(len(self.reach.cost.rows), -1, dtype=np.intp),
            objective=value,
            bound=bound,
            status="optimal" if choice.proved else "feasible",
            seconds=clock.seconds,
            parameters={"type": types, "short": choice.short, "gain": choice.gain,
                        "cost": float(Fraction(choice.cost, self.scale)),
                        "cost_bound": least},
        )  # fmt: skip


def out_of_reach(error: OutOfReach, asked: Asked) -> Text:
    """Say that the share is out of reach, and what is within it."""
    want = percent(float(asked.remove or 0))
    most = percent(error.most / error.short)
    proof = error.bound == error.most
    zh = "已证明" if proof else f"至多 {error.bound:,} 辆"
    en = "proved" if proof else f"{error.bound:,} at most"
    return Text(
        f"无法消除 {want} 的缺口：全部候选最多消除 {error.most:,} / {error.short:,} 辆（{most}，{zh}）",
        f"{want} of the shortage cannot be removed: all candidates remove {error.most:,} of {error.short:,} cars "
        f"({most}, {en})",
    )
