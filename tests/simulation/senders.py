"""A small cast: a few people who write to us through several sources, often more than once, sometimes badly."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from types import ModuleType
from typing import Any

from connectors import registry
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words, touch_id
from leadrelay.local.samples import build
from leadrelay.ports.fetch import Completed
from leadrelay.ports.sample import Person, Visit
from leadrelay.ports.secrets import Secrets
from leadrelay.ports.source import Delivery, Outcome, Reply, SecretValues, SourceSettings

PEOPLE = (
    Person("Ada", "Example", "ada@alpha.example", "+48221234501", "Head of Operations", "Alpha", "PL", "software", 250),
    Person("Bob", "Sample", "bob@beta.example", "+48221234502", "CEO", "Beta", "DE", "finance", 900),
    Person("Cleo", "Test", "cleo@gamma.example", "+48221234503", "Analyst", "Gamma", "FR", "other", 5),
    Person("Dan", "Mock", "dan@alpha.example", "+48221234504", "IT manager", "Alpha", "PL", "software", 250),
)
TITLES = ("CEO", "Head of Sales", "IT manager", "Analyst")
"""People call themselves differently each time."""

PARTNERS = ("acme", "bolt", "", "", "")
"""Who sent them; most come by themselves."""

FORMS = ("demo", "offer", "contact", "case-study", "newsletter")


@dataclass(frozen=True, slots=True)
class VendorLead:
    """What a vendor's read API says of a lead; a poison one breaks who reads it until somebody mended that."""

    completed: Completed
    poison: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Saying:
    """One touch that somebody sends: `at` seconds after the beginning, the first time. `refusable`: it may never be
    accepted. `key` names it in histories."""

    at: float
    source: str
    delivery: Callable[[datetime], Delivery]
    key: str
    person: int
    refusable: bool = False


class Sales:
    """The calls that sales make, told by our own desk: a source like any other, proven by a header."""

    @staticmethod
    def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> None:
        return None

    @staticmethod
    def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
        return "verified"

    @staticmethod
    def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> list[TouchDraft]:
        said = json.loads(delivery.body)
        words = Words(answers=(Answer(key="email", values=(said["email"],)),))
        at = datetime.fromisoformat(said["at"])
        told = TouchDraft(kind="activity", key=said["key"], event=said["event"], words=words, occurred_at=at)
        return [told.with_(test="test" in said)]

    @staticmethod
    def keep(delivery: Delivery) -> bytes:
        return delivery.body

    @staticmethod
    def acknowledge(outcome: Outcome) -> Reply:
        return Reply({"stored": 200, "unavailable": 503}.get(outcome, 400))


@cache
def source(vendor: str) -> ModuleType | type[Sales]:
    """A vendor's source, or the desk of sales."""
    return Sales if vendor == "desk" else registry.load("source", vendor)


@dataclass
class Cast:
    """Who says what in one world."""

    sayings: list[Saying] = field(default_factory=list)
    vendor_leads: dict[str, VendorLead] = field(default_factory=dict)

    def expected(self, saying: Saying, rules: Rules, now: datetime) -> list[str]:
        """The touch ids that an accepted delivery must have left behind."""
        return [touch_id(saying.source, draft.key) for draft in self.drafts(saying, rules, now)]

    def drafts(self, saying: Saying, rules: Rules, now: datetime) -> list[TouchDraft]:
        """What a delivery says."""
        policy = rules.sources.sources[saying.source]
        settings = SourceSettings(saying.source, policy.vendor, policy.options)
        return list(source(policy.vendor).parse(saying.delivery(now), settings, now))


