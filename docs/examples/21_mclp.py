one = siting.locate.mclp(cost, homes["people"], limit=400, p=1)
two = siting.locate.mclp(cost, homes["people"], limit=400, p=2)
for plan in (one, two):
    print(plan.site_ids, plan.objective, plan.bound, plan.status, plan.gap)
