"""Keeps the CRM showing what it should."""
