"""How covering problems are searched: reduced, started well, bounded, settled by the solver."""
