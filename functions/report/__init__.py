"""Shows one lead's story."""
