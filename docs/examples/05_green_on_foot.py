on_foot = green.measures.query("denominator == 'people' and measure in ('network', 'straight')")
for row in on_foot.itertuples():
    print(f"{row.rule}, {row.measure}: {row.served:.0f} / {row.total:.0f} people = {row.share:.0%}")
