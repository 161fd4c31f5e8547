"""What senders list and did not deliver."""
