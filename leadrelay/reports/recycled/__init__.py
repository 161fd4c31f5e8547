"""What came of leads that were given back as too early."""
