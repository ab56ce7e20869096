"""Chapters 1 and 2: what was studied, and on which data."""

from collections.abc import Iterator
from typing import Any

from siting.ledger import Account, Finding, Text
from siting.outputs.contract import NOTE
from siting.outputs.report.content import Block, Column, Items, Paragraph, Table
from siting.outputs.report.figures import count
from siting.outputs.report.material import Material, heading, rows_of
from siting.standards import level_text
from siting.standards.classes import load_classes

LONGEST_REASON = 200
"""Characters of a reason; the rest stands in `evidence.json`."""


def scope(m: Material) -> Iterator[Block]:
    """Study area, people, zones, network, coordinates."""
    yield heading(1, "研究范围与对象", "Scope")
    yield Paragraph(text=_purpose(m), kind="lead")
    yield heading(2, "研究对象", "What was studied")
    yield Items(lines=tuple(_subject(m)))
    facilities = rows_of(m.tables["facilities"])
    if facilities:
        yield _facility_table(m, facilities)
    yield heading(2, "坐标系", "Coordinates")
    yield Paragraph(text=_coordinates(m))


def _purpose(m: Material) -> str:
    run, n, plans = m.run, len(m.judged), len(m.run.plans)
    place = run.title.get(m.lang)
    open_ = len(run.audits) - n
    zh = f"本附件对{place}现有设施按 {len(run.audits)} 条规则评估：{n} 条得出覆盖率"
    en = f"This annex judges the facilities of {place} by {len(run.audits)} rules: {n} of them give a share"
    if open_:
        zh, en = f"{zh}，{open_} 条因数据或条文所限未能评判", f"{en}, {open_} could not be judged"
    if plans:
        zh, en = (
            f"{zh}；提出 {plans} 个选址方案，逐一说明其可证明的优劣",
            (f"{en}; it proposes {plans} siting plan{'s' if plans > 1 else ''} and says what is proved of each"),
        )
    return m.say(f"{zh}。", f"{en}.")


def _subject(m: Material) -> Iterator[str]:
    run, parameters = m.run, m.run.parameters
    area = parameters.get("boundary_area_m2")
    if isinstance(area, int | float):
        yield m.say(f"研究范围：{area / 1e6:,.2f} 平方公里", f"Study area: {area / 1e6:,.2f} km²")
    people = run.demand["people"].sum() if "people" in run.demand.columns else None
    points = count(len(run.demand))
    if people is None:
        yield m.say(f"需求点：{points} 个（人口未知）", f"Demand: {points} points (people unknown)")
    else:
        yield m.say(
            f"需求：{points} 个点，共 {count(float(people))} 人",
            f"Demand: {points} points, {count(float(people))} people",
        )
    source = _words(parameters.get("demand_source"))
    if source is not None:
        yield m.say(f"需求由来：{source.zh}", f"How demand came about: {source.en}")
    levels = [
        m.say(f"{level_text(level).zh}（{len(layer):,} 个）", f"{level_text(level).en} ({len(layer):,})")
        for level, layer in run.zones.items()
    ]
    if levels:
        yield m.say(f"分区（由小到大）：{'、'.join(levels)}", f"Zones, from small to large: {', '.join(levels)}")
    else:
        yield m.say("分区：未提供，各项结果只按全域统计", "Zones: none given, so results are for the whole area")
    for key, name in (
        ("network", Text("步行网络", "Walking network")),
        ("drive_network", Text("车行网络", "Driving network")),
    ):
        net = parameters.get(key)
        if isinstance(net, dict) and net.get("length_m"):
            km, edges = net["length_m"] / 1000, net.get("edges", 0)
            yield m.say(f"{name.zh}：{km:,.1f} 公里，{edges:,} 条边", f"{name.en}: {km:,.1f} km, {edges:,} edges")
    lost = len(run.unsnapped)
    if lost:
        yield m.say(
            f"距街道过远、未能接入路网的点：{lost:,} 个，按未覆盖计，见 tables/unsnapped.csv",
            f"Points too far from a street to be joined to it: {lost:,}, counted as unserved, see tables/unsnapped.csv",
        )


def _facility_table(m: Material, rows: list[dict[str, Any]]) -> Table:
    classes = load_classes()
    body = []
    for row in rows:
        key = str(row["class"])
        name = classes[key].name.get(m.lang) if key in classes else key
        body.append((name, count(row["places"]), count(row["points"]), count(row["areas"]), count(row["entries"])))
    return Table(
        key="facilities",
        caption=Text("采用的现有设施", "Existing facilities that were used"),
        columns=(
            Column(title=m.say("类别", "class"), width=2.6),
            Column(title=m.say("处数", "places"), right=True),
            Column(title=m.say("其中：点", "as points"), right=True),
            Column(title=m.say("其中：面", "as areas"), right=True),
            Column(title=m.say("面的出入口", "entries of areas"), right=True, width=1.3),
        ),
        rows=tuple(body),
    )


