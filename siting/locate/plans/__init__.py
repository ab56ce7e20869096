"""Plans of a study: candidates and conditions in, named sites with their proof out."""
