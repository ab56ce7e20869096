"""Which buildings take several services at once, and who is left without: a map and a table by service.

Reads a study (default: the synthetic demo district); candidates are free ground beside its streets.
Writes DIR/services.png and DIR/by_service.csv.

    python scripts/map_services.py --classes community_station canteen day_care -p 2 --out maps
"""

import argparse
from pathlib import Path

import siting


def main(argv: list[str] | None = None) -> None:
    """Site the services together, draw who gets them, write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=siting.sample_study("demo-district"))
    parser.add_argument("--classes", nargs="+", default=["community_station", "canteen", "day_care"])
    parser.add_argument("--tier", default="5min", choices=("15min", "10min", "5min"))
    parser.add_argument("-p", type=int, default=2, help="buildings; 0: the fewest that serve all in reach")
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)

    run = siting.run(siting.Study.from_toml(args.study), lang=args.lang)
    city = siting.City.of(run.network, run.demand, run.facilities, zones=run.zones)
    streets, taken = run.network.edges_frame(), {"buildings": run.base.buildings, "water": run.base.water}
    taken = {name: layer for name, layer in taken.items() if layer is not None}
    plots = siting.make_candidates("street", streets=streets, exclusions=taken, spacing_m=100, min_area_m2=300)
    plan = siting.site_services(city, args.classes, tier=args.tier, p=args.p or None, candidates=plots, storeys=3)
    theme = plan.themed()

    args.out.mkdir(parents=True, exist_ok=True)
    axes = siting.plot.layer(theme.layer("services_served"), run=run, lang=args.lang)
    axes.figure.text(0.01, -0.02, "\n".join(line.en for line in run.attribution), size=6, va="top")
    axes.figure.savefig(args.out / "services.png", dpi=200, bbox_inches="tight")
    plan.by_service.to_csv(args.out / "by_service.csv", index=False, encoding="utf-8-sig")
    for line in theme.headlines:
        print(line.get(args.lang))


if __name__ == "__main__":
    main()
