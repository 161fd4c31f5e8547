"""Keeps every fact for reports."""
