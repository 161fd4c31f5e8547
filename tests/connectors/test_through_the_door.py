"""Every vendor's deliveries at the real door: what is stored, how often, and what the sender is told.

A request comes in as its sender makes it, attacked in every way that does not need the secret; what counts is what is
stored afterwards and what the sender would see.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from connectors import registry
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import touch_id
from leadrelay.memory.clock import MemoryClock
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, Unauthentic, doors_of
from tests.connectors.cases import (
    Case,
    all_cases,
    another_secret,
    body,
    delivery,
    now,
    params,
    secrets,
    settings,
    source,
)
from tests.system import System, default_rules

FOUND = [(vendor, path.stem, case) for vendor, path, case in all_cases()]
GENUINE = [one for one in FOUND if one[2]["expect"].get("drafts")]
PROVEN = [one for one in GENUINE if one[2]["proof"]]
ONE_OF_EACH = list({vendor: (vendor, name, case) for vendor, name, case in PROVEN}.values())
LONG = timedelta(days=2)
"""Longer than any sender may take to send the same again with its old signature."""
NAMES = {name.lower() for _, _, case in FOUND for name in case["request"]["headers"]}
"""Every header that any sender sends."""


def looks_at_the_clock(vendor: str) -> bool:
    """Whether one of the vendor's own cases is refused for its time."""
    for found, _, case in FOUND:
        if found == vendor and case["expect"].get("error") == "unauthentic":
            try:
                source(vendor).verify(delivery(case), settings(case), secrets(case), now(case))
            except (Unauthentic, Malformed) as refused:
                if str(refused) == "signature_time":
                    return True
    return False


TIMED = {vendor for vendor, _, _ in PROVEN if looks_at_the_clock(vendor)}


@cache
def rules_with(name: str, vendor: str, options: str) -> Rules:
    """The default rules and this source."""
    rules = default_rules()
    policy = SourcePolicy.model_validate({"vendor": vendor, "options": json.loads(options)})
    sources = rules.sources.with_(sources={**rules.sources.sources, name: policy})
    return Rules.of(rules.with_(sources=sources))


class Door:
    """A LeadRelay that knows the source of a case, at the time of the case."""

    def __init__(self, vendor: str, case: Case, at: datetime | None = None, known: bool = True) -> None:
        self.case, self.vendor, self.name = case, vendor, settings(case).name
        rules = rules_with(self.name, vendor, json.dumps(settings(case).options, sort_keys=True))
        self.system = System(rules, clock=MemoryClock(at or now(case)))
        self.system.ingest = replace(self.system.ingest, body_limit=registry.body_limit)
        self.system.secrets.set(f"source/{self.name}", **(secrets(case) if known else {}))

    def knock(self, request: Delivery | None = None) -> Reply:
        """What the sender is told."""
        return self.system.ingest(self.name, delivery(self.case) if request is None else request)

    def at(self, moment: datetime) -> Door:
        self.system.clock.set(moment)
        return self

    def stored(self) -> dict[str, Any]:
        """What is stored of each touch: its trust, and its words."""
        touches = {record.touch.touch_id: record.touch.trust for record in self.system.touches()}
        words = {row.touch_id: row.words for row in self.system.records() if row.kind == "words"}
        return {known: (trust, words[known].answers) for known, trust in touches.items()}

    def refuses(self, outcome: Outcome, request: Delivery | None = None) -> None:
        """The exact answer, and not a trace in the table."""
        reply = self.knock(request)
        assert reply == source(self.vendor).acknowledge(outcome)
        assert self.system.records() == []


def expected(case: Case) -> set[str]:
    return {touch_id(settings(case).name, one["key"]) for one in case["expect"]["drafts"]}


@pytest.mark.parametrize(("vendor", "case"), params(PROVEN))
def test_it_is_stored_once_and_answered_alike_however_often_it_comes(vendor: str, case: Case) -> None:
    door = Door(vendor, case)
    told = door.knock()
    first = door.stored()
    assert set(first) == expected(case)
    assert {trust for trust, _ in first.values()} == {case["expect"]["trust"]}
    for minutes in (1, 2):
        assert door.at(now(case) + timedelta(minutes=minutes)).knock() == told
    assert told == source(vendor).acknowledge("stored")
    assert door.stored() == first
    assert [said.name for said in door.system.said] == ["TouchReceived"] * len(first)


@pytest.mark.parametrize(("vendor", "case"), params(PROVEN))
def test_with_another_secret_it_is_refused(vendor: str, case: Case) -> None:
    door = Door(vendor, case)
    for name in secrets(case):
        door.system.secrets.set(f"source/{door.name}", **{**secrets(case), name: another_secret(vendor)})
        if proves(vendor, case, name):
            door.refuses("unauthentic")


