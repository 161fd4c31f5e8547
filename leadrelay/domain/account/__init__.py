"""The company behind a person: which one it is, and who else of it is known."""
