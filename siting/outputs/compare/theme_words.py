"""What a comparison says of themes: lines of the console, and their part of `compare.json`."""

from typing import Any

import pandas as pd

from siting.display import percent
from siting.ledger import Lang, Text
from siting.outputs.compare.result_folder import as_text
from siting.outputs.compare.themes import NEWLY_MISSING, NO_LONGER, ThemeChange
from siting.standards import Reading, load_catalogue

TIERS = {
    "15min": Text("十五分钟生活圈", "15-minute circle"),
    "10min": Text("十分钟生活圈", "10-minute circle"),
    "5min": Text("五分钟生活圈", "5-minute circle"),
}
STATES = {
    "both": Text("见绿且见园的人口", "people with green and a park"),
    "neither": Text("两者皆无的人口", "people with neither"),
}
BY_ZONE: tuple[tuple[str, str, str, Text], ...] = (
    ("living_circle", "living_circle_scorecard_", "completeness", Text("应配设施完备率", "completeness")),
    ("green", "green_zones", "park_share", Text("见园人口占比", "share of people with a park")),
    ("green", "green_zones", "green_share", Text("见绿人口占比", "share of people with green")),
)
"""Theme, table, column and name of the shares that are followed zone by zone."""
LISTED = 4


def theme_lines(change: ThemeChange, lang: Lang) -> list[str]:
    """Say how the headline shares of a theme changed, in which zones most, and which classes came and went."""
    lines = [f"  {change.title.get(lang)}: {text.get(lang)}" for text in headlines(change)]
    lines += [
        f"    {text.get(lang)}"
        for theme, table, column, what in BY_ZONE
        if theme == change.theme
        for text in zone_texts(change.by_zone(table, column), what)
    ]
    lines += [f"    {text.get(lang)}" for text in class_texts(change.classes)]
    return lines or [f"  {change.title.get(lang)}: " + Text("无可比数值", "nothing to compare").get(lang)]


def headlines(change: ThemeChange) -> list[Text]:
    """Headline shares and counts before and after, with their change."""
    found = []
    for tier, name in TIERS.items():
        pair, grade = change.figure(f"completeness_{tier}"), _grade(change, f"confidence_{tier}")
        if pair is not None:
            shares = _shares(pair)
            found.append(
                Text(f"{name.zh}完备率 {shares}{grade.zh}", f"completeness of the {name.en}, {shares}{grade.en}")
            )
    catalogue = load_catalogue()
    for path in change.figures["figure"]:
        parts = str(path).split("/")
        pair = change.figure(path) if parts[0] == "official" and parts[-1] == "share" else None
        if pair is None:
            continue
        rule = catalogue.by_id.get(parts[1])
        name = Text(parts[1], parts[1]) if rule is None else rule.name
        read = as_text(None, "") if rule is None else rule.confidence.text
        found.append(Text(f"{name.zh} {_shares(pair)} [{read.zh}]", f"{name.en}, {_shares(pair)} [{read.en}]"))
    for state, name in STATES.items():
        pair = change.figure(f"people_by_state/{state}")
        if pair is not None:
            counts = f"{pair[0]:,.0f} → {pair[1]:,.0f} ({_count(pair[1] - pair[0])})"
            found.append(Text(f"{name.zh} {counts}", f"{name.en}, {counts}"))
    return found


def zone_texts(rows: pd.DataFrame, what: Text) -> list[Text]:
    """Say in how many zones a share rose and fell, and name those where it did most."""
    moved = rows[rows["change"].abs() > 0]
    if rows.empty or moved.empty:
        return []
    up, down = int((moved["change"] > 0).sum()), int((moved["change"] < 0).sum())
    order = moved.loc[moved["change"].abs().sort_values(ascending=False, kind="stable").index].head(LISTED)
    named = [
        f"{name or zone} {signed_points(change)}"
        for name, zone, change in zip(order["zone_name"], order["zone"], order["change"], strict=True)
    ]
    return [
        Text(
            f"{what.zh}：{up} 个分区上升，{down} 个下降；变化最大 " + "、".join(named),
            f"{what.en}: up in {up} zones, down in {down}; most in " + ", ".join(named),
        )
    ]


def class_texts(classes: pd.DataFrame) -> list[Text]:
    """Say which required classes zones wholly lack now and did not before, and the other way round."""
    words = {
        NO_LONGER: Text("不再全缺", "no longer wholly missing"),
        NEWLY_MISSING: Text("新出现全缺", "newly wholly missing"),
    }
    found = []
    for change, word in words.items():
        rows = classes[classes["change"] == change]
        if rows.empty:
            continue
        zh, en = (
            joint.join(
                f"{z or i}{colon}{c}"
                for z, i, c in list(zip(rows["zone_name"], rows["zone"], rows[column], strict=True))[:LISTED]
            )
            for column, joint, colon in (("name_zh", "、", "："), ("name_en", "; ", ": "))
        )
        n, more = len(rows), len(rows) > LISTED
        found.append(
            Text(
                f"{word.zh} {n} 项：{zh}{'等' if more else ''}",
                f"{word.en}, {n} classes in zones: {en}{'; and others' if more else ''}",
            )
        )
    return found


def theme_json(change: ThemeChange) -> dict[str, Any]:
    """Return what changed in a theme as plain values."""
    figures = change.figures
    return {
        "title": {"zh": change.title.zh, "en": change.title.en},
        "figures": {
            row["figure"]: {"a": row["a"], "b": row["b"], "change": None if pd.isna(row["change"]) else row["change"]}
            for row in figures.to_dict("records")
        },
        "zones": {
            f"{table}{column}" if table.endswith("_") else f"{table}.{column}": _counts(change.by_zone(table, column))
            for theme, table, column, _ in BY_ZONE
            if theme == change.theme
        },
        "classes": {what: int((change.classes["change"] == what).sum()) for what in (NEWLY_MISSING, NO_LONGER)},
        "texts": [{"zh": t.zh, "en": t.en} for t in (*headlines(change), *class_texts(change.classes))],
    }


def signed_points(share: float) -> str:
    """Write a change of a share as points with a sign, none where it rounds to nothing."""
    shown = f"{100 * share:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    return {"up": int((rows["change"] > 0).sum()), "down": int((rows["change"] < 0).sum()), "zones": len(rows)}


def _shares(pair: tuple[float, float]) -> str:
    return f"{percent(pair[0])} → {percent(pair[1])} ({signed_points(pair[1] - pair[0])})"


def _count(people: float) -> str:
    shown = f"{people:+,.0f}"
    return "0" if shown in ("+0", "-0") else shown


def _grade(change: ThemeChange, figure: str) -> Text:
    """Return the grade of a figure in brackets, where the theme states one."""
    value = change.figures.loc[change.figures["figure"] == figure, "b"]
    if value.empty or value.iloc[0] not in set(Reading):
        return as_text(None, "")
    text = Reading(value.iloc[0]).text
    return Text(f" [{text.zh}]", f" [{text.en}]")
