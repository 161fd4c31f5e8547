"""How many of the leads that came were worked."""
