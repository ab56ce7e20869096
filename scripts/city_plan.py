"""The plan of a synthetic city: streets of a lattice that is thinned out, shaken, bent and warped; see `make_city`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]

ORIGIN = (500_000.0, 4_000_000.0)  # the middle of the city
SPACING_M, BLOCK, SUBDISTRICT = 80.0, 8, 5
LATTICE_SHARE = 0.44  # of all vertices; the others are bends and the ends of lanes
CLASSES = ("primary", "secondary", "tertiary", "residential", "service", "footway")
PRIMARY, SECONDARY, TERTIARY, RESIDENTIAL, SERVICE, FOOTWAY = range(6)
HOMES_ALONG = np.array([0.3, 0.6, 0.8, 1.0, 0.8, 0.0])  # how readily houses stand along each class
OPEN, ESTATE, WORKS, PARK = range(4)  # kinds of blocks


@dataclass(frozen=True, slots=True, eq=False)
class Waves:
    """Smooth displacement of the flat plan, so gentle that nothing folds."""

    amplitude: Floats
    vector: Floats
    phase: Floats

    @classmethod
    def of(cls, rng: np.random.Generator) -> "Waves":
        """Draw six waves, three sizes of two."""
        length = np.array([6000.0, 5200.0, 2300.0, 2000.0, 900.0, 800.0])
        angle = rng.uniform(0, 2 * np.pi, len(length))
        vector = 2 * np.pi / length[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        amplitude = np.repeat([[230.0], [80.0], [18.0]], 2, axis=0) * rng.uniform(0.6, 1.0, (len(length), 2))
        return cls(amplitude / np.sqrt(2), vector, rng.uniform(0, 2 * np.pi, (len(length), 2)))

    def warp(self, flat: Floats) -> Floats:
        """Coordinates of the CRS, to the millimetre."""
        made = flat + np.asarray(ORIGIN)
        for amplitude, vector, phase in zip(self.amplitude, self.vector, self.phase, strict=True):
            along = flat @ vector
            made += amplitude * np.sin(along[:, None] + phase)
        return np.asarray(np.round(made, 3))

    def outlines(self, corners: Floats, step_m: float = SPACING_M / 2) -> Shapes:
        """Polygons of flat rectangles ``(n, 4)`` west, south, east, north; sides that two share are drawn alike."""
        if not len(corners):
            return np.empty(0, dtype=object)
        west, south, east, north = corners.T
        steps = max(1, round(float((east - west).max()) / step_m))
        t, one = np.linspace(0, 1, steps, endpoint=False), np.zeros(steps)
        ring_x = np.concatenate([t, one + 1, 1 - t, one])
        ring_y = np.concatenate([one, t, one + 1, 1 - t])
        x = west[:, None] + (east - west)[:, None] * ring_x
        y = south[:, None] + (north - south)[:, None] * ring_y
        rings = self.warp(np.column_stack([x.ravel(), y.ravel()])).reshape(len(corners), -1, 2)
        return np.asarray(shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1)), dtype=object)


class Plan:
    """The flat plan: which lattice points and streets there are, before bends and waves."""

    def __init__(self, nodes: int, rng: np.random.Generator) -> None:
        wanted = nodes * LATTICE_SHARE
        self.half = BLOCK * (int(np.ceil(np.sqrt(wanted) * 0.72 / BLOCK)) + 1)
        self.blocks = 2 * self.half // BLOCK
        self.phase = rng.uniform(0, 2 * np.pi, 16)
        self.radius = 1.0
        centre = (np.arange(self.blocks) + 0.5) * BLOCK - self.half
        xx, yy = np.meshgrid(centre, centre, indexing="ij")
        rank = self.rank(SPACING_M * np.column_stack([xx.ravel(), yy.ravel()]))
        kept = np.argsort(rank, kind="stable")[: max(1, round(wanted / BLOCK**2))]
        self.inside = np.zeros(self.blocks**2, dtype=bool)
        self.inside[kept] = True
        self.radius = float(rank[kept].max())
        draw = rng.random(self.blocks**2)
        self.kind = np.select([draw < 0.03, draw < 0.11, draw < 0.28], [PARK, WORKS, ESTATE], OPEN)
        self.kind[kept[0]] = OPEN
        self.river = max(15.0, min(0.012 * self.radius, 110.0)) if len(kept) >= 6 else None
        quarter_kind = self.kind.reshape(self.blocks, self.blocks).repeat(2, axis=0).repeat(2, axis=1)
        self.quarter_park = (rng.random(quarter_kind.shape) < 0.03) & (quarter_kind == OPEN)
        self.quarter_home = rng.random(quarter_kind.shape) < np.where(quarter_kind == ESTATE, 0.8, 0.5)
        self._thin_out(rng)

    def rank(self, flat: Floats) -> Floats:
        """Distance from the centre, 1 at the city's ragged edge (once its radius is known)."""
        angle, ragged = np.arctan2(flat[:, 1], flat[:, 0]), np.ones(len(flat))
        for k, size in ((2, 0.14), (3, 0.1), (5, 0.06), (7, 0.04)):
            ragged += size * np.cos(k * angle + self.phase[k])
        return np.asarray(np.hypot(*flat.T) / ragged / self.radius)

    def crooked(self, flat: Floats) -> Floats:
        """From 0 (straight and new) to 1 (old and crooked)."""
        x, y = (flat / SPACING_M).T
        noise = np.sin(0.17 * x + 0.05 * y + self.phase[8]) + np.sin(0.06 * x - 0.15 * y + self.phase[9])
        return np.asarray(np.clip(0.55 + 0.3 * noise - 0.25 * self.rank(flat), 0, 1))

    def density(self, flat: Floats) -> Floats:
        """How many live here: most in the centre, less so outwards, with a few towns within the city."""
        dense = np.exp(-1.4 * self.rank(flat))
        for k in range(3):
            angle = self.phase[10 + k]
            town = 0.6 * self.radius * np.array([np.cos(angle), np.sin(angle)])
            dense += 0.5 * np.exp(-8.0 * ((flat - town) ** 2).sum(axis=1) / self.radius**2)
        return np.asarray(np.where(self.kind[self.block_at(flat)] == WORKS, 0.1, 1.0) * dense)

    def lively(self, flat: Floats) -> Floats:
        """Where shops gather."""
        return np.asarray(self.density(flat) ** 2)

    def block_at(self, flat: Floats) -> Longs:
        """Position of the block that a place lies in."""
        cell = np.floor(flat / (SPACING_M * BLOCK) + 1e-9).astype(np.int64) + self.blocks // 2
        i, j = np.clip(cell, 0, self.blocks - 1).T
        return np.asarray(i * self.blocks + j)

    def beside_river(self, flat: Floats) -> Floats:
        """Metres north of the middle of the river."""
        across = 0.15 + 0.12 * np.sin(2.6 * flat[:, 0] / self.radius + self.phase[14])
        return np.asarray(flat[:, 1] + self.radius * across)

    def _thin_out(self, rng: np.random.Generator) -> None:
        """Choose among the lattice's streets, add lanes, bridges and embankments, and drop what hangs loose."""
        self.side = 2 * self.half + 1
        number = np.arange(self.side**2).reshape(self.side, self.side)
        at = np.stack(np.meshgrid(*2 * [np.arange(-self.half, self.half + 1)], indexing="ij"), axis=-1)
        place = SPACING_M * at.reshape(-1, 2)
        tail = np.concatenate([number[:-1].ravel(), number[:, :-1].ravel()])
        head = np.concatenate([number[1:].ravel(), number[:, 1:].ravel()])
        east = np.arange(len(tail)) < number[:-1].size
        along = np.where(east, at.reshape(-1, 2)[tail, 1], at.reshape(-1, 2)[tail, 0])  # number of the street's line
        middle = 0.5 * (place[tail] + place[head])
        inwards = np.where(east[:, None], [[0.0, 1.0]], [[1.0, 0.0]])
        block, other = self.block_at(middle + inwards), self.block_at(middle - inwards)
        quarter = self._quarter_at(middle + inwards)
        kind = np.select([along % 16 == 0, along % 8 == 0, along % 4 == 0], [PRIMARY, SECONDARY, TERTIARY], RESIDENTIAL)
        within = self.kind[block]
        in_park = (within == PARK) | (self.quarter_park.ravel()[quarter] & (along % 4 != 0))
        old, far = self.crooked(middle), np.clip((self.rank(middle) - 0.7) / 0.35, 0, 1)
        chance = np.select(
            [kind <= SECONDARY, in_park, within == ESTATE, within == WORKS, kind == TERTIARY],
            [1.0, 0.35, 0.42, 0.25, 0.95 - 0.2 * far],
            0.83 - 0.2 * old - 0.35 * far,
        )
        local = kind > SECONDARY
        kind = np.where(local & in_park, FOOTWAY, np.where(local & (within != OPEN) & ~in_park, SERVICE, kind))
        there = (self.inside[block] | (self.inside[other] & ~local)) & self._dry(place)[tail] & self._dry(place)[head]
        there &= np.sign(self._bank(place[tail])) == np.sign(self._bank(place[head]))
        lot = rng.random(len(tail))
        taken = there & (lot < chance)
        extra = [self._diagonals(number, place, rng), *self._over_river(number, place, rng)]
        line = np.where(east, 2 * (along + self.half) + 1, 2 * (along + self.half) + 2)
        columns = [tail[taken], head[taken], kind[taken], np.zeros(taken.sum(), dtype=np.int64), line[taken]]
        columns = [np.concatenate([c, *(e[k] for e in extra)]) for k, c in enumerate(columns)]
        order = np.lexsort((columns[4], self.block_at(0.5 * (place[columns[0]] + place[columns[1]]))))
        columns = [c[order] for c in columns]
        keep = not_loose(columns[0], columns[1], self.side**2)
        columns = [c[keep] for c in columns]
        used, ends = np.unique(np.concatenate(columns[:2]), return_inverse=True)
        columns[:2] = np.split(ends, 2)
        arterial = (at.reshape(-1, 2)[used] % BLOCK == 0).any(axis=1)
        shake = SPACING_M * np.where(arterial, 0.04, 0.06 + 0.16 * self.crooked(place[used]))
        self.flat = place[used] + shake[:, None] * rng.uniform(-1, 1, (len(used), 2))
        lanes = np.flatnonzero(there & ~taken & local & ~in_park & (rng.random(len(tail)) < 0.13))
        self._add_lanes(columns, used, tail[lanes], head[lanes], kind[lanes], rng)

    def _add_lanes(
        self, columns: list[Longs], used: Longs, tail: Longs, head: Longs, kind: Longs, rng: np.random.Generator
    ) -> None:
        """Give the streets their final numbers, with dead-end lanes where a street was left out."""
        position = np.full(self.side**2, -1, dtype=np.int64)
        position[used] = np.arange(len(used))
        swap = rng.random(len(tail)) < 0.5
        start, goal = position[np.where(swap, head, tail)], position[np.where(swap, tail, head)]
        both = (start >= 0) & (goal >= 0)
        start, goal, kind = start[both], goal[both], kind[both]
        share = rng.uniform(0.3, 0.6, len(start))[:, None]
        ends = len(self.flat) + np.arange(len(start))
        self.flat = np.concatenate([self.flat, self.flat[start] + share * (self.flat[goal] - self.flat[start])])
        none = np.zeros(len(start), dtype=np.int64)
        lanes = (start, ends, np.where(kind == RESIDENTIAL, SERVICE, kind), none, none)
        self._columns = [np.concatenate(pair) for pair in zip(columns, lanes, strict=True)]

    def streets(self) -> tuple[Longs, Longs, Longs, Flags, Longs]:
        """Return ends, class, whether it is a bridge, and line (0: unnamed) of every street."""
        tail, head, kind, bridge, line = self._columns
        return tail, head, kind, bridge.astype(bool), line

    def names(self, line: Longs) -> Shapes:
        """Names of the lines: 纬 run east, 经 run north."""
        table = ["", *(f"{'纬' if k % 2 else '经'}{(k + 1) // 2}路" for k in range(1, int(line.max()) + 1))]
        return np.array(table, dtype=object)[line]

    def _bank(self, flat: Floats) -> Floats:
        return np.ones(len(flat)) if self.river is None else self.beside_river(flat)

    def _dry(self, flat: Floats) -> Flags:
        return np.asarray(self.river is None) | (np.abs(self._bank(flat)) > (self.river or 0.0) + 20.0)

    def _quarter_at(self, flat: Floats) -> Longs:
        cell = np.floor(flat / (SPACING_M * BLOCK / 2) + 1e-9).astype(np.int64) + self.blocks
        i, j = np.clip(cell, 0, 2 * self.blocks - 1).T
        return np.asarray(i * 2 * self.blocks + j)

    def _diagonals(self, number: Longs, place: Floats, rng: np.random.Generator) -> tuple[Longs, ...]:
        """Lanes across the blocks of old quarters, at most one a block."""
        tail, head = number[:-1, :-1].ravel(), number[1:, 1:].ravel()
        middle = 0.5 * (place[tail] + place[head])
        block = self.block_at(middle)
        old = self.inside[block] & (self.kind[block] == OPEN) & ~self.quarter_park.ravel()[self._quarter_at(middle)]
        old &= np.abs(self._bank(middle)) > (0.0 if self.river is None else self.river + 3 * SPACING_M)
        chosen = old & (rng.random(len(tail)) < 0.12 * (self.crooked(middle) > 0.6))
        swap = rng.random(len(tail)) < 0.5
        tail, head = np.where(swap, number[1:, :-1].ravel(), tail), np.where(swap, number[:-1, 1:].ravel(), head)
        none = np.zeros(int(chosen.sum()), dtype=np.int64)
        return tail[chosen], head[chosen], none + RESIDENTIAL, none, none

    def _over_river(self, number: Longs, place: Floats, rng: np.random.Generator) -> list[tuple[Longs, ...]]:
        """Bridges of arterial roads, and streets along both banks."""
        if self.river is None:
            return []
        bank = self.beside_river(place).reshape(number.shape)
        dry = np.abs(bank) > self.river + 20.0
        south, north = (dry & (bank < 0)).sum(axis=1) - 1, self.side - (dry & (bank > 0)).sum(axis=1)
        column = np.arange(self.side)
        within = (south >= 0) & (north < self.side)
        middle = np.column_stack([place[number[:, 0], 0], np.zeros(self.side)])
        middle[:, 1] -= self.beside_river(middle)
        within &= self.inside[self.block_at(middle)]
        crossed = within & ((column - self.half) % 16 == 0)
        crossed |= within & ((column - self.half) % 8 == 0) & (rng.random(self.side) < 0.2)
        at = column[crossed]
        one = np.ones(len(at), dtype=np.int64)
        kind = np.where((at - self.half) % 16 == 0, PRIMARY, SECONDARY)
        found = [(number[at, south[at]], number[at, north[at]], kind, one, 2 * at + 2)]
        for row in (south, north):
            near = within[:-1] & within[1:] & (np.abs(np.diff(row)) == 1)  # where it is level there is a street already
            k = np.flatnonzero(near)
            none = np.zeros(len(k), dtype=np.int64)
            found.append((number[k, row[k]], number[k + 1, row[k + 1]], none + TERTIARY, none, none))
        return found

    def _squares(self, chosen: Flags, across: int, inset_m: float) -> Floats:
        """West, south, east and north of the chosen squares of a grid, ``across`` of them along one side."""
        i, j = np.divmod(np.flatnonzero(chosen), across)
        size = 2 * self.half * SPACING_M / across
        low = np.column_stack([i, j]) * size - self.half * SPACING_M
        return np.column_stack([low + inset_m, low + size - inset_m])

    def green(self, waves: Waves, rng: np.random.Generator) -> Shapes:
        """Parks: whole blocks, quarters of blocks, and small ones between four streets."""
        inside = self.inside.reshape(self.blocks, self.blocks)
        open_block = inside & (self.kind.reshape(inside.shape) == OPEN)
        large = inside & (self.kind.reshape(inside.shape) == PARK)
        medium = self.quarter_park & inside.repeat(2, axis=0).repeat(2, axis=1)
        small = open_block.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
        small &= ~self.quarter_park.repeat(BLOCK // 2, axis=0).repeat(BLOCK // 2, axis=1)
        small &= rng.random(small.shape) < 0.006
        parks = []
        for chosen, inset in ((large, 6.0), (medium, 6.0), (small, 18.0)):
            boxes = self._squares(chosen, len(chosen), inset)
            corners = np.concatenate([boxes[:, [0, 1]], boxes[:, [2, 3]], boxes[:, [0, 3]], boxes[:, [2, 1]]])
            on_land = (np.abs(self._bank(corners)) > (self.river or 0.0) + 10.0).reshape(4, -1).all(axis=0)
            parks.append(waves.outlines(boxes[on_land]))
        return np.concatenate(parks)

    def homes_land(self, waves: Waves) -> Shapes:
        """Residential land: quarters of open blocks and of estates, a street's width from the roads."""
        home = np.isin(self.kind, (OPEN, ESTATE)) & self.inside
        home = home.reshape(self.blocks, self.blocks).repeat(2, axis=0).repeat(2, axis=1)
        boxes = self._squares(home & self.quarter_home & ~self.quarter_park, 2 * self.blocks, 14.0)
        middle = 0.5 * (boxes[:, :2] + boxes[:, 2:])
        return waves.outlines(boxes[self._dry(middle) & (np.abs(self._bank(middle)) > 4 * SPACING_M)])

    def water(self, waves: Waves) -> Shapes:
        """Return the river as one polygon, from one edge of the plan to the other."""
        x = np.arange(-1.1, 1.1, 20 / max(self.radius, 200.0)) * self.half * SPACING_M
        flat = np.column_stack([x, np.zeros(len(x))])
        flat[:, 1] = -self.beside_river(flat)
        half = np.array([0.0, self.river or 0.0])
        north, south = flat + half, flat - half
        return np.array([shapely.Polygon(waves.warp(np.concatenate([south, north[::-1]])))], dtype=object)

    def zones(self, waves: Waves) -> tuple[Shapes, Shapes, Longs]:
        """Communities (blocks), sub-districts (groups of them), and which community is in which."""
        communities = waves.outlines(self._squares(self.inside, self.blocks, 0.0))
        i, j = np.divmod(np.flatnonzero(self.inside), self.blocks)
        group = (i // SUBDISTRICT) * self.blocks + j // SUBDISTRICT
        _, of = np.unique(group, return_inverse=True)
        large = [shapely.coverage_union_all(communities[of == k]) for k in range(int(of.max()) + 1)]
        return communities, np.array(large, dtype=object), of.astype(np.int64)


def not_loose(tail: Longs, head: Longs, n: int) -> Flags:
    """Whether each street hangs together with at least a hundredth of all: a city's layer has a few fragments."""
    links = sparse.coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(n, n))
    label = csgraph.connected_components(links.tocsr(), directed=False)[1][tail]
    return np.asarray(np.bincount(label)[label] >= 6)


def with_bends(
    flat: Floats, tail: Longs, head: Longs, bends: int, crooked: Any, rng: np.random.Generator
) -> tuple[Floats, Longs, Longs, Longs]:
    """Put bends into streets, so many in all: vertices, ends of the straight pieces, and the street of each piece."""
    begin, end = flat[tail], flat[head]
    along = end - begin
    old = crooked(0.5 * (begin + end))
    share = np.hypot(*along.T) * (0.5 + old) * rng.uniform(0.4, 1.6, len(tail))
    exact = share / share.sum() * bends
    count = np.floor(exact).astype(np.int64)
    count[np.argsort(count - exact, kind="stable")[: bends - int(count.sum())]] += 1
    street = np.repeat(np.arange(len(tail)), count)
    step = np.arange(bends) - np.repeat(np.cumsum(count) - count, count)
    t = (step + 1 + rng.uniform(-0.25, 0.25, bends)) / (count[street] + 1)
    bow = (0.02 + 0.1 * old) * rng.normal(0, 0.7, len(tail)).clip(-1.2, 1.2)
    sideways = (4 * bow[street] * t * (1 - t))[:, None] * np.column_stack([-along[:, 1], along[:, 0]])[street]
    vertex = np.concatenate([flat, begin[street] + t[:, None] * along[street] + sideways])
    piece = np.repeat(np.arange(len(tail)), count + 1)
    first = np.concatenate([[0], np.cumsum(count + 1)[:-1]])
    last = first + count
    u, v = np.empty(len(piece), dtype=np.int64), np.empty(len(piece), dtype=np.int64)
    bend = len(flat) + np.arange(bends)
    u[first], v[last] = tail, head
    u[np.delete(np.arange(len(piece)), first)] = bend
    v[np.delete(np.arange(len(piece)), last)] = bend
    return vertex, u, v, piece


def beside(
    xy: Floats, u: Longs, v: Longs, weight: Floats, count: int, offset_m: tuple[float, float], closed: Any,
    rng: np.random.Generator,
) -> tuple[Floats, Longs]:  # fmt: skip
    """Place points beside streets, not in parks or water: where, and along which piece, sorted by piece."""
    total = np.cumsum(weight)
    places: list[Floats] = []
    pieces: list[Longs] = []
    while sum(map(len, pieces)) < count:
        n = count + count // 10 + 8
        piece = np.minimum(np.searchsorted(total, rng.random(n) * total[-1], side="right"), len(total) - 1)
        along = xy[v[piece]] - xy[u[piece]]
        across = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None].clip(0.001)
        side = rng.uniform(*offset_m, n) * np.where(rng.random(n) < 0.5, -1, 1)
        place = np.round(xy[u[piece]] + rng.random(n)[:, None] * along + side[:, None] * across, 2)
        if closed is not None:
            shapely.prepare(closed)
            on_land = ~shapely.contains_xy(closed, place)
            piece, place = piece[on_land], place[on_land]
        places.append(place)
        pieces.append(piece)
    place, piece = np.concatenate(places)[:count], np.concatenate(pieces)[:count]
    order = np.argsort(piece, kind="stable")
    return place[order], piece[order]
