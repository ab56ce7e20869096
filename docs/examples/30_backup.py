for p in (None, 2):
    plan = siting.locate.backup_coverage(cost, limit=600, weight=homes["people"], p=p)
    print(f"p = {p}: {plan.site_ids}, {plan.objective:.0f} people reach two, at most {plan.bound:.0f}, {plan.status}")
