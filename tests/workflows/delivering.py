"""A CRM whose answers a test decides, and the touches that deliveries come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from leadrelay.domain.facts import Said
from leadrelay.domain.rules import Rules
from leadrelay.memory.crm import MemoryCrm
from leadrelay.ports.crm import WriteOp, WriteResult
from leadrelay.ports.records import SyncRecord, sync_key
from tests.system import System, noisy_rules
from tests.workflows import lives, promises


class PlannedCrm(MemoryCrm):
    """Lets a test answer some operations, or do something just before one is carried out."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: Callable[[WriteOp], WriteResult | None] = lambda op: None

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        return [self.plan(op) or super(PlannedCrm, self).write([op])[0] for op in ops]


def with_crm(**changes: object) -> Rules:
    """The noisy rules with other settings in crm.yaml."""
    rules = noisy_rules()
    return Rules.of(rules.with_(crm=rules.crm.with_(**changes)))


def sync(system: System) -> SyncRecord:
    """The only sync row."""
    [record] = promises.synced(system)
    return record


def sync_of(system: System, lead_id: str) -> SyncRecord:
    """One lead's sync row."""
    record = system.store.load(sync_key(lead_id, "hubspot"))
    assert record is not None
    return record


def follow_up(number: int = 1, email: str = "ada@example.com") -> dict[str, Any]:
    """A touch that changes the card and calls nobody: each adds a word to what they told us."""
    fields = {"email": email, "message": f"Question {number}"}
    return {"event": "email_opened", "event_id": f"event-{number:04d}", "fields": fields}


def people(system: System, number: int) -> None:
    """So many new leads, each already in the CRM."""
    for each in range(number):
        body = lives.demo(submission=f"submission-p{each:04d}", email=f"person{each}@example.com")
        lives.send(system, body)


def gathered(system: System) -> list[Said]:
    """Everything up to the delivery is worked; what `deliver` is asked for is returned instead."""
    asked: list[Said] = []
    while system.queue:
        said = system.queue.popleft()
        if said.name == "CardChanged":
            asked.append(said)
        else:
            assert system.work(said) == {"batchItemFailures": []}
    return asked
