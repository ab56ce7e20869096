"""The figures of the theme, and the sentences that say them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from siting.coverage import CITY_LEVEL
from siting.display import percent
from siting.ledger import Text
from siting.themes.living_circle.reach import DISTANCE, STRICT
from siting.themes.living_circle.result import LivingCircle
from siting.themes.living_circle.tiers import BLOCK

MOST_NAMED = 5


def figures_of(found: LivingCircle) -> dict[str, Any]:
    """Headline numbers by name; None where unknown."""
    figures: dict[str, Any] = {"level": found.level, "straight": found.straight}
    for row in found.scorecard.to_dict("records"):
        suffix = str(row["tier"]) if row["measure"] == DISTANCE else f"{row['tier']}_{row['measure']}"
        figures[f"completeness_{suffix}"] = _number(row["completeness"])
        figures[f"all_share_{suffix}"] = _number(row["all_share"])
        if row["measure"] == DISTANCE:
            figures[f"required_{suffix}"] = int(row["required"])
            figures[f"required_judged_{suffix}"] = int(row["required_judged"])
            figures[f"missing_{suffix}"] = {"zh": row["missing_zh"], "en": row["missing_en"]}
            figures[f"not_judged_{suffix}"] = {"zh": row["not_judged_zh"], "en": row["not_judged_en"]}
            figures[f"confidence_{suffix}"] = row["confidence"]
    unit = found.completeness.counting.main
    figures["blind"] = None if found.blind is None else _number(found.blind[unit].sum())
    figures["in_several_circles"] = None if found.overlap is None else _number(found.overlap[unit].sum())
    if found.fairness is not None:
        city = found.fairness.table[found.fairness.table["scope"] == CITY_LEVEL]
        for tier, gini in zip(city["tier"], city["gini"], strict=True):
            figures[f"gini_{tier}"] = _number(gini)
    figures["estates"] = None if found.estates is None else len(found.estates)
    return figures


def headlines_of(found: LivingCircle) -> tuple[Text, ...]:
    """Sentences that stand on their own: completeness of each tier, where most is lacking, and what by name."""
    judged = found.scorecard[found.scorecard["required_judged"] > 0]
    tiers = [tier for tier in judged["tier"].unique() if tier != BLOCK]
    if not tiers:
        return (Text("数据中没有可评的生活圈设施", "the data hold no class of a living circle that can be judged"),)
    said = [_tier_sentence(found, tier) for tier in tiers]
    said += _communities(found)
    said += _blind(found)
    said += [text for tier in tiers for text in _missing(found, tier)]
    said += _estates(found)
    # Whoever reads that kindergartens are missing must read in the same place that the data may lack them.
    said += [note.text for note in found.findings if note.code == "fewer_than_circles"]
    return tuple(said)


def _tier_sentence(found: LivingCircle, tier: str) -> Text:
    rows = found.scorecard[found.scorecard["tier"] == tier].set_index("measure")
    head = rows.loc[DISTANCE]
    share, judged = _percent(head["completeness"]), f"{head['required_judged']}/{head['required']}"
    also = rows[rows.index != DISTANCE]
    also = also[also.index.isin([STRICT, "elderly"])]
    zh = "；".join(f"{r.measure_zh} {_percent(r.completeness)}" for r in also.itertuples())
    en = "; ".join(f"{r.measure_en} {_percent(r.completeness)}" for r in also.itertuples())
    few = Text("", "")
    if 2 * head["required_judged"] < head["required"]:
        span = f"{_percent(head['at_least'])}–{_percent(head['at_most'])}"
        few = Text(f"；可评类不足半数，全表完备率在 {span} 之间", f"; few are judged: over all classes {span}")
    return Text(
        f"{head['tier_zh']}：应配设施完备率 {share}（{head['measure_zh']}，可评 {judged} 类，未核实）"
        f"{'；' + zh if zh else ''}{few.zh}",
        f"{head['tier_en']}: {share} of required classes in reach ({head['measure_en']}; {judged} judged, unverified)"
        f"{'; ' + en if en else ''}{few.en}",
    )


def _missing(found: LivingCircle, tier: str) -> list[Text]:
    row = found.scorecard[(found.scorecard["tier"] == tier) & (found.scorecard["measure"] == DISTANCE)].iloc[0]
    if not row["missing_zh"]:
        return []
    return [
        Text(
            f"{row['tier_zh']}多数人够不到：{row['missing_zh']}",
            f"{row['tier_en']}, most people lack: {row['missing_en']}",
        )
    ]


def _communities(found: LivingCircle) -> list[Text]:
    if found.communities is None:
        return []
    ranked = found.communities[found.communities["rank"].notna()].sort_values(["rank", "name"])
    if not len(ranked):
        return []
    worst = ranked.iloc[:MOST_NAMED]
    listed = [f"{n} {_percent(c)}" for n, c in zip(worst["name"], worst["completeness"], strict=True)]
    return [
        Text(
            f"{len(ranked)} 个社区中最需补齐：{'、'.join(listed)}（各可评层级合计完备率）",
            f"most lacking of {len(ranked)} communities: {', '.join(listed)} (all tiers together)",
        )
    ]


def _blind(found: LivingCircle) -> list[Text]:
    if found.blind is None or found.circles is None or not len(found.circles):
        return []
    counting = found.completeness.counting
    outside, minutes = float(found.blind[counting.main].sum()), f"{found.circles['minutes'].max():g}"
    total = counting.main_weight.sum() / counting.per_whole
    share = _percent(outside / total if total else np.nan)
    noun = counting.noun
    verb = "live" if counting.main == "people" else "lie"
    straight = Text("（直线）", " (straight lines)") if found.straight else Text("", "")
    return [
        Text(
            f"{outside:,.0f}（占{noun.zh} {share}）不在任何社区中心的 {minutes} 分钟圈内{straight.zh}",
            f"{outside:,.0f} {noun.en} ({share}) {verb} in no community centre's {minutes}-minute circle{straight.en}",
        )
    ]


def _estates(found: LivingCircle) -> list[Text]:
    if found.estates is None or not len(found.estates):
        return []
    worst = found.estates.iloc[:MOST_NAMED]
    zh = "、".join(f"{n}（人均缺 {m:.1f} 类）" for n, m in zip(worst["name"], worst["missing_classes"], strict=True))
    en = ", ".join(
        f"{n} ({m:.1f} classes a person)" for n, m in zip(worst["name"], worst["missing_classes"], strict=True)
    )
    return [
        Text(
            f"{len(found.estates)} 个老旧小区中短板最大：{zh}",
            f"largest deficits of {len(found.estates)} old estates: {en}",
        )
    ]


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _percent(value: Any) -> str:
    return "—" if pd.isna(value) else str(percent(float(value)))
