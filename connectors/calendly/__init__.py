"""Calendly bookings."""
