"""Asks sources for what we may have missed."""
