"""Why leads and deals are lost."""
