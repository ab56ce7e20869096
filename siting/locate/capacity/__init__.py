"""How sites with capacities are searched: transport, Lagrangian bounds, branch and bound."""
