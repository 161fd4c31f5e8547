"""A record as an item of the table, and back.

pk, sk, kind   S   where and what
v              N   version, what conditions compare
body           S   the record as JSON
facts          S   JSON list of what is said, on the first version only, instead of in body: the stream publishes it
due_*, list_*  S   only while the record is due or listed (sparse indexes)
expires_at     N   epoch seconds, for the table's own expiry
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from leadrelay.aws.table import keys
from leadrelay.domain.facts import Said
from leadrelay.ports.errors import Misconfigured, Reject
from leadrelay.ports.store import RECORD_BYTES, Key, Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef as Value
else:
    Value = Any

Item = dict[str, Value]
Kinds = Mapping[str, type[Record]]
"""Record types by their `kind`: all the table knows of the domain."""

_SAID = TypeAdapter(tuple[Said, ...])


def item_of(record: Record) -> Item:
    """The item to write. Raises Reject("record_too_large")."""
    key = record.key()
    told = _told(record)
    item: Item = {
        "pk": {"S": key.pk},
        "sk": {"S": key.sk},
        "kind": {"S": record.kind},
        "v": {"N": str(record.version)},
        "body": {
            "S": record.model_dump_json(by_alias=True, exclude={record.spoken} if told and record.spoken else None)
        },
    }
    if told:
        item["facts"] = {"S": _SAID.dump_json(told, by_alias=True).decode()}
    item.update(_optional(record, key))
    size = sum(len(item[part]["S"].encode()) for part in ("body", "facts") if part in item)
    if size > RECORD_BYTES:
        raise Reject("record_too_large", f"{key} is {size} bytes, the table takes {RECORD_BYTES}; split it")
    return item


def _told(record: Record) -> tuple[Said, ...]:
    """What the stream publishes of this write: a record speaks once."""
    return record.announces() if record.version == 1 else ()


def _optional(record: Record, key: Key[Record]) -> Iterator[tuple[str, Value]]:
    if due := record.due():
        yield "due_pk", {"S": keys.due_pk(due.kind, key.pk)}
        yield "due_sk", {"S": keys.timed_sk(due.at, key.pk, key.sk)}
    if listing := record.listing():
        yield "list_pk", {"S": listing.name}
        yield "list_sk", {"S": keys.timed_sk(listing.since, key.pk, key.sk)}
    if expires := record.expires_at():
        yield "expires_at", {"N": str(int(expires.timestamp()))}


def record_of(item: Mapping[str, Value], kinds: Kinds) -> Record:
    """The stored record. Raises Reject("unreadable_record"), Misconfigured for an unknown kind."""
    kind = type_of(item, kinds)
    try:
        if kind.spoken is None or "facts" not in item:
            return kind.model_validate_json(item["body"]["S"])
        return kind.model_validate({**json.loads(item["body"]["S"]), kind.spoken: json.loads(item["facts"]["S"])})
    except ValidationError as error:
        # pydantic's own text repeats what was stored, personal data included: only the places may be told.
        places = ", ".join(".".join(map(str, one["loc"])) or one["type"] for one in error.errors()[:5])
        raise Reject("unreadable_record", f"{_name(item)}: {places}") from None


def key_of(item: Mapping[str, Value], kinds: Kinds) -> Key[Record]:
    """The key of an item or of an index row."""
    return Key(item["pk"]["S"], item["sk"]["S"], type_of(item, kinds))


def hint_of(row: Mapping[str, Value], kinds: Kinds) -> Key[Record]:
    """As `key_of`, for a row that may be of a kind that this release does not know."""
    return Key(row["pk"]["S"], row["sk"]["S"], kinds.get(row["kind"]["S"], Record))


def type_of(item: Mapping[str, Value], kinds: Kinds) -> type[Record]:
    """The record type of an item's kind."""
    kind = item["kind"]["S"]
    if kind not in kinds:
        raise Misconfigured(f"{_name(item)} is of kind {kind!r}; add that record type to the kinds of this store")
    return kinds[kind]


def _name(item: Mapping[str, Value]) -> str:
    return f"{item['pk']['S']}/{item['sk']['S']}"
