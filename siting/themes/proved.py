"""How well a plan is proved, in the one sentence that all themes say it in."""

from siting.display import percent_up
from siting.ledger import Text
from siting.locate import SitingResult

PROVED = Text("已证明最优", "proved optimal")


def proved(result: SitingResult) -> Text:
    """Say that nothing is better, or how much better anything could be at most."""
    return PROVED if result.status == "optimal" else within(result.gap)


def within(gap: float) -> Text:
    """Say how far from the best possible a plan is at most; ``gap`` is a share."""
    up = percent_up(gap)
    return Text(f"与最优值之差至多 {up}", f"at most {up} from the best possible")