@dataclass
class Casting:
    """Draws a cast."""

    rng: random.Random
    rules: Rules
    secrets: Secrets
    start: datetime
    cast: Cast = field(default_factory=Cast)

    def drawn(self, trouble: float) -> Cast:
        """One to four people, two to eight touches."""
        people = self.rng.choice((1, 1, 2, 2, 3, 4))
        touches = self.rng.randint(2, 3 if people == 1 else 5)
        for number in range(touches):
            self._say(number, self.rng.randrange(people), self._moment(trouble))
        if self.rng.random() < 0.35:
            self._call(self.rng.randrange(people), self._moment(trouble))
        if self.rng.random() < 0.25:
            self._late_call()
        if self.rng.random() < 0.3:
            self._rush(self._moment(trouble))
        if self.rng.random() < 0.1:
            self._test_button(self._moment(trouble))
        self.cast.sayings.sort(key=lambda saying: (saying.at, saying.key))
        return self.cast

    def _moment(self, trouble: float) -> float:
        return self.rng.uniform(0, min(trouble, self.rng.choice((5.0, 60.0, 420.0, trouble))))

    def _say(self, number: int, person: int, at: float) -> None:
        key = f"submission-{number:04}"
        kinds = ("web", "phone", "mail", "both", "meta", "typeform", "behaviour", "unmapped", "malformed")
        kind = self.rng.choices(kinds, (6, 3, 3, 3, 3, 2, 2, 1, 1))[0]
        form = self.rng.choice(FORMS)
        if kind == "meta":
            self._meta(key, person, at)
        elif kind == "typeform":
            visit = Visit("typeform", PEOPLE[person], "demoFrm1", f"{key}-typeform")
            self._visit(visit, person, at)
        else:
            self.web(key, kind, form, person, at)

    def web(self, key: str, kind: str, form: str, person: int, at: float) -> None:
        """A form, or a behaviour, on our own web site."""
        who = PEOPLE[person]
        fields: dict[str, str] = {"first_name": who.first_name, "company": who.company, "industry": who.industry}
        fields["job_title"] = self.rng.choice(TITLES)
        if kind in ("web", "mail", "both", "behaviour"):
            fields["email"] = who.email
        if kind in ("phone", "both"):
            fields["phone"] = who.phone
        if kind == "unmapped":
            fields = {"pole_7": "whatever"}
        said: dict[str, Any] = {"submission_id": key, "form": form, "fields": fields}
        if kind == "behaviour":
            said = {"event_id": key, "event": "pricing_page_viewed", "fields": {"email": who.email}}
        said |= {"partner": partner} if (partner := _partner(key)) else {}
        said["occurred_at"] = (self.start + timedelta(seconds=at - 30)).isoformat()
        body = b'{"form": ' if kind == "malformed" else json.dumps(said).encode()
        self._add(Saying(at, "website", _signed(body), f"{kind} {key}", person, refusable=kind == "malformed"))

    def _meta(self, key: str, person: int, at: float) -> None:
        visit = Visit("meta", PEOPLE[person], "650000000000001", key)
        sent = build(visit, self.rules, self.secrets.get(f"source/{visit.source}"), self.start + timedelta(seconds=at))
        lead = sent.later or {}
        answers = tuple(Answer(key=each["name"], values=tuple(each["values"])) for each in lead["field_data"])
        luck = self.rng.random()
        completed = Completed(words=Words(answers=answers), origin=Origin(form=visit.form, campaign="lead-ads"))
        self.cast.vendor_leads[str(lead["id"])] = VendorLead(completed, poison=luck < 0.15, gone=luck > 0.93)
        delivery = Delivery("POST", dict(sent.headers), (), sent.body)
        self._add(Saying(at, "meta", lambda _: delivery, f"meta {key}", person))

    def _visit(self, visit: Visit, person: int, at: float) -> None:
        sent = build(visit, self.rules, self.secrets.get(f"source/{visit.source}"), self.start + timedelta(seconds=at))
        delivery = Delivery("POST", dict(sent.headers), (), sent.body)
        self._add(Saying(at, visit.source, lambda _: delivery, f"{visit.source} {visit.key}", person))

    def _late_call(self) -> None:
        """Sales call the first person just when the five minutes are over."""
        self.web("submission-late", "both", "demo", 0, 1.0)
        self._call(0, 304.0 + self.rng.uniform(0, 56))

    def _rush(self, at: float) -> None:
        """Everybody asks for a demo at once."""
        for person, _ in enumerate(PEOPLE):
            self.web(f"submission-rush-{person}", "both", "demo", person, at + self.rng.uniform(0, 0.2))

    def _call(self, person: int, at: float) -> None:
        event = self.rng.choice(("call", "meeting_booked"))
        said_at = (self.start + timedelta(seconds=at)).isoformat()
        said = {"key": f"call-{person}-{at:.0f}", "event": event, "email": PEOPLE[person].email, "at": said_at}
        delivery = Delivery("POST", {}, (), json.dumps(said).encode())
        self._add(Saying(at, "desk", lambda _: delivery, f"{event} of {PEOPLE[person].first_name} at {at:.0f}", person))

    def _test_button(self, at: float) -> None:
        """Somebody tries the desk's connection: authentic, and nobody's touch."""
        said = {"key": "test", "event": "call", "email": "test@example.com", "at": self.start.isoformat(), "test": True}
        delivery = Delivery("POST", {}, (), json.dumps(said).encode())
        self._add(Saying(at, "desk", lambda _: delivery, "test button", 0))

    def _add(self, saying: Saying) -> None:
        self.cast.sayings.append(saying)


def _signed(body: bytes) -> Callable[[datetime], Delivery]:
    """A sender's own server signs each attempt anew."""

    def delivery(now: datetime) -> Delivery:
        stamp = str(int(now.timestamp()))
        mac = hmac.new(SIGNING.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-leadrelay-signature": f"t={stamp},v1={mac}"}
        return Delivery("POST", headers, (), body)

    return delivery


SIGNING = "a signing secret for tests only"
SECRETS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "identity": {"key": "an identity key for tests only"},
    "source/website": {"signing_secret": SIGNING},
    "source/typeform": {"signing_secret": "a typeform secret for tests only"},
    "source/meta": {"app_secret": "an app secret for tests only", "verify_token": "a verify token for tests only"},
    "links": {"key": "a key of links for tests only"},
    "source/desk": {"unused": "there is nothing to prove at our own desk"},
}


def _partner(key: str) -> str:
    """By the key and not by chance, so that the histories of known seeds stay as they were."""
    return PARTNERS[hashlib.sha256(key.encode()).digest()[0] % len(PARTNERS)]
