"""Floating catchments: by hand, by the published three hospitals, and supply that is shared out whole."""

import csv
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import draw, points

from siting.access import Decay, cost_matrix, enhanced_2sfca, floating_catchment, three_step_fca, two_step_fca
from siting.errors import SchemaError

#   a(0)      F(100)           b(300)     G(400)         island: c, and H
#   60 people 30 seats         20 people  10 seats
NODES = {"A": (0, 0), "B": (400, 0), "X": (0, 900), "Y": (100, 900), "P": (0, 1900), "Q": (50, 1900)}


@pytest.fixture(scope="module")
def street():
    return draw(NODES, "A B", "X Y", "P Q")


@pytest.fixture
def homes():
    return points(a=(0, 0), b=(300, 0), c=(0, 900)).assign(people=[60.0, 20.0, 5.0])


@pytest.fixture
def sites():
    return points(F=(100, 0), G=(400, 0), H=(0, 1900)).assign(capacity=[30, 10, 99])


def test_two_steps_by_hand(street, homes, sites):
    made = two_step_fca(street, homes, sites, 200)
    # F reaches a (100) and b (200): 30 / 80; G reaches b (100): 10 / 20.
    assert made.sites["ratio"].tolist()[:2] == [30 / 80, 10 / 20]
    assert math.isnan(made.sites.loc["H", "ratio"])
    assert made.access["access"].tolist() == [0.375, 0.875, 0.0]
    assert made.access["nearest"].tolist() == [100.0, 100.0, math.inf]
    assert (made.unreachable, made.unreached_sites, made.unused_supply) == (1, 1, 99.0)
    assert (made.access["access"] * homes["people"]).sum() == 40
    nearer = two_step_fca(street, homes, sites, 199.999)
    assert nearer.access["access"].tolist() == [30 / 60, 10 / 20, 0.0]


def test_zones_by_hand(street, homes, sites):
    made = enhanced_2sfca(street, homes, sites, [(100, 1.0), (200, 0.5), (400, 0.1)])
    # F: 60 x 1 + 20 x 0.5 = 70;  G: 60 x 0.1 + 20 x 1 = 26
    assert made.sites["demand"].tolist() == [70.0, 26.0, 0.0]
    assert made.access["access"].tolist() == pytest.approx([30 / 70 + 0.1 * 10 / 26, 0.5 * 30 / 70 + 10 / 26, 0.0])


def test_three_steps_by_hand(street, homes, sites):
    made = three_step_fca(street, homes, sites, [(100, 1.0), (200, 0.5)])
    # a chooses F alone; b shares itself out as 0.5 to F and 1 to G: G_bF = 1/3, G_bG = 2/3.
    f, g = 60 + 20 * 0.5 / 3, 20 * 2 / 3
    assert made.sites["demand"].tolist()[:2] == pytest.approx([f, g])
    assert made.access["access"].tolist() == pytest.approx([30 / f, 0.5 / 3 * 30 / f + 2 / 3 * 10 / g, 0.0])


def test_a_decay_within_the_catchment(street, homes, sites):
    decay = Decay(kind="power", beta=1.0)
    made = two_step_fca(street, homes, sites, 200, decay=decay)
    f, g = 60 / 100 + 20 / 200, 20 / 100
    assert made.access["access"].tolist() == pytest.approx([30 / f / 100, 30 / f / 200 + 10 / g / 100, 0.0])


