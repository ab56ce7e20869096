"""What changed between two runs: figures, people, zones, themes; as tables, words and maps."""
