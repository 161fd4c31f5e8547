"""LeadRelay over the table's real adapter in an account in memory, and what may happen to any one of its calls.

The rest is in memory as in `tests.system`: senders, queues, CRM and messenger. What is published is read from the
table's own stream, so a fact is heard of if and only if its row was really inserted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, cast
from unittest.mock import patch

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from moto.core.model_instances import reset_model_data
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from leadrelay.aws.clients import client
from leadrelay.aws.table import TableStore
from leadrelay.aws.table.items import record_of
from leadrelay.domain.facts import Said
from leadrelay.memory.store import MemoryStore
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import RECORDS
from leadrelay.workflows.publish import Announcement, Publish
from tests.aws.cloud import TABLE, hooked, make_table
from tests.system import Crash, System, noisy_rules

Blow = Literal["dies before", "dies after", "throttled", "no answer, done", "no answer, not done", "sent twice"]
"""What happens to a call. `sent twice`: it took effect, its answer was lost, and the SDK sends it again by itself."""

BLOWS: tuple[Blow, ...] = Blow.__args__  # type: ignore[attr-defined]
SWEEPS = 4
"""In a minute, at most."""

KINDS = {record.kind: record for record in RECORDS}


@dataclass
class Blows:
    """Counts the calls to the table from 0 and strikes at the planned ones. `struck` says what was hit and how,
    `resent` how often the SDK sent a request again."""

    plan: Mapping[int, Blow] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    struck: list[tuple[str, Blow]] = field(default_factory=list)
    resent: int = 0
    _now: Blow | None = None
    _lost: bool = False

    def before(self, model: Any, params: Mapping[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]] | None:
        """The request has not left yet; what is returned is taken for the answer."""
        number, operation = len(self.calls), str(model.name)
        self.calls.append(operation)
        self._now, self._lost = self.plan.get(number), False
        if self._now is not None:
            self.struck.append((operation, self._now))
        if self._now == "dies before":
            raise Crash
        if self._now == "no answer, not done":
            raise _silence()
        return _throttled(operation, params) if self._now == "throttled" else None

    def on_the_wire(self, **_: object) -> None:
        """It is done, and its answer is lost before the SDK has it."""
        self.resent += self._lost
        self._lost = self._now == "sent twice" and not self._lost
        if self._lost:
            raise _silence()

    def after(self, **_: object) -> None:
        """It is done, and its answer does not reach our code."""
        if self._now == "dies after":
            raise Crash
        if self._now == "no answer, done":
            raise _silence()

    def end(self) -> None:
        """From now on nothing happens any more."""
        self.plan = {}


class TableSystem(System):
    """`System` with the table for its store; nothing is published but what the table's stream says."""

    def _wire(self, store: Any, crm: Any, notifier: Any) -> None:
        self.store = cast("MemoryStore", TableStore(TABLE, KINDS))  # the same port
        self._stream = Stream()
        self._publish_all = Publish(self, self.store, self.clock, self.telemetry)
        super()._wire(self.store, crm, notifier)

    def send(self, facts: Sequence[Said]) -> list[int]:
        """As the bus: everything is accepted."""
        self._publish(facts)
        return []

    def settle(self) -> None:
        """Work everything off, and what comes of it."""
        while self._publish_all(self._stream.read()):
            super().settle()

    def later(self, **time: float) -> None:
        """Let time pass, then sweep and settle. The next sweep is seconds away, so that one in trouble is repeated."""
        self.clock.set(self.clock.now() + timedelta(**time))
        any(self._swept() for _ in range(SWEEPS))
        self.settle()

    def _swept(self) -> bool:
        skipped = self.telemetry.total("SweepSkipped")
        try:
            self.sweep()
        except (Crash, Retry):
            return False
        return self.telemetry.total("SweepSkipped") == skipped

    def end(self) -> None:
        """Nothing happens any more: what stands in the table is read once, for whoever looks at it now."""
        self.store = MemoryStore()
        for item in client("dynamodb").scan(TableName=TABLE, ConsistentRead=True)["Items"]:
            self.store.put(record_of(item, KINDS))


class Stream:
    """The table's stream, read from where the last reading ended."""

    def __init__(self) -> None:
        self._read = 0

    def read(self) -> list[Announcement]:
        """What the publishing function is handed: the inserted rows that carry facts."""
        shard = dynamodb_backends[DEFAULT_ACCOUNT_ID][client("dynamodb").meta.region_name].get_table(TABLE).stream_shard
        assert shard is not None
        records = [item.to_json() for item in shard.items[self._read :]]
        self._read += len(records)
        images = [record["dynamodb"]["NewImage"] for record in records if record["eventName"] == "INSERT"]
        return [_announcement(image) for image in images if "facts" in image]


@contextmanager
def living(blows: Blows) -> Iterator[TableSystem]:
    """LeadRelay over a new, empty table with one due shard, whose calls get these blows. The SDK never sleeps."""
    _make_table_with_stream()
    with ExitStack() as stack:
        stack.callback(reset_model_data)  # else every table is kept in memory, with its copies
        stack.callback(client("dynamodb").delete_table, TableName=TABLE)
        stack.enter_context(patch("leadrelay.aws.table.keys.SHARDS", 1))  # sweeps of sixteen empty shards prove nothing
        stack.enter_context(patch("time.sleep"))
        stack.enter_context(patch.object(Table, "__deepcopy__", _without_its_items, create=True))
        system = TableSystem(noisy_rules())
        stack.callback(blows.end)
        _listen(blows, stack)
        yield system


def _listen(blows: Blows, stack: ExitStack) -> None:
    stack.enter_context(hooked("before-call.dynamodb", blows.before))
    stack.enter_context(hooked("after-call.dynamodb", blows.after))
    events = client("dynamodb").meta.events
    events.register_last("before-send", blows.on_the_wire)  # last: the account itself answers at this event
    stack.callback(events.unregister, "before-send", blows.on_the_wire)
    stack.enter_context(hooked("choose-signer.dynamodb", lambda **_: UNSIGNED))  # nobody checks signatures here


def _make_table_with_stream() -> None:
    make_table()
    client("dynamodb").update_table(
        TableName=TABLE, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    )


def _announcement(image: Mapping[str, Any]) -> Announcement:
    return Announcement(f"{image['pk']['S']}/{image['sk']['S']}", image["facts"]["S"])


def _without_its_items(table: Table, memo: dict[int, object]) -> Table:
    """The copy that the account makes before each transaction, to undo it. Puts replace items and never change them,
    so the items need not be copied: that is what made a transaction in a table of a hundred items slow."""
    twin = copy(table)
    twin.items = copy(table.items)
    for pk, rows in table.items.items():
        twin.items[pk] = copy(rows)
    twin.stream_shard = copy(table.stream_shard)
    if twin.stream_shard is not None:
        twin.stream_shard.items = [*twin.stream_shard.items]
    return twin


def _silence() -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url="https://cloud.test")


def _throttled(operation: str, params: Mapping[str, Any]) -> tuple[AWSResponse, dict[str, Any]]:
    """What DynamoDB says when there is too much; a transaction is cancelled for one of its parts."""
    answer: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": 400}}
    answer["Error"] = {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}
    if operation == "TransactWriteItems":
        answer["Error"] = {"Code": "TransactionCanceledException", "Message": "cancelled"}
        answer["CancellationReasons"] = [{"Code": "ThrottlingError"}, {"Code": "None"}]
    return AWSResponse("https://cloud.test", 400, HTTPHeaders(), cast("Any", None)), answer
