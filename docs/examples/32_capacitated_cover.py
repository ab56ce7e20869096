plan = siting.locate.capacitated_cover(cost, homes["people"], limit=400, p=1, capacity=600)
print(f"{plan.site_ids}, {plan.objective:.0f} people, at most {plan.bound:.0f}, {plan.status}")
