"""Who it is: normalised identity, profile with provenance, merging."""
