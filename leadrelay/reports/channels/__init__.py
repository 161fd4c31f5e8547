"""What each source, channel and campaign brought, and what it cost."""
