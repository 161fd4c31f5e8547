"""Webflow forms."""
