"""Tally forms."""
