"""Finds what fell due."""
