"""The steps of writing, told to whoever listens."""

from siting.ledger import Text
from siting.outputs.contract import ProgressLike


class Steps:
    """A stage of so many steps; without ``progress`` nobody is told.

    Parameters
    ----------
    stage : what is being written
    count : how many steps there will be
    """

    def __init__(self, progress: ProgressLike | None, stage: Text, count: int) -> None:
        self._progress = progress
        if progress is not None:
            progress.stage(stage, count)

    def done(self, what: str | Text) -> None:
        """Tell that a step is done: the name of a file, or words."""
        if self._progress is not None:
            self._progress.step(what if isinstance(what, Text) else Text(what, what))
