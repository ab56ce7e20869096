from siting.suitability import ahp

judged = [[1, 3, 5], ["1/3", 1, 2], ["1/5", "1/2", 1]]
weights = ahp(judged, ["slope", "bus", "people"])
print({name: round(w, 3) for name, w in weights.as_dict().items()})
print(f"lambda {weights.lambda_max:.4f}, CI {weights.consistency_index:.4f}, CR {weights.consistency_ratio:.4f}")
