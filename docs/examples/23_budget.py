for budget in (0.3, 0.4):
    plan = siting.locate.budget_cover(cost, homes["people"], 400, candidates["hectares"], budget)
    print(f"{budget} ha: {plan.site_ids}, {plan.objective:.0f} people, at most {plan.bound:.0f}, {plan.status}")
