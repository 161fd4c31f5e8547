"""How high leads score, and whether that drifts."""
