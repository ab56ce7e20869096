for other in siting.locate.alternatives(siting.locate.p_median, cost, homes["people"], 2, max_loss=0.10):
    plan = other.result
    print(f"{plan.site_ids}, {plan.objective:.0f}, without {other.without}, worse by {other.loss:.1%}, {plan.status}")
