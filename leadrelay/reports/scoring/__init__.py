"""Whether a higher score means a better lead."""
