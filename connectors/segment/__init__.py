"""Segment: behaviour, profiles and companies."""
