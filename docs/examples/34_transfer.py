tonnes = [10, 20, 30, 40]  # a day, at A, B, C, D
to_plant = [[2000], [1500], [1300]]  # from k1, k2, k3
plan = siting.locate.transfer(tonnes, cost, to_plant, station_capacity=60, station_cost=10_000, plant_capacity=200)
print(f"{plan.site_ids}, {plan.objective:.0f} in all, at least {plan.bound:.0f}, {plan.status}")
print(pd.DataFrame(plan.flows.collect.toarray(), homes.index, candidates.index).astype(int).to_string())
whole = siting.locate.transfer(
    tonnes, cost, to_plant, 60, 10_000, 200, direct_cost=[[2600]] * 4, single_source=True, most_share=0.5
)
print(f"{whole.site_ids}, {whole.objective:.0f} in all, {whole.status}; load {whole.flows.station_load.tolist()}")
for j, gain in zip(whole.order, whole.gain, strict=True):
    print(f"without {candidates.index[j]} it would cost {gain:.0f} more")
