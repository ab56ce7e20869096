for p in (1, 2):
    plan = siting.locate.p_median(cost, homes["people"], p)
    print(f"p = {p}: {plan.site_ids}, {plan.objective:.0f} person-metres, at least {plan.bound:.0f}, {plan.status}")
