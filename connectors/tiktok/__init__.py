"""TikTok lead generation."""
