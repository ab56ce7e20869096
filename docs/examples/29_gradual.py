plan = siting.locate.gradual_cover(cost, homes["people"], full_limit=200, zero_limit=600, p=1)
print(f"{plan.site_ids}, {plan.objective:.0f} people, at most {plan.bound:.0f}, {plan.status}")
