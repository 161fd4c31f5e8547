"""Telegram bots and business accounts."""
