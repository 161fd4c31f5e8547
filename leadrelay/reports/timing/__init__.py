"""Where the time goes between a lead's coming and its first contact."""
