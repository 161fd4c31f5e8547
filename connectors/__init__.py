"""What the outside speaks: one folder per vendor, one file per role (source, fetch, crm, enrich, notify, sandbox).

Adding a vendor is adding a folder with a `connector.toml`; its name is its registration. Vendors never import one
another; what they share are wire formats, in `kit/`.
"""
