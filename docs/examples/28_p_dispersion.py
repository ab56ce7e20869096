between = siting.cost_matrix(network, candidates, candidates, cutoff=2000)
plan = siting.locate.p_dispersion(between, 2)
print(f"{plan.site_ids}, {plan.objective:.0f} m apart, at most {plan.bound:.0f}, {plan.status}")
