"""New toilets of real cities from their study files: shortfalls agree with the audit, plans carry their proof."""

import functools

import pandas as pd
import pytest

from siting.pipeline import Run, run
from siting.study import Study

KEPT = ("study", "streets", "demand", "facilities", "land", "toilets")


@pytest.fixture(scope="module")
def city_of(repository, shared_data, tmp_path_factory):
    """Run the toilets of each city once, without its other themes, plans and the spacing of its streets."""

    @functools.cache
    def run_city(name: str, change: tuple[str, str] = ("", ""), more: str = "") -> Run:
        text = (repository / "tests" / "studies" / f"{name}.toml").read_text(encoding="utf-8")
        kept, keep = [], True
        for line in text.splitlines(keepends=True):
            if line.startswith("["):
                keep = line.strip("[]\n ").split("]")[0].split(".")[0] in KEPT
                keep &= not line.startswith("[toilets.spacing]")
            kept += [line] if keep else []
        text = "".join(kept)
        assert change[0] in text
        file = tmp_path_factory.mktemp(name) / "study.toml"
        rule = '\n[[audit]]\nrule = "wc.radius.mandatory"\n'
        file.write_text(text.replace(*change, 1) + more + rule, encoding="utf-8")
        return run(Study.from_toml(file, {"SITING_DATA": str(shared_data)}))

    return run_city


def requirement(theme, name, counts):
    return next(r for r in theme.figures["requirements"] if (r["requirement"], r["counts"]) == (name, counts))


def test_las_palmas_lacks_as_many_as_are_sited(city_of):
    """What the policy asks of the whole area: the audit says how many are short, and so many go in, no fewer."""
    city = city_of("las_palmas")
    short = city.themes["toilets"].figures["density"]["wc.density.town_seed"]["shortfall"]
    theme = city.themes["toilet_sites_density"]
    assert short > 100
    assert (len(theme.figures["sites"]), theme.figures["status"], theme.figures["gap"]) == (short, "optimal", 0)
    assert requirement(theme, "density", "toilets_lacking")["after"] == 0


def test_macau_twenty_are_proved_and_counted_along_streets(city_of):
    city = city_of("macau")
    theme = city.themes["toilet_sites_twenty"]
    figures = theme.figures
    assert len(figures["sites"]) == 20
    assert figures["gap"] <= 0.01
    people = requirement(theme, "radius", "people")
    assert (people["measure"], people["total"]) == ("network", pytest.approx(682_400, abs=1))
    assert people["beyond"] <= people["after"] < people["before"]
    # By zone: what is served before and after adds up to the city.
    zones = theme.table("toilet_sites_zones_twenty").frame
    assert zones["people"].sum() - zones["after"].sum() == pytest.approx(people["after"], abs=0.01)
    assert zones["sites"].sum() <= 20
    sites = theme.layer("toilet_sites_twenty").frame
    new = sites[sites["kind"] != "existing"]
    assert min(a.distance(b) for k, a in enumerate(new.geometry) for b in new.geometry[k + 1 :]) >= 150
    gains = new.sort_values("order")["gain"]
    assert gains.is_monotonic_decreasing


def test_macau_buildings_that_open_add_up(city_of):
    theme = city_of("macau").themes["toilet_opening"]
    lots = theme.table("toilet_opening").frame
    assert lots["added"].is_monotonic_decreasing
    assert (lots["alone"] >= lots["added"] - 1e-6).all()
    assert lots["added"].sum() == pytest.approx(theme.figures["any"]["gain"])
    assert sum(theme.figures["hours"].values()) == len(lots)


def test_taipei_programme_of_the_policy(city_of):
    """Two hundred of the places serve most; no more than all in reach, which the fewest that serve all reach too."""
    city = city_of("taipei")
    programme, fewest = (city.themes[f"toilet_sites_{n}"] for n in ("programme", "fewest"))
    most, all_of = (requirement(t, "radius", "units") for t in (programme, fewest))
    assert len(programme.figures["sites"]) == 200
    assert programme.figures["gap"] <= 0.01
    assert most["measure"] == "straight"
    assert most["before"] == all_of["before"]
    assert all_of["after"] == all_of["beyond"] <= most["after"] < most["before"]
    # The audit of the clause says how much land has no toilet.
    audit = city.audits["wc.radius.mandatory"]
    share = audit.shares["straight", "units"]
    assert most["before"] == share.total - share.served


def test_taipei_shops_and_restaurants_that_open(city_of, shared_data):
    """What they give beside the other toilets of the city: together, what the audit of all of them says."""
    rows = pd.read_csv(shared_data / "taipei" / "public_toilets.csv")
    social = ["連鎖餐飲店", "綜合零售賣場", "加油站"]
    public = [c for c in rows["category"].unique() if c not in social]
    place = 'lon = "longitude", lat = "latitude", crs = "EPSG:4326"'
    source = f'source = "${{SITING_DATA}}/taipei/public_toilets.csv", id = "id", name = "name", {place}'

    def where(names):
        return "where = { category = [" + ", ".join(f'"{n}"' for n in names) + "] }"

    opening = f"\n[toilets.opening]\nsource = {{ {source}, {where(social)} }}\n"
    layer = f"public_toilet = {{ {source}"
    city = city_of("taipei", (layer, f"{layer}, {where(public)}"), opening)
    everything = city_of("taipei").audits["wc.radius.mandatory"].shares["straight", "units"]
    figures = city.themes["toilet_opening"].figures
    assert figures["lots"] == rows["category"].isin(social).sum()
    assert figures["any"]["before"] < figures["any"]["after"] == everything.served
    assert figures["hours"]["none"] == figures["lots"]
    assert figures["night"]["gain"] == 0
    assert figures["night"]["gain_most"] == figures["any"]["gain"]
