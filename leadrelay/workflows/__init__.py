"""What the functions do: load, decide, commit; or claim, call, record. Named like the functions."""
