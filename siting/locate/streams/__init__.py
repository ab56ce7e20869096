"""How transfer stations that several streams share are searched."""
