"""How transfer stations between sources and plants are searched."""