def test_published_values_of_three_hospitals(shared_benchmarks):
    folder = shared_benchmarks / "access_three_hospitals"
    tracts = pd.read_csv(folder / "data" / "tracts.csv", index_col="tract")
    people, doctors = tracts["people"].to_numpy(), tracts["doctors"].to_numpy()
    inverse = Decay(kind="power", beta=1.0)
    with (folder / "optimum.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        given = dict(part.split("=") for part in row["params"].split(";"))
        minutes = pd.read_csv(folder / given["cost"])
        cost = minutes.pivot_table(index="origin", columns="destination", values="minutes")
        cost = cost.reindex(index=tracts.index, columns=tracts.index).to_numpy()
        kind = row["problem"].removeprefix("access ")
        # The gravity forms count pairs below 61 minutes, which are whole: within 60.
        if kind == "2sfca-gravity":
            made = floating_catchment(cost, people, doctors, inverse, cutoff=60)
        elif kind == "3sfca-gravity":
            made = floating_catchment(cost, people, doctors, inverse, cutoff=60, selection_cutoff=np.inf)
        else:
            made = floating_catchment(cost, people, doctors, Decay(kind="step", threshold=float(kind.rsplit("-")[-1])))
        found = made.access["access"].iloc[tracts.index.get_loc(int(given["tract"]))]
        assert found == pytest.approx(float(row["optimum_or_best_known"]), rel=1e-12), row
    assert len(rows) == 24


def test_bad_input_is_refused(street, homes, sites):
    step = Decay(kind="step", threshold=5.0)
    with pytest.raises(SchemaError, match="no column 'people'"):
        two_step_fca(street, homes.drop(columns="people"), sites, 200)
    with pytest.raises(SchemaError, match=r"ids G"):
        two_step_fca(street, homes, sites.assign(capacity=[1, np.nan, 2]), 200)
    with pytest.raises(SchemaError, match="cutoff is -1"):
        two_step_fca(street, homes, sites, -1)
    with pytest.raises(SchemaError, match=r"selection_cutoff 100\.0 is below the cutoff 200\.0"):
        three_step_fca(street, homes, sites, [(200, 1.0)], cutoff=200, selection_cutoff=100)
    with pytest.raises(SchemaError, match=r"costs end at 100\.0, but count as far as 150\.0"):
        floating_catchment(
            cost_matrix(street, homes, sites, 100), [1, 1, 1], [1, 1, 1], Decay(kind="step", threshold=150.0)
        )
    with pytest.raises(SchemaError, match="1 costs are NaN or negative"):
        floating_catchment([[1.0, np.nan]], [1], [1, 1], step)
    with pytest.raises(SchemaError, match=r"people has shape \(2,\), but the costs ask for 1"):
        floating_catchment([[1.0, 2.0]], [1, 1], [1, 1], step)


def by_loops(cost, people, supply, weight, limit, far):
    """The three steps as they are written in the papers; ``far`` None leaves out the first."""
    n, m = cost.shape
    f = [[weight(cost[i, j]) for j in range(m)] for i in range(n)]
    share = [[1.0] * m for _ in range(n)]
    if far is not None:
        for i in range(n):
            whole = sum(f[i][k] for k in range(m) if cost[i, k] <= far)
            share[i] = [f[i][j] / whole if whole else 0.0 for j in range(m)]
    w = [[f[i][j] * share[i][j] if cost[i, j] <= limit else 0.0 for j in range(m)] for i in range(n)]
    crowd = [sum(people[i] * w[i][j] for i in range(n)) for j in range(m)]
    return [sum(w[i][j] * supply[j] / crowd[j] for j in range(m) if crowd[j]) for i in range(n)], crowd


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 7),
    m=st.integers(1, 6),
    limit=st.sampled_from([3.0, 8.0, math.inf]),
    extra=st.sampled_from([None, 0.0, 4.0, math.inf]),
    decay=st.sampled_from(
        [
            Decay(kind="step", threshold=6.0),
            Decay(kind="exponential", beta=0.3),
            Decay(kind="zones", limits=(2.0, 5.0, 9.0), weights=(1.0, 0.68, 0.22)),
            Decay(kind="power", beta=1.5, least=1.0),
        ]
    ),
)
def test_equals_the_loops_and_shares_out_all_supply_in_reach(seed, n, m, limit, extra, decay):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 12, (n, m)) * 1.0
    cost[rng.random((n, m)) < 0.2] = math.inf
    people, supply = rng.integers(0, 30, n), rng.uniform(0, 9, m)
    far = None if extra is None else limit + extra
    made = floating_catchment(cost, people, supply, decay, cutoff=limit, selection_cutoff=far)

    def one(c):
        return float(decay(np.array([c]))[0])

    access, crowd = by_loops(cost, people, supply, one, limit, far)
    assert made.access["access"].to_numpy() == pytest.approx(np.array(access), rel=1e-9)
    assert made.sites["demand"].to_numpy() == pytest.approx(np.array(crowd), rel=1e-9)
    shared_out = (made.access["access"].to_numpy() * people).sum()
    assert shared_out == pytest.approx(supply[np.array(crowd) > 0].sum(), rel=1e-9)
    assert shared_out + made.unused_supply == pytest.approx(supply.sum(), rel=1e-9)
