"""CallRail: tracked calls, messages and forms."""
