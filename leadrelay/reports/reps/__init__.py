"""What reps do, and what comes of it, given the leads they got."""
