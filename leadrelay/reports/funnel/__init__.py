"""From visitor to customer."""
