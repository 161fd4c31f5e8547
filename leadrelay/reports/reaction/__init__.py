"""How long leads waited for their first contact."""
