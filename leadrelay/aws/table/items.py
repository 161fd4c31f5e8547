"""A record as an item of the table, and back.

pk, sk, kind   S   where and what
v              N   version, what conditions compare
body           S   the record as JSON
facts          S   JSON list of what is said, on the first version only: the stream publishes it on INSERT
due_*, list_*  S   only while the record is due or listed (sparse indexes)
expires_at     N   epoch seconds, for the table's own expiry
"""

from __future__ import annotations

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
    item: Item = {
        "pk": {"S": key.pk},
        "sk": {"S": key.sk},
        "kind": {"S": record.kind},
        "v": {"N": str(record.version)},
        "body": {"S": record.model_dump_json(by_alias=True)},
    }
    item.update(_optional(record, key))
    size = sum(len(item[part]["S"].encode()) for part in ("body", "facts") if part in item)
    if size > RECORD_BYTES:
        raise Reject("record_too_large", f"{key} is {size} bytes, the table takes {RECORD_BYTES}; split it")
    return item


def _optional(record: Record, key: Key[Record]) -> Iterator[tuple[str, Value]]:
    if record.version == 1 and (facts := record.announces()):
        yield "facts", {"S": _SAID.dump_json(facts, by_alias=True).decode()}
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
    try:
        return type_of(item, kinds).model_validate_json(item["body"]["S"])
    except ValidationError as error:
        # pydantic's own text repeats what was stored, personal data included: only the places may be told.
        places = ", ".join(".".join(map(str, one["loc"])) or one["type"] for one in error.errors()[:5])
        raise Reject("unreadable_record", f"{_name(item)}: {places}") from None


def key_of(item: Mapping[str, Value], kinds: Kinds) -> Key[Record]:
    """The key of an item or of an index row."""
    return Key(item["pk"]["S"], item["sk"]["S"], type_of(item, kinds))


def type_of(item: Mapping[str, Value], kinds: Kinds) -> type[Record]:
    """The record type of an item's kind."""
    kind = item["kind"]["S"]
    if kind not in kinds:
        raise Misconfigured(f"{_name(item)} is of kind {kind!r}; add that record type to the kinds of this store")
    return kinds[kind]


def _name(item: Mapping[str, Value]) -> str:
    return f"{item['pk']['S']}/{item['sk']['S']}"
