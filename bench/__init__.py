"""How fast the decisions are, and what a lead costs."""
