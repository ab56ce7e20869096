"""Green within 300 m and a park within 500 m, both on one map; and what each park's boundary keeps out.

Reads a study that audits park.300green and park.500park and has a [green] table (default: the sample of Helsinki).
Writes DIR/green.png and DIR/parks.geojson.

    python scripts/map_green.py --out maps
"""

import argparse
from pathlib import Path

import siting


def main(argv: list[str] | None = None) -> None:
    """Run the study, draw both rules on one map, write the parks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=siting.sample_study())
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)

    run = siting.run(siting.Study.from_toml(args.study), lang=args.lang)
    audits = {audit.rule.id: audit for audit in run.audits.values() if audit.judged}
    lacking = [rule for rule in ("park.300green", "park.500park") if rule not in audits]
    if lacking or "green" not in run.themes:
        parser.error(f"{args.study} judges no {' or '.join(lacking) or '[green] theme'}")
    green = run.themes["green"]

    args.out.mkdir(parents=True, exist_ok=True)
    axes = siting.plot.bivariate(audits["park.300green"], audits["park.500park"], run=run, lang=args.lang)
    axes.figure.text(0.01, -0.02, "\n".join(line.en for line in run.attribution), size=6, va="top")
    axes.figure.savefig(args.out / "green.png", dpi=200, bbox_inches="tight")
    green.layer("green_parks").frame.to_crs("EPSG:4326").to_file(args.out / "parks.geojson")
    for line in green.headlines:
        print(line.get(args.lang))


if __name__ == "__main__":
    main()
