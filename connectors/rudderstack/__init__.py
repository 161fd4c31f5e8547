"""RudderStack: behaviour, profiles and companies."""
