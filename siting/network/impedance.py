"""Travel times: the same streets, with whole milliseconds for costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siting.errors import NetworkDataError
from siting.ledger import Account, Finding, Text
from siting.network.assemble import KEY_BITS, LISTED, Arcs, frozen
from siting.network.driving import drive_kmh
from siting.network.elevation import Heights, Slopes, edge_slopes
from siting.network.graph import OF_SHAPES
from siting.network.passable import REASONS, closed_edges
from siting.network.profiles import Profile, profile_of
from siting.network.scenario import ChangedNetwork

if TYPE_CHECKING:
    from siting.network.graph import Network

Longs = NDArray[np.int64]
KMH_PER_MPS = 3.6
SHAPES_ALONE = ("stretch", "lines")
"""Of what is kept from the streets without times, that which holds although some of them are closed."""


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """How long each edge takes a profile, each way, in whole milliseconds; also for directions that are closed.

    Attributes
    ----------
    forward_ms, backward_ms : shape (m,), from u to v and from v to u, read-only
    """

    profile: Profile
    forward_ms: Longs
    backward_ms: Longs

    def turned(self) -> Times:
        """Return the times of the opposite directions."""
        return replace(self, forward_ms=self.backward_ms, backward_ms=self.forward_ms)

    def access_ms(self, access_mm: Longs) -> Longs:
        """Time for straight ways between points and their streets."""
        return to_ms(access_mm / self.profile.off_street.value)


def timed(network: Network, profile: str | Profile, elevation: Heights | None = None) -> Network:
    """Return the same streets with travel times for costs.

    On foot an edge takes ``rint(length / speed)`` milliseconds, times the slope's factor where there are heights:
    Tobler's hiking function along every 15 m of the edge, so that up and down differ. Driving, it takes its length at
    the way's legal limit, else at the assumed speed of its class. The straight way between a point and its street is
    taken at the profile's ``off_street`` speed; a place on an edge takes its share of the edge's time.

    Profiles change time only: lengths stay in the network this was made from. What is closed to the profile (to a
    wheelchair: steps, kerbs, surfaces, slopes) is neither ``forward`` nor ``backward`` any more and carries no points.
    The functions of `siting.access` take the result as they take any network; costs and cutoffs are seconds.

    Parameters
    ----------
    network : one with lengths
    profile : "adult", "elderly" or "step_free" on foot, "drive" or "truck", or a `siting.network.profiles.Profile`
    elevation : GeoTIFF of heights in metres, or a function that gives them at points; for walking only

    Raises
    ------
    NetworkDataError
        The profile is unknown or of another mode, the network has times already, or no edge is left open.
    InputError
        The elevation holds no height along the streets.
    """
    network.require_lengths("travel times")
    who = profile_of(profile)
    if who.mode != network.mode:
        msg = (
            f"profile {who.id!r} is for mode {who.mode!r}, the network for {network.mode!r}. Build one for {who.mode!r}"
        )
        raise NetworkDataError(msg)
    if elevation is not None and who.slope_law is None:
        msg = f"profile {who.id!r}: slope does not enter its times. Leave out the elevation"
        raise NetworkDataError(msg)
    slopes = None if elevation is None else edge_slopes(network, elevation)
    forward_ms, backward_ms, findings = edge_times(network, who, slopes)
    refuse_bad_times(np.maximum(forward_ms, backward_ms), network)
    shut, account = shut_to(network, who, slopes, findings)
    times = Times(who, frozen(forward_ms), frozen(backward_ms))
    return with_times(network, times, shut, account)


def open_to(network: Network, profile: str | Profile) -> Network:
    """Return the streets that are open to a profile, such as ``"truck"``, with lengths for costs.

    What is closed (to a truck: ways tagged so, and those whose legal weight or height is below its own) is neither
    ``forward`` nor ``backward`` any more and carries no points; the last account says how much that is, and why.

    Raises
    ------
    NetworkDataError
        The profile is unknown or of another mode, the network has times, or no edge is left open.
    """
    network.require_lengths("streets open to a profile")
    who = profile_of(profile)
    if who.mode != network.mode:
        msg = (
            f"profile {who.id!r} is for mode {who.mode!r}, the network for {network.mode!r}. Build one for {who.mode!r}"
        )
        raise NetworkDataError(msg)
    shut, account = shut_to(network, who, None, ())
    return with_times(network, None, shut, account)


def shut_to(
    network: Network, who: Profile, slopes: Slopes | None, findings: tuple[Finding, ...]
) -> tuple[NDArray[np.bool_], Account]:
    """Edges that are closed to a profile, shape (m,), and the account of them; at least one is open."""
    reasons = closed_edges(network, who, slopes)
    findings += tuple(counted(network, code, np.flatnonzero(mask)) for code, mask in reasons.items() if mask.any())
    shut = np.zeros(network.n_edges, dtype=bool)
    for mask in reasons.values():
        shut |= mask
    if shut.all():
        msg = f"profile {who.id!r}: all {len(shut)} edges are closed to it. Check the tags and the elevation"
        raise NetworkDataError(msg)
    account = Account(
        layer="network",
        source=who.id,
        rows_in=network.n_edges,
        rows_used=network.n_edges - int(shut.sum()),
        findings=findings,
    )
    return shut, account


def edge_times(network: Network, who: Profile, slopes: Slopes | None) -> tuple[Longs, Longs, tuple[Finding, ...]]:
    """Milliseconds for each edge forward and backward, and what a reader should know of them."""
    mm = network.edge_mm
    if who.drive_speeds is not None:
        kmh, findings = drive_kmh(network, who.drive_speeds, who.at_most)
        ms = to_ms(mm * KMH_PER_MPS / kmh)
        return ms, ms, findings
    if who.speed is None:
        msg = f"profile {who.id!r} has neither a speed nor speeds by class of road"
        raise NetworkDataError(msg)
    if slopes is None or who.slope_law is None:
        ms = to_ms(mm / who.speed.value)
        return ms, ms, ()
    up = slopes.mean_factor(who.slope_law)
    down = slopes.mean_factor(who.slope_law, backward=True)
    return to_ms(mm / who.speed.value * up), to_ms(mm / who.speed.value * down), notes_on(slopes)


def notes_on(slopes: Slopes) -> tuple[Finding, ...]:
    """Say where heights are not what they should be."""
    lost, capped = int(slopes.unknown.sum()), int(slopes.capped.sum())
    unknown = Text(
        f"{lost} 条路段有部分高程缺失，缺失处按平地计", f"{lost} edges lack heights in part, and count as flat there"
    )
    top = Text(
        f"{capped} 条路段高程达到 255 米，为该高程数据的上限，更高处按平地计",
        f"{capped} edges reach 255 m, where the elevation model ends: what is higher counts as flat",
    )
    found = (
        Finding(code="height_unknown", kind="note", count=lost, text=unknown),
        Finding(code="height_capped", kind="warning", count=capped, text=top),
    )
    return tuple(f for f in found if f.count)


def to_ms(exact: NDArray[np.float64]) -> Longs:
    """Round to whole milliseconds, half to even, as lengths are rounded."""
    return np.asarray(np.rint(exact), dtype=np.int64)


def refuse_bad_times(ms: Longs, network: Network) -> None:
    """Raise where times would not fit the integers of a search."""
    total = ms.astype(np.float64).sum()
    if (ms < 0).any() or not total < 2.0 ** (KEY_BITS - 1 - network.node_bits):
        msg = f"network: times of {network.n_edges} edges add up to {total / 3.6e6:,.0f} h. Check speeds and elevation"
        raise NetworkDataError(msg)


def counted(network: Network, code: str, edge: Longs) -> Finding:
    """Say which edges are closed for one reason."""
    km = network.edge_mm[edge].sum() / 1e6
    text = Text(
        f"{REASONS[code].zh}不通行：{len(edge)} 条，共 {km:.1f} 公里",
        f"closed: {len(edge)} {REASONS[code].en} ({km:.1f} km)",
    )
    ids = tuple(str(i) for i in network.edges["way_id"].iloc[edge[:LISTED]])
    return Finding(code=code, kind="dropped", count=len(edge), text=text, ids=ids)


def with_times(network: Network, times: Times | None, shut: NDArray[np.bool_], account: Account) -> Network:
    """Return the network with times, if any, without the permissions of closed edges; edges keep their positions."""
    accounts = (*network.accounts, account)
    if not shut.any():
        made = replace(network, times=times, accounts=accounts)
    else:
        made = replace(network, times=times, accounts=accounts, **without(network, shut))
    for name in SHAPES_ALONE if shut.any() else OF_SHAPES:
        if name in network.__dict__:
            made.__dict__[name] = network.__dict__[name]
    return made


def without(network: Network, shut: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the fields of a network that change when edges are closed both ways."""
    forward, backward = frozen(network.forward & ~shut), frozen(network.backward & ~shut)
    along = Arcs.of(network.edge_u, network.edge_v, forward, backward)
    out_arcs = along.compress(network.n_nodes)
    both_ways = bool((forward == backward).all())
    in_arcs = out_arcs if both_ways else along.turned().compress(network.n_nodes)
    changed: dict[str, Any] = {"forward": forward, "backward": backward, "out_arcs": out_arcs, "in_arcs": in_arcs}
    if isinstance(network, ChangedNetwork):
        # A scenario places points as its base does, so its base must know the closed streets, too.
        gone = np.zeros(network.base.n_edges, dtype=bool)
        old = network.base_edge >= 0
        gone[network.base_edge[old & shut]] = True
        gone[network.base_edge[old & ~shut]] = False  # a piece of it is still open
        if gone.any():
            changed["base"] = replace(network.base, **without(network.base, gone))
        changed["places"] = network.places & ~shut
    return changed
