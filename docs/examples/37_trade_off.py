curve = siting.locate.trade_off(siting.locate.budget_cover, cost, homes["people"], 400, candidates["hectares"])
print(curve)
print(curve.to_frame()[["takes", "achieves", "achieves_bound", "proved", "sites"]].to_string(index=False))
fair = siting.locate.trade_off(siting.locate.p_median, cost, homes["people"], 2)
for plan in fair.efficient:
    print(f"nobody farther than {plan.takes:.0f} m: {plan.achieves:.0f} person-metres, {plan.result.site_ids}")
