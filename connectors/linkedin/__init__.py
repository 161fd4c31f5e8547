"""LinkedIn lead gen forms."""
