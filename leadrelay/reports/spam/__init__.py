"""What was set aside, and why."""
