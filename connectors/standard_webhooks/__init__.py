"""Standard Webhooks: the API for servers."""
