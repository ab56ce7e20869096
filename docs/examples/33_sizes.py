sizes = [("small", 400, 20_000), ("large", 1000, 60_000)]
plan = siting.locate.capacitated(cost, homes["people"], None, sizes=sizes)
print(f"{plan.parameters['size']}, {plan.objective:.0f} in all, at least {plan.bound:.0f}, {plan.status}")
