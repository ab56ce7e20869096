"""`siting check`: read everything, judge nothing, write nothing."""

from dataclasses import dataclass

from siting.coverage import Searches
from siting.ledger import Account, Finding, Lang, Text
from siting.pipeline.execute import all_accounts, prepare
from siting.pipeline.lacking import findings_of
from siting.pipeline.parking import parking_findings
from siting.pipeline.parking_sites import parking_site_findings
from siting.pipeline.progress import Progress, Silent
from siting.pipeline.shift import shift_findings
from siting.pipeline.snapping import list_unsnapped
from siting.pipeline.suitable import make_suitability
from siting.pipeline.theme_lacks import theme_lacks
from siting.pipeline.travel import Ways, trip_lines, trips_of
from siting.study import Study
from siting.units import milli_to_people, people_to_milli


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a study reads, and what its reader should know before running it."""

    study: str
    crs: Text
    scale_error_ppm: float
    network: str
    demand: Text
    people: float | None
    points: int
    accounts: tuple[Account, ...]
    findings: tuple[Finding, ...]
    travel: tuple[Text, ...] = ()

    def text(self, lang: Lang) -> str:
        """Write the report as lines for a terminal."""
        people = (
            "" if self.people is None else Text(f",{self.people:,.0f} 人", f", {self.people:,.0f} people").get(lang)
        )
        lines = [
            Text(f"{self.study}：可以运行", f"{self.study}: ready to run").get(lang),
            f"  {self.crs.get(lang)} ({self.scale_error_ppm:,.0f} ppm)",
            f"  {self.network}",
            f"  {self.demand.get(lang)}: {self.points:,} {Text('个需求点', 'demand points').get(lang)}{people}",
        ]
        if self.travel:
            lines.append(Text("以分钟计的标准", "rules in minutes").get(lang))
            lines += [f"  {line.get(lang)}" for line in self.travel]
        head = Text("图层（行数：文件 → 使用）", "layers (rows: in the file -> used)").get(lang)
        lines.append(head)
        for account in self.accounts:
            lines.append(f"  {account.layer} ({account.source}): {account.rows_in:,} -> {account.rows_used:,}")
            lines += [f"    {_mark(f)} {f.text.get(lang)}" for f in account.findings]
        lines += [f"  {_mark(f)} {f.text.get(lang)}" for f in self.findings]
        return "\n".join(lines)


def check(study: Study, *, progress: Progress | None = None) -> CheckReport:
    """Read every layer of a study and say what was found.

    Raises
    ------
    InputError
        Layers cannot be used; the message lists them all.
    """
    progress = progress or Silent()
    sources, network, demand = prepare(study, progress)
    _, far = list_unsnapped(network, {"demand": demand.points}, study.settings.study.max_snap_m)
    points = demand.points
    searches = Searches(network, study.settings.study.max_snap_m, sources.entrances)
    ways, trips = Ways(study, sources, network, searches), trips_of(study)
    travel = trip_lines(study, ways)
    suited = make_suitability(study, sources, network, demand, progress)
    people = None
    if "people" in points:
        people = float(milli_to_people(people_to_milli(points["people"]).sum()))
    progress.close()
    return CheckReport(
        study=study.name,
        crs=sources.area.reason,
        scale_error_ppm=sources.area.scale_error_ppm,
        network=repr(network) if network is not None else "no streets",
        demand=demand.method,
        people=people,
        points=len(points),
        accounts=(*all_accounts(sources, demand, network, ways), *suited.accounts),
        findings=(
            *sources.findings,
            *shift_findings(study, sources, network),
            *far,
            *ways.findings(trips),
            *study.catalogue.findings,
            *findings_of(theme_lacks(study, sources, network, demand)),
            *parking_findings(study, sources.facilities),
            *parking_site_findings(study, sources),
            *suited.findings,
        ),
        travel=travel,
    )


def _mark(finding: Finding) -> str:
    return {"dropped": "-", "repaired": "~", "warning": "!", "note": "."}[finding.kind]
