"""LeadRelay: every inbound lead becomes an owned, timed lead in the CRM."""
