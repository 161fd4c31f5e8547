"""What a person does in the CRM, and what it means for the lead: theirs wins, and is never undone."""
