"""Write both reports of a run from one content."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from siting.outputs.contract import RunLike
from siting.outputs.report.build import build_report
from siting.outputs.report.content import Figure
from siting.outputs.report.html import html_text
from siting.outputs.report.pictures import report_png
from siting.outputs.report.word import word_bytes


def write_report(
    html_path: Path, docx_path: Path, run: RunLike, tables: Mapping[str, pd.DataFrame], maps: Mapping[str, Path]
) -> None:
    """Write `report.html` and `report.docx`.

    Parameters
    ----------
    tables : as `siting.outputs.tables.result_tables` returns them: every figure of the report is theirs
    maps : pictures of the run by file name without ending; a report holds one a topic, plan and theme and names the
        others
    """
    report = build_report(run, tables, maps)
    pictures = {b.path: report_png(b.path) for b in report.blocks if isinstance(b, Figure)}
    html_path.write_text(html_text(report, pictures), encoding="utf-8", newline="\n")
    docx_path.write_bytes(word_bytes(report, pictures))
