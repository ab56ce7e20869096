"""Public parking: spaces against cars within a walk, who is short, and what opening other lots gives."""
