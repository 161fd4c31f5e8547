"""Who is asked about a company, and what follows from what we know already."""
