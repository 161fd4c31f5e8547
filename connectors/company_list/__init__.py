"""The companies that RevOps keeps a list of."""
