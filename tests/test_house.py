"""The house itself: sizes of rooms, what must not stand in them, the two READMEs, the data table."""

import csv
import hashlib
import re
import subprocess
from pathlib import Path

import pytest

MOST_LINES = 400
LARGEST_BYTES = 3_000_000
# Written in parts, so that this file does not find itself. A path starts a word: an address may well hold one.
PATHS = [
    r"(?<![\w.-])" + p
    for p in ("/wo" + "rk/", "/ho" + "me/[a-z]", "/Us" + "ers/", "/ro" + "ot/", "/t" + "mp/", "C:" + r"\\")
]
ADDRESSES = ["--(extra-)?index" + "-url", r"https?://[a-z.-]*(registry|hosted|p.pi)" + r"\."]


@pytest.fixture(scope="module")
def tracked(repository: Path) -> list[Path]:
    """Every file that belongs to the project: what git tracks, else all but ignored folders (an unpacked archive)."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        found = [repository / name for name in listed.stdout.decode().split("\0") if name]
        return [p for p in found if p.is_file()]
    skip = {".venv", ".git", "build", "dist", "siting-demo", "siting-out", "__pycache__"}
    return [p for p in repository.rglob("*") if p.is_file() and not skip & set(p.relative_to(repository).parts)]


def is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:8000] and path.suffix not in {".pbf", ".otf", ".png"}


def test_no_room_is_too_large(repository):
    sizes = {
        str(p.relative_to(repository)): len(p.read_bytes().splitlines()) for p in (repository / "siting").rglob("*.py")
    }
    assert {name: n for name, n in sizes.items() if n > MOST_LINES} == {}


def test_nothing_speaks_of_a_machine(tracked, repository):
    pattern = re.compile("|".join(PATHS + ADDRESSES))
    found = []
    for path in tracked:
        if is_text(path):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            found += [f"{path.relative_to(repository)}:{n}" for n, line in enumerate(lines, 1) if pattern.search(line)]
    assert found == []


def test_no_file_is_too_large_to_ship(tracked, repository):
    large = {str(p.relative_to(repository)): p.stat().st_size for p in tracked if p.stat().st_size > LARGEST_BYTES}
    assert large == {}


@pytest.mark.parametrize("folder", [".", "data/helsinki-centre", "data/demo-district"])
def test_both_languages_have_the_same_sections(repository, folder):
    depth = [
        [len(m[1]) for m in re.finditer(r"^(#+) ", _without_code(repository / folder / name), flags=re.MULTILINE)]
        for name in ("README.md", "README.zh.md")
    ]
    assert depth[0], "no headings"
    assert depth[0] == depth[1]
    tables = [_without_code(repository / folder / n).count("\n|") for n in ("README.md", "README.zh.md")]
    assert tables[0] == tables[1], "a table row is in one language only"


def test_links_and_pictures_of_the_readmes_exist(repository):
    for readme in ("README.md", "README.zh.md", "CONTRIBUTING.md"):
        text = (repository / readme).read_text(encoding="utf-8")
        targets = [t for t in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in t]
        missing = [t for t in targets if not (repository / t).exists()]
        assert not missing, (readme, missing)


def _without_code(path: Path) -> str:
    return re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def data_sets(repository: Path) -> list[dict[str, str]]:
    with (repository / "data" / "sources.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_data_sets_have_owner_licence_and_checksum(repository, data_sets):
    assert data_sets
    for row in data_sets:
        assert all(row[key] for key in ("name", "version", "date", "owner", "licence", "files", "sha256")), row["name"]
        files = sorted({p for pattern in row["files"].split() for p in (repository / "data").glob(pattern)})
        assert files, f"{row['name']}: no file"
        sums = [(hashlib.sha256(p.read_bytes()).hexdigest(), p.name) for p in files]
        listing = "".join(f"{digest}  {name}\n" for digest, name in sums)
        checksum = sums[0][0] if len(sums) == 1 else hashlib.sha256(listing.encode()).hexdigest()
        assert checksum == row["sha256"], f"{row['name']}: the files changed; run make data"


def test_every_data_file_has_a_row(repository, data_sets, tracked):
    named = {p for row in data_sets for pattern in row["files"].split() for p in (repository / "data").glob(pattern)}
    text = {".md", ".toml"}
    data = {
        p for p in tracked if (repository / "data") in p.parents and p.suffix not in text and p.name != "sources.csv"
    }
    assert data == named
