"""Progress in a notebook is one line that is written anew; scripts are quiet unless they ask."""

import io
import sys
from types import SimpleNamespace

import pytest

from siting.cli_display import Lines
from siting.ledger import Text
from siting.pipeline.progress import Silent
from siting.pipeline.shown_progress import NotebookLine, in_notebook, progress_for, told

READ, JUDGE, BUS = Text("读取图层", "Reading"), Text("评估", "Judging"), Text("公交<站>", "bus <stop>")


class Output:
    """Stands for an output cell: what was shown first, and what it became."""

    def __init__(self):
        self.shown = []

    def display(self, value, *, display_id):
        assert display_id is True
        self.shown.append(("new", value))
        return SimpleNamespace(update=lambda value: self.shown.append(("same", value)))

    @property
    def texts(self):
        return [repr(value) for _, value in self.shown]

    @property
    def pages(self):
        return [value._repr_html_() for _, value in self.shown]


@pytest.fixture
def output():
    return Output()


@pytest.fixture
def kernel(monkeypatch, output):
    """Pretend that a Jupyter kernel runs the tests."""
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=output.display))
    return shell


def test_one_line_is_written_anew(output):
    line = NotebookLine(output.display)
    line.stage(READ)
    line.stage(JUDGE, 2)
    line.step(BUS)
    line.step(BUS)
    line.close()
    assert [how for how, _ in output.shown] == ["new"] + ["same"] * 4
    assert output.texts[0].startswith("读取图层 / Reading (")
    assert "评估：公交<站> / Judging: bus <stop> 1/2" in output.texts[2]
    assert 'max="2" value="2"' in output.pages[3]
    assert "完成" in output.texts[-1]
    assert "progress" not in output.pages[-1]
    for text in output.texts + output.pages:
        assert "\x1b" not in text
        assert "\r" not in text
    assert "<stop>" not in "".join(output.pages)


def test_steps_beyond_those_announced_do_not_overrun(output):
    line = NotebookLine(output.display)
    line.stage(JUDGE, 1)
    line.step(BUS)
    line.step(BUS)
    assert 'value="1"' in output.pages[-1]


def test_nothing_begun_leaves_nothing(output):
    NotebookLine(output.display).close()
    assert output.shown == []


def test_an_error_leaves_the_line_where_it_stood(kernel, output):
    def stops():
        with told(None, "en") as shown:
            shown.stage(READ)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stops()
    assert "stopped at: Reading" in output.texts[-1]


def test_a_notebook_is_told_by_itself_and_not_where_it_says_no(kernel, output):
    assert in_notebook()
    with told(None, "zh") as shown:
        assert isinstance(shown, NotebookLine)
        shown.stage(READ)
    assert "完成" in output.texts[-1]
    assert isinstance(progress_for(True, "zh"), NotebookLine)
    assert isinstance(progress_for(False, "zh"), Silent)


def test_a_terminal_with_ipython_is_no_notebook(kernel):
    del kernel.kernel
    assert not in_notebook()


def test_a_script_is_quiet_unless_it_asks(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(progress_for(None, "zh"), Silent)
    assert isinstance(progress_for(False, "zh"), Silent)
    with told(True, "zh") as shown:
        assert isinstance(shown, Lines)
        shown.stage(READ)
    assert "读取图层" in sys.stderr.getvalue()


def test_one_that_was_given_stays_open():
    class Given(Silent):
        closed = False

        def close(self):
            self.closed = True

    given = Given()
    with told(given, "zh") as shown:
        assert shown is given
    assert not given.closed
