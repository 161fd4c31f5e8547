"""Counters on the table: one UpdateItem each, which adds and answers in one step.

The item is an ordinary record whose version is the count; the table's own expiry removes it.
"""

from __future__ import annotations

from datetime import datetime

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client
from leadrelay.aws.table.items import item_of
from leadrelay.ports.records import CountRecord

_SET = ("kind", "body", "expires_at")


class TableCounters:
    """Implements `ports.counters.Counters`."""

    def __init__(self, table: str) -> None:
        self._table = table

    def add(self, name: str, until: datetime) -> int:
        """One more; how many there are now. Repeated by the wire it may count twice: limits are generous."""
        item = item_of(CountRecord(version=1, name=name, until=until))
        said = ", ".join(f"#{part} = :{part}" for part in _SET)
        with speaking_to(f"table {self._table}"):
            answer = client("dynamodb").update_item(
                TableName=self._table,
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression=f"SET {said} ADD #v :one",
                ExpressionAttributeNames={"#v": "v", **{f"#{part}": part for part in _SET}},
                ExpressionAttributeValues={":one": {"N": "1"}, **{f":{part}": item[part] for part in _SET}},
                ReturnValues="UPDATED_NEW",
            )
        return int(answer["Attributes"]["v"]["N"])
