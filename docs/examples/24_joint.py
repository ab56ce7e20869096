need = {"canteen": [100, 200, 300, 400], "clinic": [100, 0, 0, 400]}
house = siting.locate.joint_cover(cost, need, 400, p=2, area={"canteen": 200, "clinic": 300}, floor=[300, 500, 300])
for site, id_ in zip(house.sites, house.site_ids):
    print(id_, house.services_of(site))
print(house.objective, house.bound, house.status)
