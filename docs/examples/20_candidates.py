candidates = layer(
    {"k1": Point(X + 100, Y), "k2": Point(X + 600, Y), "k3": Point(X + 800, Y)}, hectares=[0.1, 0.3, 0.2]
)
cost = siting.cost_matrix(network, homes, candidates, cutoff=2000)
print(pd.DataFrame(cost.to_dense(), homes.index, candidates.index).astype(int).to_string())
