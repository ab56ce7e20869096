"""Where the next public toilets go, before and after, and how far from the best possible that is.

Reads a study (default: the sample of Helsinki); candidates stand every 100 m along its streets.
Writes DIR/toilets.png and DIR/sites.geojson.

    python scripts/map_toilet_sites.py -p 5 --limit 300 --out maps
"""

import argparse
from pathlib import Path

import siting


def main(argv: list[str] | None = None) -> None:
    """Choose the sites, draw before and after, write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=siting.sample_study())
    parser.add_argument("-p", type=int, default=5, help="new toilets")
    parser.add_argument("--limit", type=float, default=300, help="metres on foot that are still served")
    parser.add_argument("--lang", choices=("zh", "en"), default="en")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args(argv)

    run = siting.run(siting.Study.from_toml(args.study), lang=args.lang)
    today = run.facilities[run.facilities["class"] == "public_toilet"]
    served = siting.nearest(run.network, run.demand, today)["cost"] <= args.limit
    streets, ground = run.network.edges_frame(), {"water": run.base.water, "buildings": run.base.buildings}
    taken = {name: layer for name, layer in ground.items() if layer is not None}
    candidates = siting.make_candidates("street", streets=streets, spacing_m=100, exclusions=taken)
    free = candidates[candidates["allowed"]]
    plan = siting.locate.make_plan(
        "toilets",
        model="mclp",
        p=args.p,
        limit_m=args.limit,
        candidates=candidates,
        cost=siting.cost_matrix(run.network, run.demand, free, cutoff=args.limit),
        demand=run.demand,
        served_before=served,
        existing=today,
        facility=["public_toilet"],
    )

    args.out.mkdir(parents=True, exist_ok=True)
    axes = siting.plot.before_after(plan, run=run, facilities=today, lang=args.lang)
    axes[0].figure.text(0.01, -0.02, "\n".join(line.en for line in run.attribution), size=6, va="top")
    axes[0].figure.savefig(args.out / "toilets.png", dpi=200, bbox_inches="tight")
    plan.sites.to_crs("EPSG:4326").to_file(args.out / "sites.geojson")
    before, after = plan.people_before, plan.people_after
    print(f"people within {args.limit:g} m on foot: {before:,.0f} today, {after:,.0f} with {len(plan.sites)} more")
    print(f"{plan.result.status}: any other {args.p} of {len(free):,} places win at most {plan.result.gap:.2%} more")


if __name__ == "__main__":
    main()
