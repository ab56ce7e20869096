park = layer({"P": box(X + 300, Y - 100, X + 400, Y)}, **{"class": ["park_green"], "is_park": [True]})
study_area = layer({"all": box(X - 100, Y - 200, X + 1100, Y + 500)})
city = siting.City.of(network, homes, park, land=plots, boundary=study_area)
green = siting.audit_green(city)
official = green.measures.query("measure == 'official'")
for row in official.itertuples():
    print(f"{row.rule}: {row.served:.0f} / {row.total:.0f} m2 = {row.share:.2%}, target {row.target:.0%}, {row.passes}")
