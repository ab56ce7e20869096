"""Where facilities could go: streets, plots and gaps, each with the tests that it passed or failed."""
