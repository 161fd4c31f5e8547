"""Whose it is: which rule decides, who may take it, whose turn it is."""