def _coordinates(m: Material) -> str:
    run = m.run
    authority = run.crs.to_authority()
    code = ":".join(authority) if authority else run.crs.name
    text = m.say(f"计算采用 {code}（{run.crs.name}）", f"Computed in {code} ({run.crs.name})")
    if run.crs_note is not None:
        text += m.say(f"，选用依据：{run.crs_note.zh}", f"; chosen because: {run.crs_note.en}")
    if run.scale_error_ppm is not None:
        ppm = abs(run.scale_error_ppm)
        text += m.say(
            f"。投影长度变形最大 {ppm:,.0f} ppm，即每公里约 {ppm / 10:,.1f} 厘米",
            f". Largest scale error: {ppm:,.0f} ppm, about {ppm / 10:,.1f} cm in a kilometre",
        )
    return text + m.say("。", ".")


def sources(m: Material) -> Iterator[Block]:
    """Every input with its rows, what was left out and why; sources, licences and dates."""
    run = m.run
    yield heading(1, "数据与时点", "Data and their dates")
    date = run.data_date or m.say("数据未注明", "not stated by the data")
    yield Paragraph(text=m.say(f"数据时点：{date}。", f"Date of the data: {date}."))
    yield Items(lines=tuple(credits(m)))
    if run.accounts:
        yield Paragraph(
            text=m.say(
                "各输入的行数核对如下：读入行数 = 采用行数 + 剔除行数，剔除的每一类都列明原因。",
                "The rows of every input: rows read = rows used + rows left out, and each kind left out has its "
                "reason.",
            )
        )
        yield _account_table(m)
        reasons = tuple(_reasons(m))
        if reasons:
            yield heading(2, "剔除与修正的原因", "What was left out or repaired, and why")
            yield Items(lines=reasons)
    warnings = [f for f in run.findings if f.kind == "warning"]
    if warnings:
        yield heading(2, "数据提示", "Warnings about the data")
        yield Items(lines=tuple(finding_line(m, f) for f in warnings))


def credits(m: Material) -> Iterator[str]:
    """Give sources and licences, and the study's note about itself."""
    for line in m.run.attribution:
        if line.en.startswith(NOTE):
            yield line.get(m.lang)
        else:
            yield m.say(f"来源与许可：{line.zh}", f"Source and licence: {line.en}")


def _account_table(m: Material) -> Table:
    def total(account: Account, kind: str) -> int:
        return sum(f.count for f in account.findings if f.kind == kind)

    rows = tuple(
        (
            m.layer_name(a.layer),
            a.source,
            count(a.rows_in),
            count(a.rows_used),
            count(total(a, "dropped")),
            count(total(a, "repaired")),
        )
        for a in m.run.accounts
    )
    return Table(
        key="inputs",
        caption=Text("输入数据与行数", "Inputs and their rows"),
        columns=(
            Column(title=m.say("输入", "input"), width=2.2),
            Column(title=m.say("来源", "source"), width=2.6),
            Column(title=m.say("读入", "read"), right=True),
            Column(title=m.say("采用", "used"), right=True),
            Column(title=m.say("剔除", "left out"), right=True),
            Column(title=m.say("修正", "repaired"), right=True),
        ),
        rows=rows,
    )


def _reasons(m: Material) -> Iterator[str]:
    words = {"dropped": Text("剔除", "left out"), "repaired": Text("修正", "repaired")}
    for account in m.run.accounts:
        for found in account.findings:
            if found.kind in words:
                name, what = m.layer_name(account.layer), words[found.kind].get(m.lang)
                text = shortened(found.text.get(m.lang))
                yield m.say(f"{name}：{what} {found.count:,} 行，{text}", f"{name}: {found.count:,} {what}: {text}")


def finding_line(m: Material, found: Finding) -> str:
    """Write one finding, with how many it concerns."""
    text = shortened(found.text.get(m.lang))
    text = m.sentence(text)
    return text if found.count <= 1 else m.say(f"{text}（{found.count:,} 项）", f"{text} ({found.count:,})")


def shortened(text: str) -> str:
    """Cut a very long list short."""
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1].rstrip() + "…"


def _words(value: Any) -> Text | None:
    if isinstance(value, Text):
        return value
    if isinstance(value, dict) and {"zh", "en"} <= set(value):
        return Text(str(value["zh"]), str(value["en"]))
    return None
