"""What each routing rule did."""
