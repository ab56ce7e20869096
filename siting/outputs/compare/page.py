"""One page a rule: who is newly served, who no longer, where."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyproj
from matplotlib.lines import Line2D

from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.compare.changes import BOTH, GAINED, LOST, NEITHER, Comparison, RuleChange
from siting.outputs.compare.result_folder import as_text
from siting.outputs.compare.words import grade_of, headline, signed, who_changed
from siting.outputs.contract import MapBase
from siting.outputs.maps import marks, style
from siting.outputs.maps.frame import Around, outlined_zones
from siting.outputs.maps.page import format_for, page
from siting.outputs.maps.panel import LINE_SPACING, Panel
from siting.outputs.maps.scene import Scene
from siting.standards import DISTANCES

UNCHANGED = "#c9c4b8"
LIST_LINE_PT = 8.0 * LINE_SPACING
WORDS = {
    GAINED: (palette.NEWLY_SERVED, Text("新增覆盖", "newly served")),
    LOST: (palette.UNSERVED, Text("不再覆盖", "no longer served")),
    BOTH: (palette.SERVED, Text("两次均覆盖", "served in both")),
    NEITHER: (UNCHANGED, Text("两次均未覆盖", "served in neither")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the frame of the page needs."""

    lang: Lang
    crs: pyproj.CRS
    attribution: tuple[Text, ...]
    data_date: str | None


def comparison_map(path: Path, change: RuleChange, found: Comparison, lang: Lang) -> None:
    """Draw the page of one rule that was judged in both runs."""
    demand = change.demand
    assert demand is not None
    frame = frame_of(found, lang)
    place = found.b.title
    title = Text(f"{place.zh} · {change.title.zh}：变化", f"{place.en} · {change.title.en}: what changed")
    runs = f"{found.a.name} → {found.b.name}"
    kind = next((text for key, text in DISTANCES.items() if key == change.b.get("distance")), Text("", ""))
    grade = grade_of(change)
    subtitle = Text(f"{runs}；{change.name}（{kind.zh}）{grade.zh}", f"{runs}; {change.name} ({kind.en}){grade.en}")
    facilities, new, gone = facilities_of(change, found)
    with page(path, frame, format_for([demand]), title, subtitle) as (ax, panel):
        drawn = Scene.on(ax, Around(lang, MapBase(), None, outlined_zones(found.b.zones)), [demand])
        classes = [
            ((demand["change"] == what).to_numpy(dtype=bool), WORDS[what][0]) for what in (NEITHER, BOTH, LOST, GAINED)
        ]
        drawn.demand(demand, classes)
        drawn.facilities(facilities)
        for layer, colour in ((new, palette.NEWLY_SERVED), (gone, palette.UNSERVED)):
            xy = marks.point_xy(layer)
            ax.scatter(
                xy[:, 0], xy[:, 1], s=70, marker="s", facecolors="none", edgecolors=colour, linewidths=1.6, zorder=3.3
            )
        drawn.scale()
        _figures(panel, change, lang)
        panel.heading(style.label(Text("图例", "Legend"), lang))
        panel.legend(_legend(change, lang, len(facilities), len(new), len(gone)))
        _zones(panel, change, found, lang)


