"""Chooses owners."""
