"""Makes the rows that reports are counted from."""
