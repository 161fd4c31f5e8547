"""Notices through Apprise."""
