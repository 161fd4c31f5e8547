"""Finds out whose touch it is and what it is worth."""
