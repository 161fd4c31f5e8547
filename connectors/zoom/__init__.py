"""Zoom webinars."""
