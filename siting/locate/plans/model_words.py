"""What each model is called, what it looks for, what its objective counts, and what its bound says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from siting.display import percent_up
from siting.ledger import Text

Sense = Literal["more", "less"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWords:
    """A model in words.

    Attributes
    ----------
    name : as planners call it
    asks : what it looks for
    objective : what its objective counts
    sense : whether more or less of it is better: with "more" the bound lies above the objective, with "less" below
    """

    name: Text
    asks: Text
    objective: Text
    sense: Sense


MODELS: Mapping[str, ModelWords] = {
    "mclp": ModelWords(
        name=Text("最大覆盖", "maximal covering"),
        asks=Text(
            "最大覆盖（MCLP）：处数给定，服务尽可能多",
            "maximal covering (MCLP): most served with a given number of sites",
        ),
        objective=Text("服务到的权重", "weight served"),
        sense="more",
    ),
    "budget_cover": ModelWords(
        name=Text("预算内最大覆盖", "maximal covering within a budget"),
        asks=Text("预算内最大覆盖：在预算之内服务尽可能多", "covering within a budget: most served for the money"),
        objective=Text("服务到的权重", "weight served"),
        sense="more",
    ),
    "lscp": ModelWords(
        name=Text("集合覆盖", "set covering"),
        asks=Text(
            "集合覆盖（LSCP）：以最少处数服务全部可达需求",
            "set covering (LSCP): fewest sites that serve all that can be reached",
        ),
        objective=Text("新建数量", "new sites"),
        sense="less",
    ),
    "partial_cover": ModelWords(
        name=Text("按比例覆盖", "covering a share"),
        asks=Text("部分覆盖：以最少处数达到目标比例", "partial covering: fewest sites that reach the target share"),
        objective=Text("新建数量", "new sites"),
        sense="less",
    ),
    "capacitated_cover": ModelWords(
        name=Text("容量约束最大覆盖", "maximal covering with capacities"),
        asks=Text(
            "容量约束最大覆盖：各处不超过容量，服务尽可能多",
            "covering with capacities: most served, no site above what it can take",
        ),
        objective=Text("服务到的权重", "weight served"),
        sense="more",
    ),
    "gradual_cover": ModelWords(
        name=Text("渐变覆盖", "gradual covering"),
        asks=Text(
            "渐变覆盖：近者计足、渐远渐少，折算后服务尽可能多",
            "gradual covering: who lives near counts in full, who lives farther counts less; most so counted",
        ),
        objective=Text("折算后服务到的权重", "weight covered, counted less with distance"),
        sense="more",
    ),
    "backup_coverage": ModelWords(
        name=Text("备用覆盖", "backup coverage"),
        asks=Text(
            "备用覆盖：以最少处数全部覆盖，并使被两处以上服务者尽可能多",
            "backup coverage: everybody covered by the fewest sites, and most of them at least twice",
        ),
        objective=Text("被两处以上服务", "served at least twice"),
        sense="more",
    ),
    "p_median": ModelWords(
        name=Text("p-中值", "p-median"),
        asks=Text(
            "p-中值：处数给定，到最近设施的加权总路程最短",
            "p-median: with a given number of sites, the least way of all to their nearest one",
        ),
        objective=Text("加权成本", "weighted cost"),
        sense="less",
    ),
    "p_center": ModelWords(
        name=Text("p-中心", "p-center"),
        asks=Text(
            "p-中心：处数给定，最远者的路程最短",
            "p-center: with a given number of sites, the least way of whoever is worst off",
        ),
        objective=Text("最差成本", "worst cost"),
        sense="less",
    ),
    "p_dispersion": ModelWords(
        name=Text("p-离散", "p-dispersion"),
        asks=Text(
            "p-离散：处数给定，彼此最近的两处相距尽可能远",
            "p-dispersion: a given number of sites, the two nearest to each other as far apart as can be",
        ),
        objective=Text("最小间距", "smallest separation"),
        sense="more",
    ),
    "facility_location": ModelWords(
        name=Text("建设与出行总成本最小", "facility location"),
        asks=Text(
            "设施选址（UFLP）：建设成本与出行成本之和最小",
            "facility location (UFLP): opening costs and ways together cost least",
        ),
        objective=Text("总成本", "total cost"),
        sense="less",
    ),
    "capacitated": ModelWords(
        name=Text("容量约束选址", "capacitated siting"),
        asks=Text(
            "容量约束选址：各处不超过容量，建设与出行成本之和最小",
            "capacitated siting: no site above what it can take, opening costs and ways together cost least",
        ),
        objective=Text("总成本", "total cost"),
        sense="less",
    ),
    "transfer": ModelWords(
        name=Text("转运选址", "transfer siting"),
        asks=Text(
            "转运选址：收集、转运与建设成本之和最小",
            "transfer siting: collecting, hauling and opening together cost least",
        ),
        objective=Text("总成本", "total cost"),
        sense="less",
    ),
    "transfer_streams": ModelWords(
        name=Text("分类转运选址", "transfer siting, several streams"),
        asks=Text(
            "分类转运选址：各类垃圾共用站点，收集、转运与建设成本之和最小",
            "transfer siting: stations shared by several streams; collecting, hauling and opening together cost least",
        ),
        objective=Text("总成本", "total cost"),
        sense="less",
    ),
    "joint_cover": ModelWords(
        name=Text("一址多能（覆盖最多）", "joint siting, most served"),
        asks=Text(
            "一址多能：建筑处数给定，各项服务覆盖之和尽可能多",
            "joint siting: with a given number of buildings, most people with what they lack",
        ),
        objective=Text("各项服务覆盖之和", "served, all services added up"),
        sense="more",
    ),
    "joint_set_cover": ModelWords(
        name=Text("一址多能（建筑最少）", "joint siting, fewest buildings"),
        asks=Text(
            "一址多能：以最少的建筑服务全部可达需求",
            "joint siting: fewest buildings that serve all that can be reached",
        ),
        objective=Text("建筑数量", "buildings"),
        sense="less",
    ),
}
"""Every model of `siting.locate`."""
SERVES_MOST = frozenset({"mclp", "budget_cover", "capacitated_cover", "joint_cover"})
"""Models whose objective is what is served within the limit."""
COUNTS_SITES = frozenset({"lscp", "partial_cover", "joint_set_cover"})
"""Models whose objective is a number of sites."""
WITHIN_LIMIT = SERVES_MOST | {"lscp", "partial_cover", "joint_set_cover", "gradual_cover", "backup_coverage"}
"""Models that are about who is served within a limit; for the others a limit is only one more figure."""
HAS_ROOM = frozenset({"capacitated", "capacitated_cover"})
"""Models in which no site serves more than it can."""
_OTHER = Text("目标值", "objective")


def words_of(result: Any) -> ModelWords:
    """Return the words for the model of a result; a model that nobody described is told by its bound."""
    known = MODELS.get(result.model)
    if known is not None:
        return known
    name = Text(result.model, result.model)
    return ModelWords(
        name=name, asks=name, objective=_OTHER, sense="less" if result.bound < result.objective else "more"
    )


def best_share(result: Any) -> float | None:
    """Return by which share of its objective any other plan can be better at most; None where it has nothing yet.

    Not the ``gap`` of the result: that is measured against at least 1.
    """
    if result.bound == result.objective:
        return 0.0
    if not result.objective > 0:
        return None
    return float(abs(result.bound - result.objective) / result.objective)


def bound_name(result: Any) -> Text:
    """Say on which side the bound lies."""
    if words_of(result).sense == "more":
        return Text("上界（任何方案至多）", "upper bound (most of any plan)")
    return Text("下界（任何方案至少）", "lower bound (least of any plan)")


def gap_text(result: Any) -> Text:
    """Say in a few words how much better any plan could be."""
    share = best_share(result)
    if share is None:
        return Text("尚未证明最优", "not proved best")
    shown = percent_up(share)
    if result.model in COUNTS_SITES:
        return Text(f"任何方案至多再少 {shown}", f"no plan needs over {shown} fewer")
    if words_of(result).sense == "more":
        return Text(f"任何方案至多再多 {shown}", f"no plan reaches over {shown} more")
    return Text(f"任何方案至多再省 {shown}", f"no plan takes over {shown} less")
