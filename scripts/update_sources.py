"""Bring the checksums of `data/sources.csv` up to date; everything else in the table is written by hand.

Reads `data/sources.csv` and the files it names (`files`: paths under `data/`, separated by spaces, `*` allowed).
Writes the column `sha256`: of the file itself, or, for several files, of what `sha256sum FILES` prints for them in
order of name. Run: `.venv/bin/python scripts/update_sources.py`, or `make data`.
"""

import csv
import hashlib
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"


def files_of(row: dict[str, str], data: Path = DATA) -> list[Path]:
    """Return the files of one data set, in order of name."""
    return sorted({path for pattern in row["files"].split() for path in data.glob(pattern)})


def checksum(files: list[Path]) -> str:
    """Return the SHA-256 of one file, or of the list of the SHA-256 of several."""
    digests = [(hashlib.sha256(path.read_bytes()).hexdigest(), path.name) for path in files]
    if len(digests) == 1:
        return digests[0][0]
    return hashlib.sha256("".join(f"{digest}  {name}\n" for digest, name in digests).encode()).hexdigest()


def read(table: Path = DATA / "sources.csv") -> list[dict[str, str]]:
    """Return the rows of the table."""
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Rewrite the checksums."""
    rows = read()
    for row in rows:
        row["sha256"] = checksum(files_of(row))
    with (DATA / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} data sets in {DATA / 'sources.csv'}")


if __name__ == "__main__":
    main()
