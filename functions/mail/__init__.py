"""Takes mail out of its bucket."""
