"""Plans for covering with capacities: greedy by what a site would add, exchanges, and shakes where these end.

What a unit of a row is worth to a further site follows from the flow of the plan: 1 if it is unserved, or if it is
served by a site that could serve somebody else instead, directly or through a chain of sites; else 0. A site adds its
room or what it reaches of this at most, so the best such estimates are tried first. Rows that the same open sites reach
flow as one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.capacity.instance import AWAY
from siting.locate.capacity.plans import Plans
from siting.locate.capacity.transport import transport

_LOOKS, _SWAPS, _NEAR = 3, 3, 10


@dataclass
class _Flow:
    """Flow of a plan: which kind each row is of, and what each kind sends to open columns."""

    is_open: NDArray[np.bool_]
    at: NDArray[np.intp]
    of: NDArray[np.intp]
    amount: NDArray[np.int64]
    reach: NDArray[np.bool_]
    sent: NDArray[np.int64]
    missed: int


class CoverMoves:
    """Greedy and exchanges over the plans of a covering problem."""

    def __init__(self, plans: Plans) -> None:
        self.plans, self.hosts, self.best = plans, plans.hosts, plans.best
        self.away = self.hosts.ids == AWAY
        self.reach = np.isfinite(self.hosts.unit)
        self.rows_of = sparse.csr_array(self.reach.T.astype(np.float64))
        self.rng = np.random.default_rng(plans.seed)
        self.now: _Flow | None = None

    def run(self, until: float, patience: int) -> None:
        """Open the site that adds most, again and again; then exchange and shake, on from the plan of the last call.

        Parameters
        ----------
        until : seconds of the clock
        patience : shakes in a row that may lead to nothing better
        """
        if self.now is None:
            chosen = self._greedy()
            if chosen is None:
                return
            self.now = self._exchange(self._flow(chosen), until)
            self.plans.look(self.now.is_open)
        idle = 0
        while idle < patience and self.now.missed > 0 and not self.best.is_over and self.best.clock.seconds < until:
            other = self._exchange(self._shake(self.now), until)
            idle += 1
            if other.missed < self.now.missed:
                idle, self.now = 0, other
                self.plans.look(self.now.is_open)

    def _greedy(self) -> NDArray[np.bool_] | None:
        fixed = np.zeros(self.hosts.n_columns, dtype=bool)
        chosen = self.plans.choose(self._scores(self.hosts.opened, fixed))
        while chosen is not None:
            fresh = chosen & ~fixed & self.hosts.counted
            if not fresh.any():
                break
            gain = self._gains(self._flow((chosen & ~self.hosts.counted) | fixed))
            fixed[int(np.argmax(np.where(fresh, gain, -1.0)))] = True
            chosen = self.plans.choose(self._scores((chosen & ~self.hosts.counted) | fixed, fixed))
        return chosen

    def _scores(self, is_open: NDArray[np.bool_], fixed: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Score columns: chosen ones above the others, and these by what they would add."""
        gain = self._gains(self._flow(is_open))
        return np.where(fixed, 2.0, 0.5 + 0.5 * gain / max(1.0, float(gain.max(initial=0.0))))

    def _exchange(self, now: _Flow, until: float) -> _Flow:
        """Close each site and open what would add most then, until nothing is better; open what else may be."""
        found = True
        while found:
            found = False
            for j in (*np.flatnonzero(now.is_open & self.hosts.counted).tolist(), -1):
                if self.best.is_over or self.best.clock.seconds >= until:
                    return now
                if j >= 0 and not now.is_open[j]:
                    continue
                rest = now.is_open.copy()
                rest[j] &= j < 0
                for k in self._most(rest, _LOOKS, j):
                    other = self._opened(rest, k)
                    if other is not None and other.missed < now.missed:
                        now, found = other, True
                        break
        return now

    def _shake(self, now: _Flow) -> _Flow:
        """Replace some sites at random by others that add much."""
        for _ in range(int(self.rng.integers(2, _SWAPS + 1))):
            among = np.flatnonzero(now.is_open & self.hosts.counted)
            if len(among) == 0:
                break
            rest = now.is_open.copy()
            j = int(self.rng.choice(among))
            rest[j] = False
            likely = self._most(rest, _NEAR, j)
            other = self._opened(rest, int(self.rng.choice(likely))) if likely else None
            now = now if other is None else other
        return now

    def _most(self, rest: NDArray[np.bool_], count: int, closed: int) -> list[int]:
        gain = self._gains(self._flow(rest))
        gain[rest | self.away] = 0.0
        gain[max(closed, 0)] *= closed < 0
        most = np.argsort(-gain, kind="stable")[:count]
        return [int(k) for k in most if gain[k] > 0]

    def _opened(self, rest: NDArray[np.bool_], k: int) -> _Flow | None:
        """Open a column, another version of its site closes; None if conditions forbid it."""
        is_open = rest & (self.hosts.group != self.hosts.group[k])
        is_open[k] = True
        return self._flow(is_open) if self.hosts.allows(is_open) else None

    def _flow(self, is_open: NDArray[np.bool_]) -> _Flow:
        is_open = is_open | self.away
        at = np.flatnonzero(is_open)
        packed = np.packbits(self.reach[:, at], axis=1)
        keys = np.zeros((len(packed), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
        keys[:, : packed.shape[1]] = packed
        wide = keys.view(np.uint64)
        key = wide[:, 0] if wide.shape[1] == 1 else wide
        _, first, of = np.unique(key, axis=0, return_index=True, return_inverse=True)
        of = of.reshape(-1)
        amount = np.zeros(len(first), dtype=np.int64)
        np.add.at(amount, of, self.hosts.amount)
        unit = self.hosts.unit[np.ix_(first, at)]
        sent = transport(unit, amount, self.hosts.room[at])
        if sent is None:  # pragma: no cover - all may stay away
            sent = np.where(self.away[at], amount[:, None], 0)
        missed = int(sent[:, self.away[at]].sum())
        return _Flow(is_open, at, of, amount, np.isfinite(unit), sent, missed)

    def _gains(self, flow: _Flow) -> NDArray[np.float64]:
        """Return at most what each column adds to open ones."""
        counts = self.away[flow.at]
        worth = flow.sent[:, counts].sum(axis=1)
        while True:
            # Sites that reach what is worth something could serve that, if another took over what they serve.
            more = ~counts & flow.reach[worth > 0].any(axis=0)
            if not more.any():
                break
            counts = counts | more
            worth = flow.sent[:, counts].sum(axis=1)
        by_row = (worth / np.maximum(flow.amount, 1))[flow.of] * self.hosts.amount
        gain = self.rows_of @ by_row
        found: NDArray[np.float64] = np.minimum(np.minimum(gain, self.hosts.room), flow.missed).astype(np.float64)
        return found
