"""Completes touches."""
