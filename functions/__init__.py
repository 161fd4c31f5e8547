"""The Lambda functions: each translates one AWS event and calls one workflow."""
