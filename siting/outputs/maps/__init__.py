"""Maps: pages under `maps/` of a result folder, and the plots they are made of."""
