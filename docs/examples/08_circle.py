services = layer(
    {"K": Point(X + 300, Y), "S": Point(X + 900, Y)},
    **{"class": ["kindergarten", "community_station"]},
)
circle = siting.audit_living_circle(siting.City.of(network, homes, services), profiles=["adult"])
for home in circle.points.itertuples():
    print(f"{home.Index}: {home.completeness_5min:.0%}, missing: {home.missing_5min_en}")
tier = circle.scorecard.query("tier == '5min' and measure == 'distance'").iloc[0]
print(f"5 minutes: {tier.completeness:.0%} of {tier.required_judged} judged classes; {tier.required} are required")
print(f"if the others were all missing or all there: {tier.at_least:.0%} to {tier.at_most:.0%}")
