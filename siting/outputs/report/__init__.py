"""The report of a run: `report.html` and `report.docx`, one content, in the form of a planning annex."""

from siting.outputs.report.build import build_report
from siting.outputs.report.write import write_report

__all__ = ["build_report", "write_report"]
