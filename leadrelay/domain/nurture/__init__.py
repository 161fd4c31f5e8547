"""Leads that nobody calls yet: sequences that teach them, giving back, coming back, and letting go."""
