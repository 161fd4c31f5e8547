"""The store on DynamoDB."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from leadrelay.aws.answers import THROTTLED_SECONDS, Busy, Silence, code_of, speaking_to
from leadrelay.aws.clients import client
from leadrelay.aws.table import commit, keys
from leadrelay.aws.table.items import Item, Kinds, hint_of, item_of, key_of, record_of
from leadrelay.ports.errors import Conflict, PortError, Retry
from leadrelay.ports.store import Change, DueKind, DueRow, Key, Put, R, Record

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH = 100
_ROUNDS = 6
_PAUSE_SECONDS = 0.05
_BUSY_SECONDS = (0.02, 0.05, 0.1, 0.2)
"""Pauses before the same transaction is sent again: the one that was first ends within milliseconds."""


class TableStore:
    """Implements `ports.store.Store`. `kinds` are the record types that may be met, by their `kind`."""

    def __init__(self, table: str, kinds: Kinds) -> None:
        self._table = table
        self._kinds = kinds

    @property
    def _dynamodb(self) -> DynamoDBClient:
        return client("dynamodb")

    def load(self, key: Key[R]) -> R | None:
        """The record now (strongly consistent), or None."""
        with speaking_to(f"table {self._table}"):
            answer = self._dynamodb.get_item(TableName=self._table, Key=_key(key), ConsistentRead=True)
        return self._as(key, answer.get("Item"))

    def load_all(self, keys: Sequence[Key[R]]) -> list[R | None]:
        """As `load`, in the order of the keys."""
        wanted = list({(key.pk, key.sk): _key(key) for key in keys}.values())
        found: dict[tuple[str, str], Item] = {}
        for start in range(0, len(wanted), _BATCH):
            for item in self._batch(wanted[start : start + _BATCH]):
                found[item["pk"]["S"], item["sk"]["S"]] = item
        return [self._as(key, found.get((key.pk, key.sk))) for key in keys]

    def commit(self, change: Change) -> None:
        """All of it or nothing. Raises Conflict naming the first record that had moved on."""
        try:
            self._send_when_free(change)
        except (Conflict, Silence):
            if not self._done_before(change):
                raise

    def put(self, record: Record) -> None:
        """Write without a condition. Version 0 is stored as 1."""
        item = item_of(record if record.version else record.with_(version=1))
        with speaking_to(f"table {self._table}"):
            self._dynamodb.put_item(TableName=self._table, Item=item)

    def put_once(self, record: Record) -> None:
        """Write where nothing is; what is there stays as it is."""
        from botocore.exceptions import ClientError

        item = item_of(record if record.version else record.with_(version=1))
        with speaking_to(f"table {self._table}"):
            try:
                self._dynamodb.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
                )
            except ClientError as error:
                if code_of(error) != "ConditionalCheckFailedException":
                    raise

    def due(self, kind: DueKind, now: datetime, limit: int, after: DueRow | None = None) -> list[DueRow]:
        """What is due, most overdue first over all shards, at most `limit` rows behind `after`. A row of a kind that
        this release does not know is told like any other: loading it says what is wrong."""
        begin = keys.NEVER if after is None else keys.behind(after.at, after.key.pk, after.key.sk)
        shards = [self._due_in(shard, begin, keys.until(now), limit) for shard in keys.due_shards(kind)]
        rows = merge(*shards, key=lambda row: row["due_sk"]["S"])
        return [
            DueRow(kind, hint_of(row, self._kinds), keys.moment_of(row["due_sk"]["S"])) for row in islice(rows, limit)
        ]

    def _due_in(self, shard: str, begin: str, until: str, limit: int) -> Iterator[Item]:
        where = "due_pk = :pk AND due_sk BETWEEN :begin AND :until"
        return self._query(keys.DUE_INDEX, where, limit, pk=shard, begin=begin, until=until)

    def listed(self, name: str, limit: int) -> list[Key[Record]]:
        """What shows in a list, longest waiting first."""
        return [key_of(row, self._kinds) for row in self._query(keys.LIST_INDEX, "list_pk = :pk", limit, pk=name)]

    def story(self, pk: str) -> list[Record]:
        """Everything stored under one partition key, ordered by sort key."""
        return [record_of(item, self._kinds) for item in self._query(None, "pk = :pk", None, pk=pk)]

    def _as(self, key: Key[R], item: Item | None) -> R | None:
        if item is None:
            return None
        record = record_of(item, self._kinds)
        if not isinstance(record, key.type):
            raise TypeError(f"{key} holds a {type(record).__name__}, not a {key.type.__name__}")
        return record

    def _send_when_free(self, change: Change) -> None:
        """Two transactions on one record at the same instant: the table refuses one of them without saying who was
        first. Whether the record has moved on shows when it is sent again. Writers that met once wait unequally."""
        for pause in _BUSY_SECONDS:
            try:
                return self._send(change)
            except Busy:
                time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret, only unequal
        return self._send(change)

    def _send(self, change: Change) -> None:
        from botocore.exceptions import ClientError

        with speaking_to(f"table {self._table}"):
            try:
                if put := commit.only_put(change):
                    self._put_if(put)
                else:
                    self._dynamodb.transact_write_items(TransactItems=commit.parts(self._table, change))
            except ClientError as error:
                refused = commit.refusal(change.keys(), _reasons(error))
                if refused is None:
                    raise
                raise refused from error

    def _put_if(self, put: Put) -> None:
        self._dynamodb.put_item(
            TableName=self._table, Item=item_of(put.record), **commit.still_at(put.record.version - 1)
        )

    def _done_before(self, change: Change) -> bool:
        """Whether the log shows that this change was carried out: by this call, or by a twin of the same cause."""
        logs = change.logs()
        try:
            return bool(logs) and change.answered_by(self.load_all([log.key() for log in logs]))
        except PortError:
            return False  # still unknown; the error that led here says what to do

    def _batch(self, wanted: list[Item]) -> Iterator[Item]:
        """BatchGetItem until nothing is left unprocessed: throttling and 16 MB leave some."""
        for attempt in range(_ROUNDS):
            with speaking_to(f"table {self._table}"):
                answer: Any = self._dynamodb.batch_get_item(
                    RequestItems={self._table: {"Keys": wanted, "ConsistentRead": True}}
                )
            yield from answer["Responses"].get(self._table, [])
            wanted = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            if not wanted:
                return
            time.sleep(_PAUSE_SECONDS * 2**attempt)
        raise Retry(THROTTLED_SECONDS, f"table {self._table} left {len(wanted)} keys unread", "second")

    def _query(self, index: str | None, where: str, limit: int | None, **bound: str) -> Iterator[Item]:
        """Rows in ascending order, page after page, at most `limit`. The base table is read consistently."""
        request: Any = {
            "TableName": self._table,
            "KeyConditionExpression": where,
            "ExpressionAttributeValues": {f":{name}": {"S": value} for name, value in bound.items()},
        }
        request |= {"IndexName": index} if index else {"ConsistentRead": True}
        left = limit
        while left is None or left > 0:
            if left is not None:
                request["Limit"] = left
            with speaking_to(f"table {self._table}"):
                answer = self._dynamodb.query(**request)
            yield from answer["Items"]
            left = None if left is None else left - len(answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _key(key: Key[Any]) -> Item:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _reasons(error: ClientError) -> list[str]:
    """Why each part was refused, in order; one refused put is a transaction of one part."""
    if code_of(error) == "ConditionalCheckFailedException":
        return ["ConditionalCheckFailed"]
    answer: Any = error.response
    return [str(reason.get("Code", "")) for reason in answer.get("CancellationReasons", [])]
