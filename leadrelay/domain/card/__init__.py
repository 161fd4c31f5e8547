"""The card: what the rep should see in the CRM, and what people are told."""
