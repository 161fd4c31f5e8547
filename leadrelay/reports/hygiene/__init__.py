"""Leads without a status, a reason or a next step."""