def proves(vendor: str, case: Case, name: str) -> bool:
    """Whether this is the secret that the case is proven by: without it nothing can be said for or against."""
    try:
        source(vendor).verify(
            delivery(case), settings(case), {**secrets(case), name: (another_secret(vendor),)}, now(case)
        )
    except Unauthentic:
        return True
    return False


@pytest.mark.parametrize(("vendor", "case"), params(PROVEN))
def test_one_of_its_secrets_proves_it(vendor: str, case: Case) -> None:
    """So that the test above cannot pass by refusing nothing."""
    assert any(proves(vendor, case, name) for name in secrets(case))


@pytest.mark.parametrize(("vendor", "case"), params(PROVEN))
def test_without_any_secret_nothing_is_accepted(vendor: str, case: Case) -> None:
    """It is our own omission: the sender shall come again."""
    Door(vendor, case, known=False).refuses("unavailable")


@pytest.mark.parametrize(("vendor", "case"), params(PROVEN))
def test_stale_and_from_the_future(vendor: str, case: Case) -> None:
    """Who signs the time is held to it within minutes; of the others a repeat is known by its key."""
    for moment in (now(case) + LONG, now(case) - LONG):
        door = Door(vendor, case, moment)
        if vendor in TIMED and (case["proof"].get("covers_body") or vendor == "twilio"):
            door.refuses("unauthentic")
        else:
            assert door.knock().status == 200
            assert all(record.touch.occurred_at <= moment for record in door.system.touches())


def test_the_senders_that_sign_the_time_are_known() -> None:
    assert {"calendly", "hubspot", "sendgrid", "standard_webhooks", "webflow", "webform", "wpforms", "zoom"} <= TIMED


@pytest.mark.parametrize(("vendor", "case"), params(PROVEN))
def test_empty_and_blank(vendor: str, case: Case) -> None:
    for content in (b"", b" ", b"\r\n\r\n"):
        door = Door(vendor, case)
        assert door.knock(delivery(case, content)).status in {400, 401}
        assert door.system.records() == []


@pytest.mark.parametrize(("vendor", "case"), params(ONE_OF_EACH))
def test_huge(vendor: str, case: Case) -> None:
    most = registry.body_limit(vendor)
    sent = body(case)
    Door(vendor, case).refuses("too_large", delivery(case, sent + b" " * (most + 1 - len(sent))))
    assert Door(vendor, case).knock(delivery(case, sent + b" " * (most - len(sent)))).status != 413


@pytest.mark.parametrize(("vendor", "case"), params(ONE_OF_EACH))
def test_a_header_of_ten_kilobytes_and_a_body_that_is_packed(vendor: str, case: Case) -> None:
    Door(vendor, case).refuses("too_large", delivery(case, headers={"x-anything": "x" * 10_000}))
    Door(vendor, case).refuses("unsupported_encoding", delivery(case, headers={"content-encoding": "gzip"}))


@pytest.mark.parametrize(("vendor", "case"), params(ONE_OF_EACH))
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_is_taken_but_a_post(vendor: str, case: Case, method: str) -> None:
    door = Door(vendor, case)
    assert door.knock(replace(delivery(case), method=method)).status in {401, 405}
    assert door.system.records() == []


@pytest.mark.parametrize(("vendor", "case"), params(ONE_OF_EACH))
def test_every_source_has_its_own_doors(vendor: str, case: Case) -> None:
    for way in ("http", "mail", "bus"):
        door = Door(vendor, case)
        if way not in doors_of(source(vendor)):
            assert door.knock(replace(delivery(case), door=way)).status == 404  # type: ignore[arg-type]
            assert door.system.records() == []


@pytest.mark.parametrize(("vendor", "case"), params(PROVEN))
def test_what_is_not_proven_says_nothing(vendor: str, case: Case) -> None:
    """Headers and parameters that no signature covers may be made up on the way: they change no touch."""
    module, right = source(vendor), list(source(vendor).parse(delivery(case), settings(case), now(case)))
    proof = {case["proof"].get("header"), "content-type", "content-length"}
    made_up = [delivery(case, headers={name: said}) for name in sorted(NAMES - proof) for said in (None, "m@x.example")]
    query = tuple((name, "mallory@example.com") for name in ("email", "form_id", "submission_id", "page", "CallSid"))
    made_up.append(replace(delivery(case), query=(*delivery(case).query, *query)))
    for attack in made_up:
        try:
            module.verify(attack, settings(case), secrets(case), now(case))
            found = list(module.parse(attack, settings(case), now(case)))
        except (Unauthentic, Malformed):
            continue
        assert found == right
