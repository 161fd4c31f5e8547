"""What marketing promised, and what it brought."""
