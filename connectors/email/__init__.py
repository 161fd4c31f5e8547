"""Mail to an address of ours, received by Amazon SES."""
