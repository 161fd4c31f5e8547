"""LeadRelay in one process, over the memory ports: the real workflows and the real batch loop, no clock but ours."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from connectors import registry
from functions.consume import Answer, consume
from leadrelay.domain.card.facts import CardChanged, NoticeNeeded
from leadrelay.domain.facts import Said
from leadrelay.domain.person.facts import TouchReady, TouchReceived
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Touch
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.crm import MemoryCrm
from leadrelay.memory.notifier import MemoryNotifier
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Reject
from leadrelay.ports.fetch import Fetch
from leadrelay.ports.records import LeadRecord, TouchRecord
from leadrelay.ports.source import Delivery, Reply
from leadrelay.rulebook.compile import compile_rules
from leadrelay.workflows.deliver.deliver import Deliver
from leadrelay.workflows.fetch import FetchTouch
from leadrelay.workflows.identify import Pseudonyms
from leadrelay.workflows.ingest import Ingest
from leadrelay.workflows.notify import Notify
from leadrelay.workflows.redrive import Redrive
from leadrelay.workflows.route import Route
from leadrelay.workflows.score import Score
from leadrelay.workflows.sla_check import SlaCheck

MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""12:00 in Warsaw, a working day."""

SIGNING_SECRET = "a signing secret for tests only"
SECRETS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "identity": {"key": "an identity key for tests only"},
    "source/website": {"signing_secret": SIGNING_SECRET},
    "notify/sales": {"url": "json://127.0.0.1:1/"},
}


@cache
def default_rules() -> Rules:
    """The rules that ship with the project."""
    return compile_rules(Path(__file__).parents[1] / "infra" / "rules", date(2026, 11, 22)).rules


def no_fetch(touch: Touch) -> Fetch:
    """No vendor can be asked."""
    raise Reject("no_fetch", touch.vendor)


@dataclass
class System:
    """Everything wired as the functions are, with queues that are worked off by `settle`."""

    rules_now: Rules = field(default_factory=default_rules)
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(MONDAY_NOON))
    fetchers: Callable[[Touch], Fetch] = no_fetch

    def __post_init__(self) -> None:
        self.store = MemoryStore()
        self.rules = MemoryRules(self.rules_now)
        self.secrets = MemorySecrets(SECRETS)
        self.telemetry = MemoryTelemetry()
        self.crm = MemoryCrm()
        self.notifier = MemoryNotifier()
        self.said: list[Said] = []
        self.queue: deque[Said] = deque()
        self.failed: list[Said] = []
        self.store.on_insert.append(self._publish)
        ports = (self.store, self.rules, self.clock, self.telemetry)
        store, rules, clock, telemetry = ports
        self.ingest = Ingest(store, rules, self.secrets, self._source, clock, telemetry)
        self.sweep = SlaCheck(store, rules, clock, telemetry)
        self.redrive = Redrive(store, rules, clock)
        self.works: dict[str, tuple[Any, Any]] = {
            "TouchReceived": (TouchReceived, FetchTouch(store, self.fetchers, clock, telemetry)),
            "TouchReady": (TouchReady, Score(store, rules, Pseudonyms(self.secrets), clock, telemetry)),
            "OwnerNeeded": (OwnerNeeded, Route(store, rules, clock, telemetry)),
            "CardChanged": (CardChanged, Deliver(store, rules, lambda _: self.crm, clock, telemetry)),
            "NoticeNeeded": (NoticeNeeded, Notify(store, rules, lambda *_: self.notifier, clock, telemetry)),
        }

    @staticmethod
    def _source(vendor: str) -> Any:
        return registry.load("source", vendor)

    def _publish(self, facts: Sequence[Said]) -> None:
        self.said.extend(facts)
        self.queue.extend(fact for fact in facts if fact.name in self.works)

    def settle(self) -> None:
        """Work every queue off; what fails is set aside in `failed`."""
        while self.queue:
            self.work(self.queue.popleft())

    def work(self, said: Said) -> Answer:
        """One message through the batch loop, as Lambda would hand it over."""
        kind, work = self.works[said.name]
        detail = {"metadata": said.metadata.model_dump(mode="json"), "data": said.data}
        body = json.dumps({"detail-type": said.name, "detail": detail})
        answer = consume({"Records": [{"messageId": "1", "body": body}]}, kind, work, self.telemetry)
        if answer["batchItemFailures"]:
            self.failed.append(said)
        return answer

    def post(self, body: dict[str, Any], source: str = "website", **headers: str) -> Reply:
        """One signed JSON webhook."""
        text = json.dumps(body).encode()
        stamp = str(int(self.clock.now().timestamp()))
        mac = hmac.new(SIGNING_SECRET.encode(), f"{stamp}.".encode() + text, hashlib.sha256).hexdigest()
        given = {"content-type": "application/json", "x-leadrelay-signature": f"t={stamp},v1={mac}", **headers}
        return self.ingest(source, Delivery("POST", given, (), text))

    def later(self, **time: float) -> None:
        """Let time pass, then sweep and settle."""
        self.clock.set(self.clock.now() + timedelta(**time))
        self.sweep()
        self.settle()

    def leads(self) -> list[LeadRecord]:
        """Every living lead."""
        found = [record for record in self.records() if isinstance(record, LeadRecord)]
        return [record for record in found if record.lead.merged_into is None]

    def touches(self) -> list[TouchRecord]:
        """Every touch."""
        return [record for record in self.records() if isinstance(record, TouchRecord)]

    def records(self) -> list[Any]:
        """Everything stored."""
        return [record for pk in {pk for pk, _ in self.store._rows} for record in self.store.story(pk)]
