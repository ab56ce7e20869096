"""Worked examples of the documentation: Python files that run one after another, each with what it prints beside it.

python -m docs_pages.examples        (in scripts/) writes the outputs anew; see what changed before you commit
"""

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples"
_CALL = re.compile(r"^\{\{ example (\w+) \}\}$", flags=re.MULTILINE)


def scripts() -> list[Path]:
    """Return the examples in the order in which they run."""
    return sorted(FOLDER.glob("*.py"))


def printed() -> Iterator[tuple[Path, str]]:
    """Run all examples in one namespace and yield what each of them prints."""
    shared: dict[str, object] = {}
    for path in scripts():
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(path.read_text(encoding="utf-8"), path.name, "exec"), shared)
        yield path, said.getvalue()


def called(markdown: str) -> list[str]:
    """Return the names of the examples that a page shows."""
    return _CALL.findall(markdown)


def insert(markdown: str) -> str:
    """Put code and output in place of every ``{{ example NAME }}``."""
    return _CALL.sub(lambda call: _shown(call[1]), markdown)


def _shown(name: str) -> str:
    code = (FOLDER / f"{name}.py").read_text(encoding="utf-8").rstrip()
    said = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").rstrip()
    blocks = [f"```python\n{code}\n```"]
    if said:
        blocks.append(f"```text {{ .output }}\n{said}\n```")
    return "\n\n".join(blocks)


if __name__ == "__main__":
    for script, text in printed():
        script.with_suffix(".txt").write_text(text, encoding="utf-8")
