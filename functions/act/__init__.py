"""Lets a rep answer by the link in a notice."""
