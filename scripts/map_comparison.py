"""What changed between two runs: figures by rule and zone, who is newly served and who no longer, a map a rule.

Takes two folders that `siting run` wrote. Writes compare.csv, compare.json, results.gpkg and maps/ into DIR.

    siting demo --out before
    siting run mycity/study.toml --out after
    python scripts/map_comparison.py before after --out compared
"""

import argparse
from pathlib import Path

import siting


def main(argv: list[str] | None = None) -> None:
    """Compare the folders and write what changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="result folder of the earlier run")
    parser.add_argument("after", type=Path, help="result folder of the later run")
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)

    compared = siting.compare_runs(args.before, args.after)
    compared.write(args.out, overwrite=True, lang=args.lang)
    for name, change in compared.rules.items():
        if change.demand is not None:
            print(f"{name}: {change.points('gained')} points newly served, {change.points('lost')} no longer")


if __name__ == "__main__":
    main()
