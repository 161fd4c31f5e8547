"""The review of a month: what marketing and sales promised each other, and what they kept."""
