even = siting.equity(homes, walk, more_is_better=False)
print(f"Gini {even.gini}, mean {even.mean:.0f} m, worst-served tenth from {even.worst_limit:.0f} m on")
