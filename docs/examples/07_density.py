toilets = layer({"T1": Point(X + 100, Y), "T2": Point(X + 700, Y), "T3": Point(X + 900, Y)})
km2 = study_area.area.sum() / 1e6
print(f"{len(toilets)} / {km2:.2f} km2 = {len(toilets) / km2:.2f} per km2")
