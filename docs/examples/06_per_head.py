for row in green.rates.table.itertuples():
    if row.rule in ("park.gb55014.percap", "park.gb51346.greenrate"):
        print(f"{row.rule}: {row.green_m2:.0f} / {row.of:.0f} = {row.value:.4g} {row.unit} ({row.confidence})")
