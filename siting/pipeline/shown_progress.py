"""Who is told how far a run is: a notebook by itself, a script only if it asks."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from siting.display import Markup, escaped
from siting.ledger import Lang, Text
from siting.pipeline.progress import Progress, Silent


class NotebookLine:
    """One line in a notebook that is written anew at every step: no widgets are needed, no codes of a terminal.

    Parameters
    ----------
    publish : `IPython.display.display`, or what stands for it in a test
    """

    def __init__(self, publish: Any = None) -> None:
        self._publish = import_module("IPython.display").display if publish is None else publish
        self._handle: Any = None
        self._begun = time.perf_counter()
        self._stage: Text | None = None
        self._done = self._steps = self._stages = 0

    def stage(self, text: Text, steps: int = 1) -> None:
        """Name the stage, with a bar of its steps."""
        self._stage, self._steps, self._done = text, steps, 0
        self._stages += 1
        self._show(text)

    def step(self, text: Text) -> None:
        """Advance the bar and name what is done."""
        self._done = min(self._done + 1, self._steps)
        if self._stage is not None:
            self._show(Text(f"{self._stage.zh}：{text.zh}", f"{self._stage.en}: {text.en}"))

    def close(self) -> None:
        """Leave how long it took; after an error, where it stood."""
        if self._stage is None:
            return
        stage = self._stage
        if sys.exc_info()[0] is not None:
            self._show(Text(f"中断于“{stage.zh}”", f"stopped at: {stage.en}"))
        else:
            self._steps = self._done = 0
            self._show(Text("完成", "done"))
        self._stage = None

    def _show(self, text: Text) -> None:
        line = Line(text, self._done, self._steps, time.perf_counter() - self._begun)
        if self._handle is None:
            self._handle = self._publish(line, display_id=True)
        else:
            self._handle.update(line)


class Line:
    """How far a run is, as one line of text or HTML."""

    def __init__(self, text: Text, done: int, steps: int, seconds: float) -> None:
        self.text, self.done, self.steps, self.seconds = text, done, steps, seconds

    def __repr__(self) -> str:
        """Say it in plain text."""
        count = f" {self.done}/{self.steps}" if self.steps > 1 else ""
        return f"{self.text.both(' / ')}{count} ({self.seconds:.0f} s)"

    def _repr_html_(self) -> str:
        bar = ""
        if self.steps:
            size = f'max="{self.steps}" value="{self.done}"'
            bar = f'<progress {size} style="width:12em;vertical-align:middle"></progress> '
        count = f" {self.done}/{self.steps}" if self.steps > 1 else ""
        return Markup(f"<div>{bar}{escaped(self.text)}{count} · {self.seconds:.0f} s</div>")


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this; nothing of IPython is loaded to find out."""
    module = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    return getattr(shell, "kernel", None) is not None


@contextmanager
def told(asked: Progress | bool | None, lang: Lang) -> Iterator[Progress]:
    """Give who is told, and close what was opened here; one that was given stays open, for what its owner does next."""
    shown = progress_for(asked, lang)
    try:
        yield shown
    finally:
        if shown is not asked:
            shown.close()


def progress_for(asked: Progress | bool | None, lang: Lang) -> Progress:
    """Return who is told.

    Parameters
    ----------
    asked : one to be told; True: whoever watches, in a notebook, at a terminal or in a log; False: nobody;
        None: a notebook, else nobody
    lang : of what a terminal is told
    """
    if asked is False:
        return Silent()
    if asked is None or asked is True:
        if in_notebook():
            return NotebookLine()
        if asked is None:
            return Silent()
        from siting.cli_display import Bars, Lines

        return Bars(lang) if sys.stderr.isatty() else Lines(lang)
    return asked
