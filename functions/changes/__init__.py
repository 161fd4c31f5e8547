"""Takes in what a partner's event bus brings."""
