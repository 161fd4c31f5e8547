"""One change, one transaction: what is sent, and what the table's refusal means.

A change of one put without checks is a single conditional PutItem, at half the price of a transaction. Everything
here is pure; `store` sends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, cast

from leadrelay.aws.answers import THROTTLED_SECONDS, Busy, busy, throttled
from leadrelay.aws.table.items import Item, item_of
from leadrelay.ports.errors import Conflict, PortError, Retry
from leadrelay.ports.store import Change, Key, Put, Record, Unchanged

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef as Part
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef as Bound
else:
    Part = Bound = Any


class Condition(TypedDict):
    """The arguments by which DynamoDB checks the version that was seen."""

    ConditionExpression: str
    ExpressionAttributeValues: NotRequired[dict[str, Bound]]


def still_at(version: int) -> Condition:
    """The record is still at this version; 0 is still absent."""
    if version == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"ConditionExpression": "v = :seen", "ExpressionAttributeValues": {":seen": {"N": str(version)}}}


def parts(table: str, change: Change) -> list[Part]:
    """The transaction, in the order of `change.keys()`."""
    return [_put(table, put) for put in change.puts] + [_check(table, part) for part in change.unchanged]


def only_put(change: Change) -> Put | None:
    """The one put of a change that needs no transaction."""
    return change.puts[0] if len(change.puts) == 1 and not change.unchanged else None


def refusal(keys: Sequence[Key[Record]], codes: Sequence[str]) -> PortError | None:
    """What a cancelled transaction means; `codes` are its reasons in the order of `keys`.

    A failed condition is certain and wins over a passing conflict elsewhere in the same transaction. None when the
    codes name a defect, such as an invalid item.
    """
    reasons = list(zip(keys, codes, strict=False))
    for key, code in reasons:
        if code == "ConditionalCheckFailed":
            return Conflict(str(key))
    for key, code in reasons:
        if throttled(code):
            return Retry(THROTTLED_SECONDS, f"{key} is throttled ({code})", "second")
    for key, code in reasons:
        if busy(code):
            return Busy(THROTTLED_SECONDS, f"{key} is busy ({code})", "second")
    return None


def _put(table: str, put: Put) -> Part:
    item = item_of(put.record)
    return cast("Part", {"Put": {"TableName": table, "Item": item, **still_at(put.record.version - 1)}})


def _check(table: str, part: Unchanged) -> Part:
    key: Item = {"pk": {"S": part.key.pk}, "sk": {"S": part.key.sk}}
    return cast("Part", {"ConditionCheck": {"TableName": table, "Key": key, **still_at(part.version)}})