def facilities_of(change: RuleChange, found: Comparison) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Facilities of the second run that somebody goes to under this rule; those of them that are new; those gone."""
    assert change.demand is not None
    a, b = found.a.facilities, found.b.facilities
    before, after = set(change.demand["facility_a"].dropna()), set(change.demand["facility_b"].dropna())
    used = b[b.index.isin(after)]
    gone = a[a.index.isin(before) & ~a.index.isin(b.index)]
    return used, used[~used.index.isin(a.index)], gone.to_crs(b.crs) if len(gone) else gone


def frame_of(found: Comparison, lang: Lang) -> Frame:
    """Name the sources of both runs, each once; the dates of both where they differ."""
    lines = [as_text(line, "") for run in (found.a, found.b) for line in run.evidence.get("attribution", [])]
    dates = [run.evidence.get("data_date") for run in (found.a, found.b)]
    known = list(dict.fromkeys(str(d) for d in dates if d))
    return Frame(
        lang=lang,
        crs=pyproj.CRS.from_user_input(found.b.demand.crs),
        attribution=tuple(dict.fromkeys(line for line in lines if line.en)),
        data_date=" → ".join(known) or None,
    )


def map_texts(found: Comparison, lang: Lang) -> list[str]:
    """Every text of the maps that comes from the data, to be checked against the fonts."""
    texts = [*frame_of(found, lang).attribution, found.b.title, *(c.title for c in found.rules.values())]
    names = [str(n) for n in found.table["zone_name"].unique()]
    return [word for text in texts for word in (text.zh, text.en)] + names + [found.a.name, found.b.name]


def _figures(panel: Panel, change: RuleChange, lang: Lang) -> None:
    what, one, other = headline(change)
    if one is not None and other is not None:
        colour = palette.NEWLY_SERVED if other > one else palette.UNSERVED if other < one else palette.INK
        panel.write(signed(100 * (other - one)), 30, colour, strong=True)
        panel.skip(-6)
        points = Text(f"个百分点（{what.zh}覆盖率）", f"points in the share of {what.en} served")
        panel.both(points, lang)
        panel.skip(4)
        for name, share, was in ((Text("之前", "before"), one, change.a), (Text("之后", "after"), other, change.b)):
            unit = "min" if was.get("unit") == "min" else "m"
            limit = was.get(f"limit_{unit}")
            radius = f" ({limit:g} {unit})" if isinstance(limit, int | float) else ""
            panel.named(Text(name.zh + radius, name.en + radius), style.percent(share), lang)
            panel.bar([(share, palette.SERVED), (1 - share, UNCHANGED)])
    panel.skip(2)
    panel.both(who_changed(change), lang)
    for name, people in (
        (Text("距离变短", "shorter way"), change.closer),
        (Text("距离变长", "longer way"), change.farther),
    ):
        if people is not None:
            panel.named(name, f"{style.number(people)} {style.PEOPLE.get(lang)}", lang)


def _legend(change: RuleChange, lang: Lang, used: int, new: int, gone: int) -> list[tuple[Line2D, str]]:
    rows = [(_mark("o", colour, "white"), text) for what, (colour, text) in WORDS.items() if change.points(what)]
    if used:
        rows.append((_mark("s", palette.FACILITY, "white"), Text("设施", "facility")))
    if new:
        rows.append((_mark("s", palette.FACILITY, palette.NEWLY_SERVED), Text("新增设施", "new facility")))
    if gone:
        rows.append((_mark("s", "none", palette.UNSERVED), Text("已取消的设施", "facility that is gone")))
    return [(handle, style.clean(style.label(text, lang))) for handle, text in rows]


def _zones(panel: Panel, change: RuleChange, found: Comparison, lang: Lang) -> None:
    """List the zones of the finest level whose share changed most."""
    table = found.table
    own = table[
        (table["rule"] == change.name)
        & (table["distance"] == change.b.get("distance"))
        & (table["zone_level"] != "city")
    ]
    levels = list(dict.fromkeys(own["zone_level"]))
    known = [
        d for d in ("people", "land", "units") if own.loc[own["denominator"] == d, "share_change_points"].notna().any()
    ]
    if not levels or not known or panel.left < 45:
        return
    own = own[(own["zone_level"] == levels[0]) & (own["denominator"] == known[0])].dropna(subset="share_change_points")
    own = own[own["share_change_points"] != 0]
    own = own.loc[own["share_change_points"].abs().sort_values(ascending=False, kind="stable").index]
    if own.empty:
        return
    panel.heading(style.label(Text("变化最大的分区", "Zones that changed most"), lang))
    room = int((panel.left - 14) / LIST_LINE_PT)
    for row in own.head(room).to_dict("records"):
        panel.row(str(row["zone_name"] or row["zone"]), signed(row["share_change_points"]))
    if len(own) > room:
        more = Text(f"另有 {len(own) - room} 个，见 compare.csv", f"{len(own) - room} more in compare.csv")
        panel.write(more.get(lang), 7.5, palette.FAINT_INK)


def _mark(marker: str, face: str, edge: str) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=marker,
        markerfacecolor=face,
        markeredgecolor=edge,
        markeredgewidth=1.0,
        markersize=6,
    )
