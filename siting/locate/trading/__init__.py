"""The curve of two objectives: what is asked, in which order, and what the answers prove together."""
