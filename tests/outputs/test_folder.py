"""A result folder appears whole or not at all, and nothing else is ever replaced."""

import errno
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from siting.errors import OutputError
from siting.outputs.folder import EVIDENCE, OutputFolder, check_target


def write(target: Path, text: str, overwrite: bool = False) -> None:
    with OutputFolder(target, overwrite) as folder:
        folder.path("tables", "a.csv").write_text(text)
        folder.path(EVIDENCE).write_text(json.dumps({"tool": "siting"}))


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def test_a_new_folder_and_its_parents_are_made(tmp_path):
    write(tmp_path / "新 文件夹" / "it's" / "run", "1")
    assert names(tmp_path / "新 文件夹" / "it's") == ["run", "run/evidence.json", "run/tables", "run/tables/a.csv"]


def test_an_existing_result_needs_overwrite_and_is_replaced_whole(tmp_path):
    target = tmp_path / "run"
    write(target, "1")
    (target / "maps").mkdir()
    (target / "maps" / "old.png").write_text("left over")
    (target / "results.gpkg-wal").write_text("a GIS has it open")
    with pytest.raises(OutputError, match="--overwrite"):
        check_target(target)
    write(target, "2", overwrite=True)
    assert names(tmp_path) == ["run", "run/evidence.json", "run/tables", "run/tables/a.csv"]
    assert (target / "tables" / "a.csv").read_text() == "2"


def test_a_result_that_somebody_added_to_is_never_replaced(tmp_path):
    target = tmp_path / "run"
    write(target, "1")
    (target / "my notes.txt").write_text("do not lose")
    with pytest.raises(OutputError, match=r"did not write \(my notes\.txt\)"):
        check_target(target, overwrite=True)
    assert (target / "my notes.txt").read_text() == "do not lose"


def test_an_empty_folder_is_used_without_overwrite(tmp_path):
    (tmp_path / "run").mkdir()
    write(tmp_path / "run", "1")
    assert names(tmp_path / "run") == ["evidence.json", "tables", "tables/a.csv"]


@pytest.mark.parametrize("evidence", [None, "{}", "not json", "[]"])
def test_a_folder_that_others_wrote_is_never_replaced(tmp_path, evidence):
    target = tmp_path / "thesis"
    target.mkdir()
    (target / "thesis.docx").write_text("ten years of work")
    if evidence is not None:
        (target / EVIDENCE).write_text(evidence)
    with pytest.raises(OutputError, match="did not write"):
        check_target(target, overwrite=True)
    assert (target / "thesis.docx").read_text() == "ten years of work"


def test_a_file_in_the_way_or_as_parent_is_refused(tmp_path):
    (tmp_path / "f").write_text("x")
    with pytest.raises(OutputError, match="a file of that name"):
        check_target(tmp_path / "f", overwrite=True)
    with pytest.raises(OutputError, match="not a folder"):
        check_target(tmp_path / "f" / "run")


def test_inputs_are_never_in_the_target(tmp_path):
    city = tmp_path / "data" / "city.gpkg"
    city.parent.mkdir()
    city.write_text("x")
    for target in (city, city.parent, tmp_path):
        with pytest.raises(OutputError, match=r"city\.gpkg"):
            check_target(target, overwrite=True, inputs=[city])
    assert check_target(tmp_path / "data" / "out", inputs=[city]) == tmp_path / "data" / "out"


def test_the_working_folder_and_home_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for target in (".", "~", "/"):
        with pytest.raises(OutputError, match="never replaced"):
            check_target(target, overwrite=True)


def test_a_read_only_place_is_refused_before_computing(tmp_path, monkeypatch):
    def refuse(self, *args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(OutputError, match="cannot be written to"):
        check_target(tmp_path / "run")


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")]
)
def test_after_a_failure_the_old_result_is_whole_and_nothing_else_is_left(tmp_path, error):
    target = tmp_path / "run"
    write(target, "1")
    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected), OutputFolder(target, overwrite=True) as folder:  # noqa: PT012
        folder.path("tables", "a.csv").write_text("2")
        raise error
    assert names(tmp_path) == ["run", "run/evidence.json", "run/tables", "run/tables/a.csv"]
    assert (target / "tables" / "a.csv").read_text() == "1"


def test_a_failure_leaves_no_new_parent_folders(tmp_path):
    with pytest.raises(ValueError, match="x"), OutputFolder(tmp_path / "a" / "b" / "run"):
        raise ValueError("x")
    assert names(tmp_path) == []


def test_an_interrupt_between_the_two_renames_restores_the_old_result(tmp_path, monkeypatch):
    target = tmp_path / "run"
    write(target, "1")
    rename = Path.rename

    def interrupted(self, to):
        if to == target and self.suffix == ".tmp":
            raise KeyboardInterrupt
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(target, "2", overwrite=True)
    assert names(tmp_path) == ["run", "run/evidence.json", "run/tables", "run/tables/a.csv"]
    assert (target / "tables" / "a.csv").read_text() == "1"


def test_an_empty_file_or_missing_evidence_keeps_the_old_result(tmp_path):
    target = tmp_path / "run"
    write(target, "1")
    with pytest.raises(OutputError, match="came out empty"):
        write(target, "", overwrite=True)
    with pytest.raises(OutputError, match=r"evidence\.json is missing"), OutputFolder(target, True) as folder:
        folder.path("a.txt").write_text("2")
    assert (target / "tables" / "a.csv").read_text() == "1"
    assert len(list(tmp_path.iterdir())) == 1


def test_of_two_writers_the_last_to_finish_wins(tmp_path):
    target = tmp_path / "run"
    write(target, "0")
    first, second = OutputFolder(target, True), OutputFolder(target, True)
    with first:
        with second:
            for folder, text in ((first, "1"), (second, "2")):
                folder.path("summary.json").write_text(text)
                folder.path(EVIDENCE).write_text('{"tool": "siting"}')
        assert (target / "summary.json").read_text() == "2"
    assert (target / "summary.json").read_text() == "1"
    assert names(tmp_path) == ["run", "run/evidence.json", "run/summary.json"]


def test_two_new_writers_without_overwrite_the_later_is_refused(tmp_path):
    target = tmp_path / "run"
    first = OutputFolder(target)
    with pytest.raises(OutputError, match="--overwrite"), first:  # noqa: PT012
        write(target, "2")
        first.path(EVIDENCE).write_text('{"tool": "siting"}')
    assert (target / "tables" / "a.csv").read_text() == "2"


def test_ctrl_c_in_another_process_leaves_nothing_behind(tmp_path):
    code = (
        "import sys, time\nfrom siting.outputs.folder import OutputFolder\n"
        f"with OutputFolder({str(tmp_path / 'run')!r}) as f:\n"
        "    f.path('a.csv').write_text('1'); print('in', flush=True); time.sleep(300)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in\n"
    assert len(list(tmp_path.iterdir())) == 1
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=100)
    assert list(tmp_path.iterdir()) == []
