"""LeadRelay in one process, over the memory ports: the real workflows and the real batch loop, no clock but ours.

Queues behave as they do in production: what fails comes back, at most five times; what dies half-way comes back too.
`Faults` break one call of a port before or after it took effect; a message may be lost.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from connectors import registry
from functions.consume import Answer, consume, consume_together
from leadrelay.domain.card.facts import CardChanged, NoticeNeeded
from leadrelay.domain.facts import Said
from leadrelay.domain.notices.policy import Channel, NoticeRule, NoticesPolicy
from leadrelay.domain.person.facts import SourceDue, TouchReady, TouchReceived
from leadrelay.domain.routing.facts import ContactDoubted, OwnerNeeded
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch, TouchDraft, Trust
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.contacts import MemoryContacts
from leadrelay.memory.counters import MemoryCounters
from leadrelay.memory.crm import MemoryCrm
from leadrelay.memory.notifier import MemoryNotifier
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.enrich import AccountFound
from leadrelay.ports.errors import Reject, Retry
from leadrelay.ports.fetch import Completed, Fetch
from leadrelay.ports.records import LeadRecord, TouchRecord
from leadrelay.ports.source import Delivery, Outcome, Reply
from leadrelay.rulebook.compile import compile_rules
from leadrelay.workflows.act import Act
from leadrelay.workflows.attendance import Attend
from leadrelay.workflows.companies import LookUp
from leadrelay.workflows.deliver.deliver import Deliver
from leadrelay.workflows.dictionary import dictionary
from leadrelay.workflows.fetch import FetchTouch
from leadrelay.workflows.ingest import Ingest
from leadrelay.workflows.links import Links
from leadrelay.workflows.notify import Notify
from leadrelay.workflows.poll import Poll
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.redrive import Redrive
from leadrelay.workflows.route import Route
from leadrelay.workflows.score import Score
from leadrelay.workflows.screen import Screen
from leadrelay.workflows.second_look import SecondLook
from leadrelay.workflows.sla_check import SlaCheck
from leadrelay.workflows.telling import Voice

MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""12:00 in Warsaw, a working day."""

SIGNING_SECRET = "a signing secret for tests only"
SECRETS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "identity": {"key": "an identity key for tests only"},
    "source/website": {"signing_secret": SIGNING_SECRET},
    "source/telegram": {"secret_token": "a telegram token for tests only"},
    "notify/team": {"url": "json://127.0.0.1:1/"},
    "links": {"key": "a key of links for tests only"},
}


@cache
def default_rules() -> Rules:
    """The rules that ship with the project."""
    return compile_rules(Path(__file__).parents[1] / "infra" / "rules", date(2026, 11, 22)).rules


NOTICES = (
    "assigned", "new_request", "warn", "breach", "unassigned", "unassignable", "next_step", "score_alert",
)  # fmt: skip


@cache
def noisy_rules() -> Rules:
    """The default rules, with a channel that is told everything."""
    rules = tuple(NoticeRule(notice=name, to=("owner", "manager"), channel="sales") for name in NOTICES)
    channels = {"sales": Channel(notifier="apprise", secret="notify/team")}
    return Rules.of(default_rules().with_(notices=NoticesPolicy(channels=channels, rules=rules)))


TOGETHER = (CardChanged, OwnerNeeded)
"""What its function works a batch at a time."""


class Crash(BaseException):
    """The process died here."""


@dataclass
class Faults:
    """Breaks call number `at` (from 0; None: no call) of the ports, before or after it took effect."""

    at: int | None = None
    when: Literal["before", "after"] = "before"
    error: Callable[[], BaseException] = Crash
    calls: list[str] = field(default_factory=list)

    def call(self, name: str, effect: Callable[[], Any]) -> Any:
        """One call of a port."""
        number = len(self.calls)
        self.calls.append(name)
        if number == self.at and self.when == "before":
            raise self.error()
        result = effect()
        if number == self.at:
            raise self.error()
        return result


