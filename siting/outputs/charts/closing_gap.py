"""Draw how a search closes in on the best plan: from one side by plans, from the other by proof."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from siting import display
from siting.errors import InputError
from siting.ledger import Lang, Text
from siting.locate.solver import Progress
from siting.outputs import palette
from siting.outputs.charts.frame import chart, key, say
from siting.outputs.maps import style

_TITLE = Text("方案与界限逐步合拢", "Plans and the bound close in")
_VALUE, _BOUND = Text("找到的最好方案", "best plan found"), Text("证明过的界限", "proved bound")
_BETWEEN = Text("差距：最优值在此之间", "gap: the best possible lies in here")
_SECONDS, _OBJECTIVE = Text("秒", "seconds"), Text("目标值", "objective")


def closing_gap(history: Sequence[Progress], ax: Axes | None = None, *, lang: Lang = "zh") -> Axes:
    """Draw value and bound over the time of a search, and the gap between them.

    Parameters
    ----------
    history : what a model told while it searched: ``history = []; siting.locate.mclp(…, progress=history.append)``
    ax : drawn into; without it a figure of its own is made
    lang : which language comes first

    Returns
    -------
    The Axes; its figure is ``.figure``.

    Raises
    ------
    InputError
        Nothing was told: the model was done before it had anything to tell.
    """
    if not history:
        msg = "history is empty: give progress=history.append to a model that searches long enough to tell"
        raise InputError(msg)
    with chart(ax) as drawn:
        at = [step.seconds for step in history]
        value, bound = [step.value for step in history], [step.bound for step in history]
        drawn.fill_between(at, value, bound, step="post", color=palette.SERVED, alpha=0.25, lw=0,
                           label=style.label(_BETWEEN, lang))  # fmt: skip
        drawn.step(at, bound, where="post", color=palette.UNSERVED, lw=1.6, label=style.label(_BOUND, lang))
        drawn.step(at, value, where="post", color=palette.NEWLY_SERVED, lw=1.6, label=style.label(_VALUE, lang))
        for line, colour in ((bound, palette.UNSERVED), (value, palette.NEWLY_SERVED)):
            drawn.plot(at[-1], line[-1], marker="o", ms=6, color=colour)
        drawn.yaxis.set_major_formatter(lambda v, _: f"{v:,.10g}")
        first, last = (display.percent_up(step.gap) for step in (history[0], history[-1]))
        line_below = Text(f"差距从 {first} 缩到 {last}", f"the gap shrinks from {first} to {last}")
        say(drawn, _TITLE, line_below, _SECONDS, _OBJECTIVE, lang)
        key(drawn)
    return drawn
