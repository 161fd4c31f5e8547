"""HubSpot: the CRM role (contacts, owners, tasks, notes), its set-up, and a sandbox that speaks its dialect."""
