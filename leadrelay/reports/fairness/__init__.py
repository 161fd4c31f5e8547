"""Who got how many leads, against what was promised."""
