"""Answers webhooks."""
