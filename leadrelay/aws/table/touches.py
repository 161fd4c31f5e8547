"""Reading every touch of some days. It reads the whole table, page by page: for people, not for functions.

A million items are about a gigabyte and cost some cents; nothing is kept in an index for it, because every lead would
pay for that with each write.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client
from leadrelay.aws.table.items import record_of
from leadrelay.domain.touch import Touch
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import TouchRecord

_KINDS = {TouchRecord.kind: TouchRecord}


def touches_since(table: str, since: datetime) -> Iterator[Touch]:
    """The touches received since then (UTC), in no order. What cannot be read any more is left out."""
    with speaking_to(f"table {table}"):
        pages = (
            client("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=table,
                FilterExpression="#kind = :touch",
                ExpressionAttributeNames={"#kind": "kind"},
                ExpressionAttributeValues={":touch": {"S": TouchRecord.kind}},
                ProjectionExpression="pk, sk, #kind, body, facts",
            )
        )
        for page in pages:
            for item in page["Items"]:
                try:
                    record = record_of(item, _KINDS)
                except Reject:
                    continue
                if isinstance(record, TouchRecord) and record.touch.received_at >= since:
                    yield record.touch
