"""The clock of a search: when it must stop, how close is close enough, and who hears of its progress."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba.core import event

from siting.locate.answer import check_search
from siting.locate.solver import Progress, ReportProgress


class _Compiling(event.Listener):
    """Adds up the time that this process spends on compiling search routines, which it does once a machine."""

    def __init__(self) -> None:
        self._depth, self._since, self._over_s = 0, 0.0, 0.0

    def on_start(self, event: Any) -> None:  # noqa: ARG002
        """Note when the outermost routine began."""
        if self._depth == 0:
            self._since = time.perf_counter()
        self._depth += 1

    def on_end(self, event: Any) -> None:  # noqa: ARG002
        """Add what the outermost routine took."""
        self._depth -= 1
        if self._depth == 0:
            self._over_s += time.perf_counter() - self._since

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return self._over_s + (time.perf_counter() - self._since if self._depth > 0 else 0.0)


_COMPILING = _Compiling()
event.register("numba:compile", _COMPILING)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What a search was given.

    Attributes
    ----------
    began : of `time.perf_counter`
    time_limit_s : for the whole search; compiling its routines, once a machine, does not count
    mip_gap : relative gap at which it may stop
    seed : of everything random
    progress : is told value, bound and gap now and then
    """

    began: float
    time_limit_s: float
    mip_gap: float
    seed: int
    progress: ReportProgress | None
    compiled_before_s: float = 0.0

    @property
    def deadline(self) -> float:
        """When the search must be over, of `time.perf_counter`."""
        # On a busy machine that is new to the routines, compiling alone can outlast the limit: a plan of three
        # candidates would be left unproved.
        return self.began + self.time_limit_s + (_COMPILING.seconds - self.compiled_before_s)

    @property
    def left_s(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.deadline - time.perf_counter())

    @property
    def seconds(self) -> float:
        """Seconds since the search began."""
        return time.perf_counter() - self.began

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.perf_counter() >= self.deadline

    def settled(self, value: float, bound: float) -> bool:
        """Say whether the gap between value and bound is within the one asked for; never while there is no plan."""
        return bool(np.isfinite(value)) and abs(bound - value) <= self.mip_gap * max(1.0, abs(value))

    def tell(self, value: float, bound: float) -> None:
        """Report value and bound, in the model's own terms; does nothing where nobody listens."""
        if self.progress is not None and np.isfinite(value) and np.isfinite(bound):
            gap = abs(bound - value) / max(1.0, abs(value))
            self.progress(Progress(value=float(value), bound=float(bound), gap=gap, seconds=self.seconds))

    def turned(self, total: float, per_unit: float = 1.0) -> "Clock":
        """Return the clock of a search that counts, in units, what is missed of a total: it tells the rest."""
        tell = self.progress
        if tell is None:
            return self

        def tell_rest(now: Progress) -> None:
            value, bound = total - now.value / per_unit, total - now.bound / per_unit
            gap = abs(bound - value) / max(1.0, abs(value))
            tell(Progress(value=value, bound=bound, gap=gap, seconds=now.seconds))

        return replace(self, progress=tell_rest)


def start_clock(time_limit_s: float, mip_gap: float, seed: int, progress: ReportProgress | None = None) -> Clock:
    """Start the clock of a search.

    Raises
    ------
    InputError
        Limits of the search that make no sense.
    """
    check_search(time_limit_s, mip_gap, seed)
    return Clock(
        began=time.perf_counter(), time_limit_s=float(time_limit_s), mip_gap=float(mip_gap), seed=int(seed),
        progress=progress, compiled_before_s=_COMPILING.seconds,
    )  # fmt: skip
