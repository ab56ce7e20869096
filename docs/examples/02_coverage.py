pocket_park = layer({"P": Point(X + 400, Y)})
walk = siting.nearest(network, homes, pocket_park)["cost"]
line = siting.nearest_straight(homes, pocket_park)["cost"]
for home in homes.index:
    print(f"{home}: {walk[home]:.0f} m on foot, {line[home]:.0f} m in a straight line")

audit = siting.audit(network, homes, pocket_park, "park.500park", land=plots)
for distance in ("network", "straight"):
    for what in ("people", "units", "land"):
        s = audit.shares[distance, what]
        print(f"{distance:8} {what:6} {s.served / s.per_whole:5.0f} / {s.total / s.per_whole:5.0f} = {s.share:.2%}")
print("verdict:", audit.passes)