class Breakable:
    """A port whose calls may break."""

    def __init__(self, port: object, name: str, faults: Faults) -> None:
        self._port, self._name, self._faults = port, name, faults

    def __getattr__(self, verb: str) -> Any:
        method = getattr(self._port, verb)
        return lambda *args: self._faults.call(f"{self._name}.{verb}", lambda: method(*args))


@dataclass(frozen=True)
class Told:
    """A sender that says exactly these touches."""

    drafts: tuple[TouchDraft, ...]
    trust: Trust

    def challenge(self, *_: object) -> None:
        return None

    def verify(self, *_: object) -> Trust:
        return self.trust

    def parse(self, *_: object) -> tuple[TouchDraft, ...]:
        return self.drafts

    def keep(self, delivery: Delivery) -> bytes:
        return delivery.body

    def acknowledge(self, outcome: Outcome) -> Reply:
        return Reply({"stored": 200, "unavailable": 503}.get(outcome, 400))


class NoHistory:
    """A vendor to whom nothing happened."""

    def complete(self, touch: Touch) -> Completed:
        raise Reject("no_history", touch.vendor)

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        return (), "now"


@dataclass
class Companies:
    """Who knows companies, by domain; `asked` are the questions."""

    known: dict[str, AccountFound] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    error: Callable[[], Exception] | None = None

    def account(self, domain: str, seconds: float) -> AccountFound | None:
        assert seconds > 0
        self.asked.append(domain)
        if self.error is not None:
            raise self.error()
        return self.known.get(domain)


def no_fetch(touch: Touch) -> Fetch:
    """No vendor can be asked."""
    raise Reject("no_fetch", touch.vendor)


