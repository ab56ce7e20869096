"""Diagrams for a notebook or a report: what a proof means, and what one objective costs in terms of another."""
