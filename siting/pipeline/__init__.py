"""From a study to its answers: read, judge, find the gaps, choose the sites."""

from siting.pipeline.checking import CheckReport, check
from siting.pipeline.execute import run
from siting.pipeline.finished import Run
from siting.pipeline.progress import Progress, Silent

__all__ = ["CheckReport", "Progress", "Run", "Silent", "check", "run"]
