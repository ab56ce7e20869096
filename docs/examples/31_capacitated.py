plan = siting.locate.capacitated(cost, homes["people"], capacity=600, p=2)
print(f"{plan.site_ids}, {plan.objective:.0f} person-metres, at least {plan.bound:.0f}, {plan.status}")
print(pd.DataFrame(plan.flows.toarray(), homes.index, candidates.index).astype(int).to_string())
