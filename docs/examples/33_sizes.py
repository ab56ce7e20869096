sizes = [("small", 400, 20_000), ("large", 1000, 60_000)]
plan = siting.locate.capacitated(cost, homes["people"], None, sizes=sizes)
print(f"{plan.parameters['size']}, {plan.objective:.0f} in all, at least {plan.bound:.0f}, {plan.status}")
plan = siting.locate.capacitated(
    cost, homes["people"], 600, 120_000, existing=["k2"], upgrades=[("k2", "annex", 1000, 30_000)]
)
print(f"new: {plan.site_ids}, {plan.parameters['upgraded']}, {plan.objective:.0f} in all, {plan.status}")
