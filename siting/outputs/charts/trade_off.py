"""Draw the curve of two objectives."""

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from siting.ledger import Lang, Text
from siting.locate.trading.curve import TradeOff, TradeOffPoint
from siting.outputs import palette
from siting.outputs.charts.frame import chart, key, say
from siting.outputs.maps import style

_TITLES = {
    ("more", "count"): Text("覆盖率与新建数量", "Coverage against the number of sites"),
    ("more", "cost"): Text("覆盖率与费用", "Coverage against cost"),
    ("less", "count"): Text("平均距离与新建数量", "Mean distance against the number of sites"),
    ("less", "worst"): Text("平均距离与最远距离", "Mean distance against the worst distance"),
}
_SHARE, _MEAN = Text("覆盖率", "share covered"), Text("人均距离", "mean distance")
_PROVED = Text("已证明：改善一项必损另一项", "proved: one improves only at the other's cost")
_FOUND = Text("已找到，未证明", "found, not proved")
_BOUND = Text("证明过的界限", "proved bound")
_OTHER = Text("其他方案", "other plans")
_TODAY = Text("现状", "today")


def trade_off(curve: TradeOff, ax: Axes | None = None, *, lang: Lang = "zh") -> Axes:
    """Draw what plans achieve against what they take: the efficient plans as a curve, each with its bound.

    Between two plans the curve is level: with less than the next one takes, no more is achieved. What is achieved is
    drawn as a share of all weight, or as the mean over it.

    Parameters
    ----------
    curve : of `siting.locate.trade_off`
    ax : drawn into; without it a figure of its own is made
    lang : which language comes first

    Returns
    -------
    The Axes; its figure is ``.figure``.
    """
    total = curve.total or 1.0
    good = curve.efficient
    with chart(ax) as drawn:
        xs, ys = [p.takes for p in good], [p.achieves / total for p in good]
        if curve.before is not None and (not xs or xs[0] > 0):
            xs, ys = [0.0, *xs], [curve.before / total, *ys]
            drawn.plot(0.0, curve.before / total, marker="D", ms=7, ls="none", color=palette.FAINT_INK,
                       label=style.label(_TODAY, lang))  # fmt: skip
        drawn.step(xs, ys, where="post", color=palette.NEWLY_SERVED, lw=1.4)
        _dots(drawn, [p for p in curve.points if not p.efficient], total, _OTHER, lang, ".", palette.FAINT_INK)
        proved, found = [p for p in good if p.proved], [p for p in good if not p.proved]
        _dots(drawn, proved, total, _PROVED, lang, "o", palette.NEWLY_SERVED)
        _dots(drawn, found, total, _FOUND, lang, "o", "none")
        for k, point in enumerate(p for p in found if p.achieves_bound != p.achieves):
            bounds = [point.achieves / total, point.achieves_bound / total]
            name = style.label(_BOUND, lang) if k == 0 else None
            drawn.plot([point.takes] * 2, bounds, marker="_", ms=9, lw=1, color=palette.UNSERVED, label=name)
        if curve.against == "count":
            drawn.xaxis.set_major_locator(MaxNLocator(integer=True))
        drawn.xaxis.set_major_formatter(_numbers())
        drawn.yaxis.set_major_formatter(_shares() if curve.better == "more" else _numbers())
        unit = f" ({curve.unit})" if curve.unit else ""
        x = curve.takes_name if curve.against != "worst" else _with(curve.takes_name, unit)
        y = _SHARE if curve.better == "more" else _with(_MEAN, unit)
        say(drawn, _TITLES[curve.better, curve.against], _line(curve), x, y, lang)
        key(drawn)
    return drawn


def _dots(ax: Axes, points: list[TradeOffPoint], total: float, name: Text, lang: Lang, marker: str, fill: str) -> None:
    if points:
        edge = palette.NEWLY_SERVED if marker == "o" else fill
        ax.plot([p.takes for p in points], [p.achieves / total for p in points], ls="none", marker=marker, ms=7,
                mfc=fill, mec=edge, label=style.label(name, lang))  # fmt: skip


def _line(curve: TradeOff) -> Text:
    n = len(curve.efficient)
    if curve.complete:
        return Text(f"有效方案共 {n} 个，全部列出，均已证明", f"all {n} efficient plans, each proved")
    return Text(f"有效方案 {n} 个，其间可能还有", f"{n} efficient plans; there may be others between them")


def _with(name: Text, unit: str) -> Text:
    return Text(name.zh + unit, name.en + unit)


def _numbers() -> FuncFormatter:
    return FuncFormatter(lambda value, _: f"{value:,.10g}")


def _shares() -> FuncFormatter:
    return FuncFormatter(lambda value, _: f"{100 * value:.4g}%")
