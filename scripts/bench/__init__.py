"""Rooms of `scripts/bench_network.py`: graphs, tasks, contenders, comparison of answers, measurement, table."""
