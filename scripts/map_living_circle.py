"""What the living circles of 15, 10 and 5 minutes lack: three maps side by side and the missing classes by community.

Reads a study with a [living_circle] table (default: the synthetic demo district).
Writes DIR/living_circle.png and DIR/missing.csv.

    python scripts/map_living_circle.py --out maps
"""

import argparse
from pathlib import Path

import siting


def main(argv: list[str] | None = None) -> None:
    """Run the study, draw the three tiers, write what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=siting.sample_study("demo-district"))
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)

    run = siting.run(siting.Study.from_toml(args.study), lang=args.lang)
    if "living_circle" not in run.themes:
        parser.error(f"{args.study} has no [living_circle] table")
    circles = run.themes["living_circle"]

    args.out.mkdir(parents=True, exist_ok=True)
    axes = siting.plot.living_circle(run=run, lang=args.lang)
    axes[0].figure.text(0.01, -0.02, "\n".join(line.en for line in run.attribution), size=6, va="top")
    axes[0].figure.savefig(args.out / "living_circle.png", dpi=200, bbox_inches="tight")
    circles.table("living_circle_missing").frame.to_csv(args.out / "missing.csv", index=False, encoding="utf-8-sig")
    for line in circles.headlines:
        print(line.get(args.lang))


if __name__ == "__main__":
    main()
