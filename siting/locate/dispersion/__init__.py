"""How sites far apart are searched: one packing question after the other."""
