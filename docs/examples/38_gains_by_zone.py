plan = siting.locate.mclp(cost, homes["people"], limit=400, p=1)
table = siting.locate.gains_by_zone(plan, cost, homes["people"], 400, ["west", "west", "east", "east"])
print(table[["sites", "weight", "before", "gained", "unserved"]].to_string())
