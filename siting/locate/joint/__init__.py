"""How services that share buildings are searched."""
