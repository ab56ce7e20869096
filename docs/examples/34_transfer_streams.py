ways = pd.DataFrame(cost.to_dense(), homes.index, candidates.index)
ways["k3 large"] = ways["k3"]
plan = siting.locate.transfer_streams(
    {"kitchen": [5, 5, 10, 20], "other": [5, 15, 20, 20]},  # tonnes a day, at A, B, C, D
    ways,
    [[1000, 2500], [1500, 1900], [1800, 1700], [1800, 1700]],  # from each station to the two plants
    station_capacity=[60, 60, 50, 100],
    station_cost=[20_000, 20_000, 20_000, 26_000],
    plant_capacity=100,
    plant_streams=["kitchen", "other"],
    site=[None, None, "k3", "k3"],
)
print(f"{plan.site_ids}, {plan.objective:.0f} in all, at least {plan.bound:.0f}, {plan.status}")
for stream, flows in plan.flows.of.items():
    print(f"{stream}: {dict(zip(ways.columns, flows.station_load.tolist(), strict=True))}")
