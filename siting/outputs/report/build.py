"""The report of a run, chapter by chapter."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from siting import __version__
from siting.ledger import Text
from siting.outputs.clock import timestamp
from siting.outputs.contract import NOTE, RunLike
from siting.outputs.report.content import Cover, Report, clean, clean_text, numbered
from siting.outputs.report.gaps import gaps
from siting.outputs.report.limits import evidence, not_judged, unverified
from siting.outputs.report.material import Material
from siting.outputs.report.method import method
from siting.outputs.report.results import results
from siting.outputs.report.scope import scope, sources
from siting.outputs.report.sites import sites
from siting.outputs.report.themes import themes

CHAPTERS = (scope, sources, method, results, themes, gaps, sites, not_judged, unverified, evidence)


def build_report(run: RunLike, tables: Mapping[str, pd.DataFrame], maps: Mapping[str, Path]) -> Report:
    """Build the content of a report once, for both files.

    Parameters
    ----------
    tables : as `siting.outputs.tables.result_tables` returns them; the figures of the report are theirs
    maps : pictures by file name without ending; those that are not there are left out
    """
    material = Material(run=run, tables=tables, maps=maps)
    blocks = numbered(block for chapter in CHAPTERS for block in chapter(material))
    return Report(lang=run.lang, cover=_cover(material), blocks=blocks)


def _cover(m: Material) -> Cover:
    run = m.run
    notes = [line.get(m.lang) for line in run.attribution if line.en.startswith(NOTE)]
    facts = [
        (Text("研究名称", "Study"), run.name),
        (Text("数据时点", "Data as of"), run.data_date or m.say("数据未注明", "not stated by the data")),
        (Text("编制工具", "Tool"), f"siting {__version__}"),
        (Text("写出日期", "Written"), f"{timestamp()[:10]} (UTC)"),
    ]
    return Cover(
        title=clean_text(run.title),
        subtitle=Text("公共服务设施评估与选址附件", "Annex: assessment and siting of public facilities"),
        facts=tuple((name, clean(value)) for name, value in facts),
        caution=clean(" ".join(notes)) or None,
    )
