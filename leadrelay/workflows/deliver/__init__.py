"""Deliver: what the rep should see, written to the CRM, and nothing but what changed."""
