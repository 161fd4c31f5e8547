"""Where a lead stands: lifecycle stage (macro), lead status (micro), disposition."""
