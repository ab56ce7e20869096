"""Backup coverage: rows that must be covered once and count when covered twice."""
