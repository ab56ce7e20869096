gaps = siting.coverage_gaps(audit)
for gap in gaps.itertuples():
    print(f"{gap.gap_id}: {gap.people:.0f} people at {gap.points} points, nearest {gap.nearest_m:.0f} m")
