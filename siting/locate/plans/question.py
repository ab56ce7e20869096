"""What a plan asks of its model: the function of `siting.locate`, with its arguments."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import shapely

from siting.errors import InfeasibleError, InputError
from siting.locate.alternatives import Alternative, alternatives
from siting.locate.backup_coverage import backup_coverage
from siting.locate.budget_cover import budget_cover
from siting.locate.capacitated import capacitated
from siting.locate.capacitated_cover import capacitated_cover
from siting.locate.conditions import pairs_closer_than, read_p
from siting.locate.facility_location import facility_location
from siting.locate.gradual_cover import gradual_cover
from siting.locate.lscp import lscp
from siting.locate.mclp import mclp
from siting.locate.p_center import p_center
from siting.locate.p_dispersion import p_dispersion
from siting.locate.p_median import p_median
from siting.locate.partial import partial_cover
from siting.locate.plans.layout import SERVED_BY_MASK, Layout
from siting.locate.result import SitingResult

Model = Literal[
    "mclp", "lscp", "backup_coverage", "gradual_cover", "p_median", "p_center", "p_dispersion", "facility_location",
    "capacitated", "capacitated_cover",
]  # fmt: skip
M_PER_KM = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of a model, beside conditions on the sites.

    Attributes
    ----------
    limit, reach : in the unit of the costs
    prices, priced_by : of each candidate, by id, where sites are paid, and the column that they stand in
    per_person_km : what a person's kilometre counts, in the money of ``prices``
    capacity : of each column, by label
    """

    model: Model
    p: int | None = None
    target: float | None = None
    limit: float | None = None
    reach: float | None = None
    budget: float | None = None
    prices: "pd.Series[float] | None" = None
    priced_by: str | None = None
    per_person_km: float | None = None
    capacity: "pd.Series[float] | None" = None

    @property
    def money_per_metre(self) -> float | None:
        """What a person's metre counts; None where ways are not paid."""
        return None if self.per_person_km is None else self.per_person_km / M_PER_KM


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConditions:
    """Conditions on sites, by candidate id; zones and counts as `siting.locate.conditions.read_conditions` has them.

    Attributes
    ----------
    points : of all candidates, by id
    n_allowed : candidates that may be used; ``p`` cannot be more
    """

    required: list[str]
    excluded: list[str]
    min_spacing_m: float | None
    points: gpd.GeoSeries
    n_allowed: int
    zones: "pd.Series[Any] | None" = None
    at_least: Mapping[str, int] | None = None
    at_most: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A model with its arguments; ``scale`` turns its objective into money where ways are paid.

    Where a model proposes its ``unassigned_cost``, a study gives ``reach_m``.
    """

    model: Callable[..., SitingResult]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    scale: float = 1.0

    def answer(self) -> SitingResult:
        """Ask once."""
        with self._in_words_of_a_study():
            return _scaled(self.model(*self.args, **self.kwargs), self.scale)

    def answers(self, n: int, max_loss: float | None) -> tuple[Alternative, ...]:
        """Ask for plans that are nearly as good as well; they take as much time again."""
        more = {} if max_loss is None else {"max_loss": max_loss}
        given = {**self.kwargs, "time_limit_s": 2 * self.kwargs["time_limit_s"]}
        with self._in_words_of_a_study():
            found = alternatives(self.model, *self.args, n=n, **more, **given)
        return tuple(dataclasses.replace(one, result=_scaled(one.result, self.scale)) for one in found)

    @contextmanager
    def _in_words_of_a_study(self) -> Iterator[None]:
        try:
            yield
        except InfeasibleError as error:
            told = re.sub(r"[Gg]ive unassigned_cost.*$", "give reach_m: who has no place within it is told", str(error))
            raise InfeasibleError(told) from None


def ask(
    name: str,
    wanted: Wanted,
    layout: Layout,
    weight: "pd.Series[float]",
    served: "pd.Series[bool]",
    conditions: SiteConditions,
    search: Mapping[str, Any],
) -> Question:
    """Put the question of a plan to its model.

    Parameters
    ----------
    weight, served : of each demand row, by id
    search : ``time_limit_s``, ``mip_gap``, ``seed``, ``progress``

    Raises
    ------
    InputError
        Something is missing that the model needs.
    """
    given = {**_conditions(wanted, layout, conditions), **search}
    if wanted.model in SERVED_BY_MASK:
        return _covering(name, wanted, layout, weight, {**given, "served": served}, conditions)
    known = None if wanted.model == "p_dispersion" else weight.reindex(pd.Index(layout.cost.rows))
    every = (layout.cost, known)
    if wanted.model == "backup_coverage":
        given["p"] = None if wanted.p is None else _p(name, wanted, conditions)
        return Question(model=backup_coverage, args=(layout.cost, _limit(name, wanted), known), kwargs=given)
    if wanted.model == "gradual_cover":
        args = (
            *every,
            _limit(name, wanted),
            _need(name, wanted, wanted.reach, "reach_m"),
            _p(name, wanted, conditions),
        )
        return Question(model=gradual_cover, args=args, kwargs=given)
    if wanted.model == "capacitated_cover":
        room = _need(name, wanted, wanted.capacity, "capacity")
        args = (*every, _limit(name, wanted), _p(name, wanted, conditions), room)
        return Question(model=capacitated_cover, args=args, kwargs=given)
    if wanted.model in ("p_center", "p_dispersion"):
        model = p_center if wanted.model == "p_center" else p_dispersion
        return Question(model=model, args=(layout.cost, _p(name, wanted, conditions)), kwargs=given)
    given["unassigned_cost"] = wanted.reach
    if wanted.model == "p_median":
        return Question(model=p_median, args=(*every, _p(name, wanted, conditions)), kwargs=given)
    metre, p = wanted.money_per_metre, None if wanted.p is None else _p(name, wanted, conditions)
    opening = None
    if wanted.prices is not None:
        if metre is None:
            msg = f"{name}: {wanted.model} with a price of sites needs per_person_km, what a person's kilometre counts"
            raise InputError(msg)
        opening = (wanted.prices / metre).reindex(pd.Index(layout.cost.columns)).fillna(0.0)
    scale = 1.0 if metre is None or opening is None else metre
    if wanted.model == "facility_location":
        price = _need(name, wanted, opening, "a price of sites")
        return Question(model=facility_location, args=(*every, price, p), kwargs=given, scale=scale)
    capacity = _need(name, wanted, wanted.capacity, "capacity")
    return Question(model=capacitated, args=(*every, capacity, opening, p), kwargs=given, scale=scale)


def _covering(
    name: str, wanted: Wanted, layout: Layout, weight: "pd.Series[float]", given: dict[str, Any],
    conditions: SiteConditions,
) -> Question:  # fmt: skip
    limit = _limit(name, wanted)
    if wanted.target is not None:
        # The fewest sites for a share: both models ask the same question then.
        searched = {k: v for k, v in given.items() if k not in ("mip_gap", "progress")}
        return Question(model=partial_cover, args=(layout.cost, weight, limit, wanted.target), kwargs=searched)
    if wanted.model == "lscp":
        return Question(model=lscp, args=(layout.cost, limit), kwargs={**given, "weight": weight, "serve": "reachable"})
    if wanted.budget is not None:
        assert wanted.prices is not None
        prices = wanted.prices.reindex(pd.Index(layout.cost.columns)).fillna(0.0)
        return Question(model=budget_cover, args=(layout.cost, weight, limit, prices, wanted.budget), kwargs=given)
    if wanted.p is None:
        msg = f"{name}: mclp needs p (number of sites), a budget, or target (the share to be served)"
        raise InputError(msg)
    return Question(model=mclp, args=(layout.cost, weight, limit, _p(name, wanted, conditions)), kwargs=given)


def _conditions(wanted: Wanted, layout: Layout, conditions: SiteConditions) -> dict[str, Any]:
    """Return the conditions as the models take them."""
    spacing, names = conditions.min_spacing_m, pd.Index(layout.cost.columns)
    found: dict[str, Any] = {"required": conditions.required, "excluded": conditions.excluded}
    places = names[~names.isin(layout.existing)]
    xy = None if spacing is None else shapely.get_coordinates(conditions.points.loc[places].array)
    if wanted.model in SERVED_BY_MASK:
        found |= {"min_spacing_m": spacing, "xy": xy}
    else:
        # What exists keeps no candidate away here: those too near to it are refused before, required ones excepted.
        found["existing"] = list(layout.existing)
        if spacing is not None and xy is not None:
            pairs = places.to_numpy()[pairs_closer_than(xy, spacing)]
            found["too_close"] = list(map(tuple, pairs.tolist()))
    if conditions.zones is not None:
        zones = conditions.zones.reindex(names)
        found |= {"zones": zones, "at_least": conditions.at_least, "at_most": conditions.at_most}
    return found


def _limit(name: str, wanted: Wanted) -> float:
    return float(_need(name, wanted, wanted.limit, "limit_m"))


def _p(name: str, wanted: Wanted, conditions: SiteConditions) -> int:
    return read_p(_need(name, wanted, wanted.p, "p"), conditions.n_allowed)


def _need(name: str, wanted: Wanted, value: Any, what: str) -> Any:
    if value is None:
        msg = f"{name}: {wanted.model} needs {what}"
        raise InputError(msg)
    return value


def _scaled(result: SitingResult, scale: float) -> SitingResult:
    """Return the answer with its objective in money."""
    if scale == 1.0:
        return result
    gain = result.gain if result.flows is not None else result.gain * scale
    return dataclasses.replace(result, objective=result.objective * scale, bound=result.bound * scale, gain=gain)
