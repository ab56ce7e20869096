for opening in (50_000, 400_000):
    plan = siting.locate.facility_location(cost, homes["people"], [opening] * 3)
    print(f"opening {opening}: {plan.site_ids}, {plan.objective:.0f} in all, at least {plan.bound:.0f}, {plan.status}")
