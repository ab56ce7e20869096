"""Plans with capacities from where the bound points: open what looks open, send all, then open and close."""

import numpy as np
from numpy.typing import NDArray

from siting.locate.capacity.best import Found, send, whole_flow
from siting.locate.capacity.dual import decide
from siting.locate.capacity.moves import assign
from siting.locate.capacity.node import Relaxed

_TRIES, _LOOKS, _LIKELY = 30, 60, 0.5
_WORK = 100_000_000
_MOVES, _PROMISING, _NEAR = 20, 0.01, 8


class Plans:
    """Sets of open columns that were tried, and the best plan."""

    def __init__(self, relaxed: Relaxed, best: Found) -> None:
        self.relaxed, self.hosts, self.best = relaxed, relaxed.hosts, best
        self.tried: set[bytes] = set()
        hosts = relaxed.hosts
        several = ~hosts.counted & ~hosts.opened
        self.several = [np.flatnonzero(several & (hosts.group == g)) for g in np.unique(hosts.group[several])]
        self.seed = best.clock.seed

    def choose(self, score: NDArray[np.float64]) -> NDArray[np.bool_] | None:
        """Open columns of the highest scores within the conditions until there is room for all; None if never."""
        hosts = self.hosts
        is_open = hosts.opened.copy()
        for columns in self.several:
            is_open[columns[np.argmax(score[columns])]] = True
        room, left = int(hosts.room[is_open].sum()), hosts.q
        zones = [(set(columns.tolist()), least, most) for columns, least, most in hosts.quotas]
        count = [int(is_open[list(members)].sum()) for members, _, _ in zones]
        spare = left - sum(max(0, z[1] - k) for z, k in zip(zones, count, strict=True))
        for j in np.argsort(-score, kind="stable").tolist():
            if is_open[j] or not hosts.counted[j] or left == 0 or any(is_open[k] for k in self.relaxed.near[j]):
                continue
            mine = [z for z, (members, _, _) in enumerate(zones) if j in members]
            lacking = any(count[z] < zones[z][1] for z in mine)
            if any(count[z] >= zones[z][2] for z in mine) or not (lacking or spare > 0):
                continue
            if not (lacking or score[j] >= _LIKELY or room < hosts.total):
                continue
            is_open[j] = True
            room, left, spare = room + int(hosts.room[j]), left - 1, spare - (not lacking)
            for z in mine:
                count[z] += 1
        self._enlarge(is_open)
        return is_open if hosts.room[is_open].sum() >= hosts.total and hosts.allows(is_open) else None

    def _enlarge(self, is_open: NDArray[np.bool_]) -> None:
        """Take larger versions of open sites, those that cost least by unit of room, until there is room for all."""
        hosts = self.hosts
        while hosts.n_versions > 1 and (lack := hosts.total - int(hosts.room[is_open].sum())) > 0:
            steps = [
                ((hosts.price[i] - hosts.price[j]) / min(lack, hosts.room[i] - hosts.room[j]), i, j)
                for j in np.flatnonzero(is_open).tolist()
                for i in hosts.versions_of(j).tolist()
                if hosts.room[i] > hosts.room[j]
            ]
            if not steps:
                return
            _, i, j = min(steps)
            is_open[j], is_open[i] = False, True

    def look(self, is_open: NDArray[np.bool_]) -> bool:
        """Send all demand to such columns; True if the plan is the best so far."""
        key = np.packbits(is_open).tobytes()
        if key in self.tried:
            return False
        self.tried.add(key)
        hosts = self.hosts
        if hosts.room[is_open].sum() < hosts.total:
            return False
        if not hosts.single:
            flow = send(hosts, is_open)
            return flow is not None and self.best.offer(flow, is_open)
        return self._look_whole(is_open)

    def _look_whole(self, is_open: NDArray[np.bool_]) -> bool:
        """Send whole rows; where that is promising, search longer, and move each site to the middle of its rows."""
        hosts, found = self.hosts, False
        for _ in range(_MOVES):
            at = np.flatnonzero(is_open)
            to = self._rounded(is_open)
            if to is None:
                return found
            cost = np.ascontiguousarray(self.relaxed.cost[at].T)
            value = assign(cost, hosts.amount, hosts.room[at], self.seed, 0, to)
            if not np.isfinite(value):
                return found
            if value + hosts.price[at].sum() < self.best.value * (1 + _PROMISING):
                assign(cost, hosts.amount, hosts.room[at], self.seed, _TRIES, to)
            found |= self._offer(at[to], is_open)
            moved, is_open = self._recentre(at[to], is_open)
            key = np.packbits(is_open).tobytes()
            if not (is_open[moved].all() and hosts.allows(is_open)):
                return found
            found |= self._offer(moved, is_open)
            if key in self.tried:
                return found
            self.tried.add(key)
        return found

    def _rounded(self, is_open: NDArray[np.bool_]) -> NDArray[np.int64] | None:
        """Begin with the rows that go as a whole where rows may be split, if that is less work; -1 = to be placed.

        None where even then the plan would be no better than the best.
        """
        hosts = self.hosts
        to = np.full(hosts.n_rows, -1, dtype=np.int64)
        if not hosts.covers and hosts.n_rows**2 * int(is_open.sum()) <= _WORK:
            return to
        flow = send(hosts, is_open)
        if flow is None:
            return None
        row, place = np.nonzero(flow)
        if (flow[row, place] * hosts.unit[:, is_open][row, place]).sum() >= self.best.cut:
            return None
        row, place = np.nonzero(flow == hosts.amount[:, None])
        to[row] = place
        return to

    def _offer(self, column: NDArray[np.intp], is_open: NDArray[np.bool_]) -> bool:
        flow = whole_flow(self.hosts, column, is_open)
        return flow is not None and self.best.offer(flow, is_open)

    def _recentre(
        self, column: NDArray[np.intp], is_open: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Replace each open column by the one that serves the same rows at least cost, prices included."""
        hosts = self.hosts
        column, is_open = column.copy(), is_open.copy()
        for j in np.flatnonzero(is_open & hosts.counted).tolist():
            rows = np.flatnonzero(column == j)
            load = hosts.amount[rows].sum()
            total = self.relaxed.cost[:, rows].sum(axis=1) + hosts.price
            total[is_open | ~hosts.counted | (hosts.room < load)] = np.inf
            k = int(np.argmin(total))
            if total[k] < self.relaxed.cost[j, rows].sum() + hosts.price[j]:
                is_open[j], is_open[k] = False, True
                column[rows] = k
        return column, is_open

    def around(self, score: NDArray[np.float64]) -> None:
        """Try what the scores point at, then sets that differ from the best by a column or two, the likeliest first."""
        first = self.choose(score)
        if first is not None:
            self.look(first)
        for shake in range(3):
            if np.isfinite(self.best.value):
                break
            rng = np.random.default_rng(self.seed + shake)
            other = self.choose(rng.random(len(score)) * 0.45 + score)
            if other is not None:
                self.look(other)

    def better(self, v: NDArray[np.float64], shakes: int) -> None:
        """Open, close and exchange columns of the best plan, the likeliest first, then some at random."""
        best = self.best
        rng = np.random.default_rng(self.seed)
        rho = self._rho(v)
        while not best.is_over and np.isfinite(best.value):
            out, into, least = self._exchanges(v, rho)
            if self._likeliest(out, into, least):
                continue
            for _ in range(shakes):
                a = int(rng.integers(len(out)))
                b = int(np.argsort(least[a], kind="stable")[rng.integers(min(_NEAR, len(into)))])
                if best.is_over or self.exchange(int(out[a]), int(into[b])):
                    break
            else:
                return

    def _exchanges(
        self, v: NDArray[np.float64], rho: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Columns to close and to open (-1 = none), and what the plan costs at least after each exchange."""
        is_open, hosts = self.best.is_open, self.hosts
        out = np.append(np.flatnonzero(is_open & hosts.counted), -1)
        into = np.append(np.flatnonzero(~is_open), -1)
        base = float(v.sum() + rho[is_open].sum())
        own = np.zeros(int(hosts.group.max()) + 1)
        own[hosts.group[is_open]] = rho[is_open]
        more = np.append(rho, 0.0)
        # Another version of an open site takes its place.
        instead = more[into] - np.append(own[hosts.group], 0.0)[into]
        least = base - more[out][:, None] + instead[None, :]
        least[np.append(hosts.group, -1)[out][:, None] == np.append(hosts.group, -2)[into][None, :]] = np.inf
        return out, into, least

    def _likeliest(self, out: NDArray[np.intp], into: NDArray[np.intp], least: NDArray[np.float64]) -> bool:
        for k in np.argsort(least, axis=None, kind="stable")[:_LOOKS]:
            a, b = np.unravel_index(k, least.shape)
            if least[a, b] >= self.best.cut or self.best.is_over:
                return False
            if self.exchange(int(out[a]), int(into[b])):
                return True
        return False

    def exchange(self, closed: int, opened: int) -> bool:
        """Close a column and open another, -1 = none; True if the plan is the best so far."""
        is_open = self.best.is_open.copy()
        if closed >= 0:
            is_open[closed] = False
        if opened >= 0:
            is_open[self.hosts.group == self.hosts.group[opened]] = False
            is_open[opened] = True
        return self.hosts.allows(is_open) and self.look(is_open)

    def _rho(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost of each column on its own at such multipliers."""
        m = self.hosts.n_columns
        opened, closed = np.empty(m), np.empty(m)
        every = np.zeros(m, dtype=np.int64)
        alone, free = np.arange(m), np.ones(m, dtype=bool)
        decide(*self.relaxed.given[:6], alone, free, every, m, self.hosts.single, v, opened, closed)
        # Where any number may be open, each by itself, open costs rho more than closed.
        return np.asarray(opened - closed)
