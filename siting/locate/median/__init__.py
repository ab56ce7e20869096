"""How median problems are searched: interchange, dual ascent, branch and bound."""
