"""Twilio: calls and messages."""
