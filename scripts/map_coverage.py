"""Who is served by a facility class, by any rule of the catalogue, and where the unserved are: a map and a table.

Reads a study (default: the packaged sample of Helsinki), or with --layer a facility layer of your own in its place.
Writes DIR/coverage.png and DIR/gaps.geojson.

    python scripts/map_coverage.py --rule bus.cover500 --out maps
    python scripts/map_coverage.py --rule wc.radius.mandatory --layer toilets.shp --study mycity/study.toml --out maps
"""

import argparse
from pathlib import Path

import siting


def main(argv: list[str] | None = None) -> None:
    """Judge the rule, draw the map, write the gaps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=siting.sample_study(), help="people, streets and facilities")
    parser.add_argument("--rule", default="wc.radius.mandatory", help="an id that `siting rules` lists")
    parser.add_argument("--layer", type=Path, help="facilities of your own, in place of those of the study")
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)

    run = siting.run(siting.Study.from_toml(args.study), lang=args.lang)
    rule = siting.load_catalogue()[args.rule]
    facilities = run.facilities
    if args.layer is not None:
        own = siting.read_layer(args.layer, crs=run.crs).frame
        facilities = own.assign(**{"class": rule.facility[0]})
    audit = siting.audit(run.network, run.demand, facilities, rule, run.zones)
    if not audit.judged:
        parser.error(f"{rule.id}: {audit.reason.get(args.lang)}")
    gaps = siting.coverage_gaps(audit)

    args.out.mkdir(parents=True, exist_ok=True)
    axes = siting.plot.coverage(audit, base=run.base, gaps=gaps, demand=run.demand, lang=args.lang)
    axes.figure.text(0.01, -0.02, "\n".join(line.en for line in run.attribution), size=6, va="top")
    axes.figure.savefig(args.out / "coverage.png", dpi=200, bbox_inches="tight")
    gaps.to_crs("EPSG:4326").to_file(args.out / "gaps.geojson")
    share, people = audit.headline("people").share, run.demand["people"].sum()
    print(f"{rule.name.get(args.lang)}: {share:.1%} of {people:,.0f} people [{rule.confidence.text.get(args.lang)}]")
    print(f"{len(gaps)} gap areas, {args.out / 'coverage.png'}")


if __name__ == "__main__":
    main()
