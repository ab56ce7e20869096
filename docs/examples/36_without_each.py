table = siting.locate.without_each(siting.locate.p_median, cost, homes["people"], 2).to_frame()
print(table[["site", "objective", "loss", "replaced_by", "status"]].round(3).to_string(index=False))
