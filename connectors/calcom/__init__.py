"""Cal.com bookings."""
