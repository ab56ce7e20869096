tonnes = [10, 20, 30, 40]  # a day, at A, B, C, D
to_plant = [[2000], [1500], [1300]]  # from k1, k2, k3
plan = siting.locate.transfer(tonnes, cost, to_plant, station_capacity=60, station_cost=10_000, plant_capacity=200)
print(f"{plan.site_ids}, {plan.objective:.0f} in all, at least {plan.bound:.0f}, {plan.status}")
print(pd.DataFrame(plan.flows.collect.toarray(), homes.index, candidates.index).astype(int).to_string())
