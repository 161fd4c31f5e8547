"""What a lead is worth: explicit points (fit) and implicit points (engagement), each capped, together 0 to 100."""
