"""Every port on AWS: the only package that speaks boto3, and only when a client is first needed."""
