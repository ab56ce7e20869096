"""How the worst cost is searched: one covering question after the other."""
