"""Deadlines: business time, and the clocks that run in it."""
