"""Plain names for gaps: how many people, and how far the nearest facility is."""

from siting.coverage.judge import class_nouns
from siting.coverage.model import Audit
from siting.ledger import Text

_GREEN = {"any_green", "park_green"}
"""Classes whose entries are called gates."""


def facility_noun(audit: Audit) -> Text:
    """Say what is missing, as a sentence uses it; an area that is walked to is reached at its gate."""
    noun = class_nouns(audit.rule.facility)
    noun = Text(noun.zh, noun.en.removeprefix("any "))
    by_gate = "kind" in audit.entries.columns and audit.entries["kind"].isin(["gate", "crossing", "boundary"]).any()
    if audit.distance in ("network", "time") and by_gate:
        of_green = set(audit.rule.facility) <= _GREEN
        return Text(f"{noun.zh}入口", f"{noun.en} {'gate' if of_green else 'entrance'}")
    return noun


def gap_name(
    label: Text,
    amount: Text,
    noun: Text,
    nearest: float | None,
    *,
    any_facility: bool = True,
    in_minutes: bool = False,
) -> Text:
    """Name one gap.

    Parameters
    ----------
    label : its id, or what else it is called
    amount : who is unserved, e.g. "1,240 people"
    nearest : metres of the typical person to the nearest facility; None = no path to any
    any_facility : whether there is one at all
    in_minutes : whether ``nearest`` is a time in minutes
    """
    if not any_facility:
        return Text(f"{label.zh}，{amount.zh}，范围内没有{noun.zh}", f"{label.en}, {amount.en}, no {noun.en} anywhere")
    if nearest is None:
        return Text(f"{label.zh}，{amount.zh}，无路可达{noun.zh}", f"{label.en}, {amount.en}, {noun.en} out of reach")
    far = f"{nearest:,.1f}" if in_minutes else f"{nearest:,.0f}"
    unit = Text("分钟", "min") if in_minutes else Text("米", "m")
    return Text(
        f"{label.zh}，{amount.zh}，最近{noun.zh} {far} {unit.zh}",
        f"{label.en}, {amount.en}, nearest {noun.en} {far} {unit.en}",
    )


def gap_amount(people: float | None, units: int | None, points: int, noun: Text) -> Text:
    """Say who is unserved, in the best denominator there is.

    Parameters
    ----------
    noun : what the units are, as `Audit.noun` names them
    """
    if people is not None:
        count = f"{people:,.0f}" if people >= 0.5 or people == 0 else "<1"
        return Text(f"{count} 人", f"{count} {'person' if count == '1' else 'people'}")
    if units is not None:
        return units_text(units, noun)
    return Text(f"{points:,} 个需求点", f"{points:,} demand point{'' if points == 1 else 's'}")


def units_text(units: int, noun: Text) -> Text:
    """Count units with their own noun: 12 estates, 1 building; a measured one, as metres of street, stays as it is.

    A noun that stands for several kinds ("estates or buildings") is counted as it reads.
    """
    en = noun.en
    if units == 1 and " " not in en:
        en = en.removesuffix("s")
    return Text(f"{units:,} {_MEASURED.get(noun.zh, noun.zh)}", f"{units:,} {en}")


_MEASURED = {"楼栋": "栋", "小区": "个小区", "地块": "个地块", "小区/楼栋": "个小区或楼栋"}
"""Counted nouns with the word that Chinese puts after the number."""
