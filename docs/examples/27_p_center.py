for p in (1, 2):
    plan = siting.locate.p_center(cost, p)
    print(f"p = {p}: {plan.site_ids}, nobody farther than {plan.objective:.0f} m, at least {plan.bound:.0f}")
