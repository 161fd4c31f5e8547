"""How fast the pipeline turns into revenue."""