@dataclass
class System:
    """Everything wired as the functions are, with queues that are worked off by `settle`."""

    rules_now: Rules = field(default_factory=default_rules)
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(MONDAY_NOON))
    fetchers: Callable[[Touch], Fetch] = no_fetch
    histories: Callable[[str, SourcePolicy], Fetch] = lambda *_: NoHistory()
    attendance: Any = None
    companies: Companies = field(default_factory=Companies)
    faults: Faults = field(default_factory=Faults)
    crm: MemoryCrm = field(default_factory=MemoryCrm)
    contacts: MemoryContacts = field(default_factory=MemoryContacts)
    lost: int | None = None
    store: Any = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        self.rules = MemoryRules(self.rules_now)
        self.secrets = MemorySecrets(SECRETS)
        self.telemetry = MemoryTelemetry()
        self.notifier = MemoryNotifier()
        self.counters = MemoryCounters()
        self.said: list[Said] = []
        self.queue: deque[Said] = deque()
        self.tries: Counter[str] = Counter()
        self.failed: list[Said] = []
        self.addressed = 0
        self.store.on_insert.append(self._publish)
        store, crm = Breakable(self.store, "store", self.faults), Breakable(self.crm, "crm", self.faults)
        notifier = Breakable(self.notifier, "notifier", self.faults)
        self._wire(store, crm, notifier)

    def _wire(self, store: Any, crm: Any, notifier: Any) -> None:
        rules, clock, telemetry = self.rules, self.clock, self.telemetry
        counters: Any = Breakable(self.counters, "counters", self.faults)
        screen = Screen(counters, Pseudonyms(self.secrets), telemetry)
        self.ingest = Ingest(store, rules, self.secrets, self._source, clock, telemetry, screen)
        self.sweep = SlaCheck(store, rules, clock, telemetry)
        self.redrive = Redrive(store, rules, clock)
        contacts: Any = Breakable(self.contacts, "contacts", self.faults)
        links = Links(self.secrets, "https://leadrelay.example.com")
        self.act = Act(store, rules, links, clock, telemetry)
        attend = Attend(store, rules, lambda _: self.attendance, clock, telemetry)
        look_up = LookUp(store, rules, lambda *_: self.companies, clock, telemetry)
        voice = Voice(lambda *_: notifier, links, dictionary(), telemetry)
        self.works: dict[str, tuple[Any, Any]] = {
            "TouchReceived": (TouchReceived, FetchTouch(store, self.fetchers, look_up, clock, telemetry)),
            "ContactDoubted": (ContactDoubted, SecondLook(store, rules, lambda _: contacts, clock, telemetry)),
            "SourceDue": (SourceDue, Poll(store, rules, self.histories, attend, clock, telemetry)),
            "TouchReady": (TouchReady, Score(store, rules, Pseudonyms(self.secrets), clock, telemetry)),
            "OwnerNeeded": (OwnerNeeded, Route(store, rules, clock, telemetry)),
            "CardChanged": (CardChanged, Deliver(store, rules, lambda *_: crm, clock, telemetry)),
            "NoticeNeeded": (NoticeNeeded, Notify(store, rules, voice, clock, telemetry)),
        }

    @staticmethod
    def _source(vendor: str) -> Any:
        return registry.load("source", vendor) if "source" in registry.roles(vendor) else None

    def _publish(self, facts: Sequence[Said]) -> None:
        """Everything said; addressed facts go to their queue, but for the one that is lost on its way."""
        self.said.extend(facts)
        for fact in facts:
            if fact.name in self.works:
                if self.addressed != self.lost:
                    self.queue.append(fact)
                self.addressed += 1

    def settle(self) -> None:
        """Work every queue off; what failed five times is set aside in `failed`."""
        while self.queue:
            said = self.queue.popleft()
            try:
                answer = self.work(said)
            except Crash:
                self.queue.append(said)
            else:
                if answer["batchItemFailures"]:
                    self._again(said)

    def _again(self, said: Said) -> None:
        self.tries[said.metadata.fact_id] += 1
        again = self.tries[said.metadata.fact_id] < 5
        (self.queue if again else self.failed).append(said)

    def work(self, said: Said) -> Answer:
        """One message through the batch loop, as Lambda would hand it over."""
        return self.work_all([said])

    def work_all(self, batch: Sequence[Said]) -> Answer:
        """Messages of one queue through its loop, as Lambda would hand them over."""
        kind, work = self.works[batch[0].name]
        loop: Callable[..., Answer] = consume_together if kind in TOGETHER else consume
        records = [message(said, str(number)) for number, said in enumerate(batch)]
        return loop({"Records": records}, kind, work, self.telemetry)

    def tell(self, *drafts: TouchDraft, source: str = "website", trust: Trust = "verified") -> Reply:
        """A delivery of a sender that says exactly this."""
        wired = self.ingest
        said = Told(drafts, trust)
        ingest = Ingest(wired.store, self.rules, self.secrets, lambda _: said, self.clock, self.telemetry, wired.screen)
        return ingest(source, Delivery("POST", {}, (), b"told"))

    def post(self, body: dict[str, Any], source: str = "website", **headers: str) -> Reply:
        """One signed JSON webhook."""
        text = json.dumps(body).encode()
        stamp = str(int(self.clock.now().timestamp()))
        mac = hmac.new(SIGNING_SECRET.encode(), f"{stamp}.".encode() + text, hashlib.sha256).hexdigest()
        given = {"content-type": "application/json", "x-leadrelay-signature": f"t={stamp},v1={mac}", **headers}
        return self.ingest(source, Delivery("POST", given, (), text))

    def later(self, **time: float) -> None:
        """Let time pass, then sweep and settle. A sweep that dies or is refused is followed by the next one."""
        self.clock.set(self.clock.now() + timedelta(**time))
        for _ in range(9):
            try:
                self.sweep()
            except (Crash, Retry):
                continue
            break
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


def message(said: Said, message_id: str = "1") -> dict[str, str]:
    """A fact as its queue hands it over."""
    detail = {"metadata": said.metadata.model_dump(mode="json", by_alias=True), "data": said.data}
    return {"messageId": message_id, "body": json.dumps({"detail-type": said.name, "detail": detail})}
