"""Won deals beside lost ones: how each came, who worked it, how fast, and what differed."""
