"""The table: what, graph, peer, ours, ratio, target, met or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from bench.measure import Outcome
from bench.model import OURS, Limit, Row, Target

HEAD = (
    "what",
    "graph",
    "peer",
    "peer CPU s",
    "ours CPU s",
    "ratio CPU",
    "ratio wall",
    "peak MB: peer / ours",
    "target",
    "met",
)


@dataclass(frozen=True)
class Line:
    """A row of the table as texts; ``met`` is None where there is no target."""

    cells: tuple[str, ...]
    met: bool | None = None


def lines_of(row: Row, task: Any, outcomes: Sequence[Outcome]) -> list[Line]:
    """One line a peer, one a limit of our own."""
    graph, title, what = task.graph.name, task.graph.title, row.title(task)
    ours = next(o for o in outcomes if o.contender == OURS)
    peers = [o for o in outcomes if o.contender != OURS]
    timed = [o for o in peers if not o.absent and isfinite(o.cpu)]
    made = []
    best = min(timed, key=lambda o: o.cpu, default=None)
    for peer in peers:
        if peer.absent:
            made.append(Line((what, title, peer.contender, peer.absent, *[""] * (len(HEAD) - 4))))
            continue
        targets = [t for t in row.targets.get(graph, ()) if t.peer in (peer.contender, "best" if peer is best else "")]
        made.append(Line(*_against(what, title, ours, peer, targets)))
    return made + [_limit(what, title, ours, limit) for limit in row.limits.get(graph, ())]


def _against(
    what: str, title: str, ours: Outcome, peer: Outcome, targets: Sequence[Target]
) -> tuple[tuple[str, ...], bool | None]:
    cpu, wall, memory = peer.cpu / ours.cpu, peer.wall / ours.wall, peer.memory_mb / ours.memory_mb
    met = [
        ratio >= factor
        for t in targets
        for ratio, factor in ((cpu, t.cpu), (wall, t.wall), (memory, t.memory))
        if factor is not None
    ]
    name = peer.contender + (f" ({peer.note})" if peer.note else "")
    prepared = f" + {seconds(peer.prepare_cpu)} to prepare" if peer.prepare_cpu > 0.1 * peer.cpu else ""
    memory_said = f"{whole(peer.memory_mb)} / {whole(ours.memory_mb)}"
    said = "; ".join(t.text() for t in targets) or "–"
    cells = (
        what, title, name, seconds(peer.cpu) + prepared, seconds(ours.cpu), times(cpu), times(wall), memory_said,
        said, yes(all(met) if met else None),
    )  # fmt: skip
    return cells, all(met) if met else None


def _limit(what: str, title: str, ours: Outcome, limit: Limit) -> Line:
    value = ours.memory_mb if limit.what == "memory" else ours.facts.get(limit.what, float("nan"))
    met = value <= limit.most if isfinite(value) else None
    got = f"{value:.3g} {limit.unit}".strip() if limit.what != "memory" else f"{value:.0f} {limit.unit}"
    return Line((what, title, f"ours: {limit.what}", "", got, "", "", "", limit.text(), yes(met)), met)


def seconds(value: float) -> str:
    """Seconds with three digits that count."""
    return "–" if not isfinite(value) else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def times(ratio: float) -> str:
    """Say how many times as much."""
    return "–" if not isfinite(ratio) else f"{ratio:,.0f}×" if ratio >= 20 else f"{ratio:.1f}×"


def whole(value: float) -> str:
    """Whole megabytes."""
    return f"{value:,.0f}" if isfinite(value) else "–"


def yes(met: bool | None) -> str:
    """Met, not met, or nothing to meet."""
    return "–" if met is None else "yes" if met else "NO"


def markdown(lines: Sequence[Line], heading: str) -> str:
    """Render the table as Markdown, with a heading that says when and where."""
    rows = [HEAD, ("---",) * len(HEAD), *(line.cells for line in lines)]
    return heading + "\n\n" + "\n".join("| " + " | ".join(cells) + " |" for cells in rows) + "\n"


def plain(lines: Sequence[Line]) -> str:
    """Render the table for the console."""
    rows = [HEAD, *(line.cells for line in lines)]
    width = [max(len(cells[k]) for cells in rows) for k in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(cells, width, strict=True)).rstrip() for cells in rows)
