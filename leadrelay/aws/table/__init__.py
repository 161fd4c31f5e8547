"""The table: keys, items, one transaction per change, the due index. Knows records, never the domain's types."""

from leadrelay.aws.table.store import TableStore

__all__ = ["TableStore"]
