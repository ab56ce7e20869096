area = siting.service_areas(network, pocket_park, 300, overlap="dissolve", buffer_m=50)
reached = [
    place
    for place, x, y in [("B", 300, 0), ("junction", 600, 0), ("far", 600, 160)]
    if area.contains(Point(X + x, Y + y)).any()
]
print(reached)
