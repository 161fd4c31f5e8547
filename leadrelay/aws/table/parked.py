"""Counting what is parked. It reads the whole list index, which is sparse: for people, not for functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client

_PREFIX = "PARKED#"


def parked(table: str) -> Mapping[str, int]:
    """How many records are parked, by reason."""
    with speaking_to(f"table {table}"):
        pages = (
            client("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=table,
                IndexName="list",
                FilterExpression="begins_with(list_pk, :prefix)",
                ExpressionAttributeValues={":prefix": {"S": _PREFIX}},
                ProjectionExpression="list_pk",
            )
        )
        return Counter(item["list_pk"]["S"].removeprefix(_PREFIX) for page in pages for item in page["Items"])
