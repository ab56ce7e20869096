"""What makes two runs differ besides the city: other limits, other rules, other people, other versions."""

from collections.abc import Sequence

from siting.ledger import Finding, Text
from siting.outputs.compare.result_folder import ResultFolder


def notes_on(a: ResultFolder, b: ResultFolder, rules: Sequence[str], matched: int, moved: int) -> tuple[Finding, ...]:
    """List differences between the runs that are not changes of the city.

    Parameters
    ----------
    rules : names in both runs
    matched, moved : demand points with one id at one place, and at two
    """
    found = []
    for code, key, what in (
        ("other_limit", "limit_m", Text("限值不同", "the limit differs")),
        ("other_limit_min", "limit_min", Text("时限（分钟）不同", "the limit in minutes differs")),
        ("other_profile", "profile", Text("出行者不同", "who moves differs")),
        ("other_rule", "rule", Text("条文不同", "it stands for another rule")),
        ("other_distance", "distance", Text("距离算法不同", "the kind of distance differs")),
    ):
        differ = [n for n in rules if a.rules[n].get(key) != b.rules[n].get(key)]
        pairs = [f"{n} ({a.rules[n].get(key)} → {b.rules[n].get(key)})" for n in differ]
        if pairs:
            named = ", ".join(pairs[:5])
            found.append(_note(code, len(pairs), Text(f"{what.zh}：{named}", f"{what.en}: {named}"), pairs))
    half = [n for n in rules if a.rules[n].get("judged") != b.rules[n].get("judged")]
    if half:
        named = ", ".join(half[:5])
        text = Text(f"仅一次运行中有评判：{named}", f"judged in one of the runs only: {named}")
        found.append(_note("judged_once", len(half), text, half))
    if matched == 0:
        text = Text(
            "两次运行没有共同的需求点编号，只比较指标，不列出得失者",
            "the runs share no demand ids at the same place: figures are compared, but not who gains or loses",
        )
        found.append(_note("no_shared_demand", 1, text, []))
    elif moved:
        text = Text(
            f"{moved} 个需求点编号相同但位置不同，不计入得失",
            f"{moved} demand points have one id but two places; they are left out of who gains or loses",
        )
        found.append(_note("moved_demand", moved, text, []))
    people = a.summary.get("people"), b.summary.get("people")
    if people[0] != people[1] or a.summary.get("demand_points") != b.summary.get("demand_points"):
        points = a.summary.get("demand_points"), b.summary.get("demand_points")
        text = Text(
            f"需求不同：{points[0]} → {points[1]} 点，{_people(people[0])} → {_people(people[1])} 人",
            f"the demand differs: {points[0]} → {points[1]} points, {_people(people[0])} → {_people(people[1])} people",
        )
        found.append(_note("other_demand", 1, text, []))
    versions = a.evidence.get("version"), b.evidence.get("version")
    if versions[0] != versions[1]:
        text = Text(
            f"siting 版本不同：{versions[0]} → {versions[1]}",
            f"siting's version differs: {versions[0]} → {versions[1]}",
        )
        found.append(_note("other_version", 1, text, []))
    return tuple(found)


def _people(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else "?"


def _note(code: str, count: int, text: Text, ids: list[str]) -> Finding:
    return Finding(code=code, kind="warning", count=count, text=text, ids=tuple(ids[:20]))
