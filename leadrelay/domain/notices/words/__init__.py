"""What notices say, one file per language."""
