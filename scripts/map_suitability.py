"""How suitable the ground is, with the sites of the study on it, and how the best cells change with each weight.

Reads a study with a [suitability] table (default: the synthetic demo district). Writes DIR/suitability.png.

    python scripts/map_suitability.py --out maps
"""

import argparse
from pathlib import Path

import siting


def main(argv: list[str] | None = None) -> None:
    """Run the study and draw the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=siting.sample_study("demo-district"))
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)

    run = siting.run(siting.Study.from_toml(args.study), lang=args.lang)
    if run.suitability is None:
        parser.error(f"{args.study} has no [suitability] table")

    args.out.mkdir(parents=True, exist_ok=True)
    axes = siting.plot.suitability(run.suitability, run=run, lang=args.lang)
    axes.figure.text(0.01, -0.02, "\n".join(line.en for line in run.attribution), size=6, va="top")
    axes.figure.savefig(args.out / "suitability.png", dpi=200, bbox_inches="tight")
    print(f"map in {args.out / 'suitability.png'}")


if __name__ == "__main__":
    main()
