"""Everything the page says of itself, in both languages."""

from collections.abc import Mapping

from siting.ledger import Text

WORDS: Mapping[str, Text] = {
    "all_topics": Text("全部主题", "All topics"),
    "before": Text("现状", "today"),
    "by_gain": Text("按增益排序的新选点", "Sites in order of gain"),
    "clause": Text("条文", "Clause"),
    "close": Text("关闭", "Close"),
    "confidence": Text("数值核实程度", "How the figure was read"),
    "data_date": Text("数据日期", "Date of data"),
    "date_unknown": Text("未说明", "not stated"),
    "fails": Text("不达标", "not met"),
    "fit": Text("全图", "Whole map"),
    "gaps_here": Text("最大的盲区", "Largest gaps"),
    "language": Text("English", "中文"),
    "language_label": Text("切换为英文", "Switch to Chinese"),
    "layers": Text("图层", "Layers"),
    "legend": Text("图例", "Legend"),
    "map": Text("地图；数据点可用搜索框选取", "Map; its features can be reached through the search box"),
    "next": Text("下一个", "Next"),
    "no": Text("否", "no"),
    "no_gaps": Text("没有服务盲区", "no gap areas"),
    "no_hits": Text("没有找到", "Nothing found"),
    "no_plans": Text("本研究没有选址方案。", "This study has no siting plan."),
    "no_rules": Text("本研究没有评判规则。", "This study judges no rule."),
    "no_themes": Text("本研究没有专题。", "This study has no themes."),
    "no_verdict": Text("不作结论", "no verdict"),
    "no_verdict_why": Text(
        "只有限值、目标、口径和量法均出自条文并经查阅，才给出“达标”或“不达标”。",
        "Met or not met is said only where limit, target, denominator and kind of distance all come from the clause "
        "and were read.",
    ),
    "not_judged": Text("未评判", "Not judged"),
    "not_known_who": Text(
        "逐点归属未留存；地图只区分现状与全部建成。",
        "Who is won by which site was not kept: the map shows only today and all sites.",
    ),
    "notes": Text("说明", "Notes"),
    "opacity": Text("不透明度", "Opacity"),
    "passes": Text("达标", "met"),
    "plans": Text("选址", "Sites"),
    "previous": Text("上一个", "Previous"),
    "print": Text("打印", "Print"),
    "rule": Text("规则", "Rule"),
    "rules": Text("规则", "Rules"),
    "search": Text("搜索名称或编号", "Search by name or id"),
    "search_label": Text(
        "搜索设施、分区、新选点、盲区、需求点", "Search facilities, zones, sites, gaps and demand points"
    ),
    "set_by_study": Text("由本研究设定", "Set by this study"),
    "share": Text("覆盖率", "Served"),
    "show_on_map": Text("在地图上显示", "Show on the map"),
    "sites_built": Text("建成处数", "Sites built"),
    "sources": Text("资料来源", "Sources"),
    "target": Text("目标", "Target"),
    "themes": Text("专题", "Themes"),
    "topic": Text("主题", "Topic"),
    "unknown": Text("—", "—"),
    "unreachable": Text("无路可达", "unreachable"),
    "unreachable_points": Text("个需求点无路可达", "demand points have no path at all"),
    "unverified_note": Text(
        "条规则使用未核实默认值或本工具设定，引用前须核对原文。",
        "rules rest on unverified defaults or on choices of this toolkit: check the clause before quoting.",
    ),
    "verdict": Text("结论", "Verdict"),
    "yes": Text("是", "yes"),
    "zoom_in": Text("放大", "Zoom in"),
    "zoom_out": Text("缩小", "Zoom out"),
}
