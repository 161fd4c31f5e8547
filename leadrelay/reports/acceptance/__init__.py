"""Which MQLs sales took on, gave back, or left waiting."""
