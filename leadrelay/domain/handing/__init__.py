"""Into whose hands a lead comes: given out, held, claimed, handed on, handed back."""
