all_served = siting.locate.lscp(cost, limit=400)
print(all_served.site_ids, all_served.objective, all_served.bound, all_served.status)
