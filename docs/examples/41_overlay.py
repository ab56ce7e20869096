from siting.suitability import Linear

slope, bus = Linear(worst=15, best=5), Linear(worst=400, best=0)
cell = {"slope": 10.0, "bus": 100.0}  # degrees, metres to the bus stop
score = 0.75 * slope(cell["slope"]) + 0.25 * bus(cell["bus"])
print(f"0.75 x {slope(10.0):.2f} + 0.25 x {bus(100.0):.2f} = {score:.4f}")
