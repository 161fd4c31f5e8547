"""Salesforce: the CRM role (leads, contacts, tasks), its set-up, and a sandbox that speaks its dialect."""
