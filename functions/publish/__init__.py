"""Speaks what the table has stored."""
