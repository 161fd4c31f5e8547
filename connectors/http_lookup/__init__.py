"""Any provider of data on companies that answers one GET with JSON."""
