"""Reports: where leads leak.

Facts become a few base tables (`base/*.sql`), one row per lead, clock, assignment, touch, deal. A report is a folder:
`rows.sql` chooses its rows from them, `report.py` counts them, `texts.json` says what it is in every language. The
runner filters, and opening a number filters the same rows.
"""
