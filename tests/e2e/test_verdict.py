"""The demo's verdict must be able to say no: every promise it checks, broken once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from leadrelay.domain.clocks.callback import Callback
from leadrelay.domain.clocks.clock import Clock, ClockKind
from leadrelay.domain.facts import Said
from leadrelay.domain.lead import Lead, NextStep
from leadrelay.domain.person.permission import Forbidden, Permission
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.touch import Touch
from leadrelay.local.cast import Scene, scenes
from leadrelay.local.courier import Parcel, Receipt
from leadrelay.local.demo_rules import local_rules
from leadrelay.local.reps import MANAGER
from leadrelay.local.traffic import Act
from leadrelay.local.verdict import GENUINE, missing, strangers
from leadrelay.local.watch import Contact, Picture, crm_owner
from leadrelay.ports.records import LeadRecord, TouchRecord, TouchState
from tests.e2e.test_lapse import whole

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CLOUD: Any = SimpleNamespace(rules=local_rules(date(2026, 3, 2), 20), outside=SimpleNamespace(vendor="hubspot"))
FIRST, SECOND = "anna", "marek"


@dataclass
class World:
    """A play that ended well, to be broken; leads are named by their person's address."""

    acts: list[Act] = field(default_factory=list)
    touches: dict[str, TouchRecord] = field(default_factory=dict)
    leads: dict[str, LeadRecord] = field(default_factory=dict)
    facts: dict[str, tuple[Said, ...]] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)

    def problems(self) -> list[str]:
        picture = Picture(self.touches, self.leads, {}, self.facts, self.contacts)
        return [*missing(CLOUD, self.acts, picture), *strangers(self.acts, picture)]

    def act(self, part: str) -> Act:
        return next(act for act in self.acts if act.scene.part == part)

    def change_lead(self, part: str, email: str | None = None, /, **changes: object) -> None:
        email = email or self.act(part).scene.visit.person.email
        record = self.leads[email]
        self.leads[email] = record.with_(lead=record.lead.with_(**changes))


def touch(scene: Scene, state: TouchState, lead_id: str | None) -> TouchRecord:
    stored = Touch(
        touch_id=scene.visit.key,
        kind="submission",
        source=scene.visit.source,
        vendor="webform",
        trust="verified",
        received_at=NOW,
        occurred_at=NOW,
    )
    return TouchRecord(touch=stored, state=state, due_at=None, lead_id=lead_id)


def lead(email: str, rep: str, contacted_at: datetime | None = None) -> LeadRecord:
    found = Lead(
        lead_id=email,
        captured_at=NOW,
        ownership=Ownership(rep=rep, since=NOW),
        next_step=NextStep(what="Call", due_at=NOW),
        contacted_at=contacted_at,
    )
    return LeadRecord(lead=found, profile=Profile())


def clock(kind: ClockKind, due_at: datetime) -> Clock:
    return Clock(kind=kind, hop=1, policy="any", calendar="warsaw", started_at=NOW, due_at=due_at)


CALL_AT = NOW + timedelta(hours=2)
WISHED: dict[str, dict[str, Any]] = {
    "callback": {
        "callback": Callback(at=CALL_AT, asked_at=NOW, touch_id="t"),
        "clocks": (clock("first_contact", CALL_AT),),
    },
    "no_calls": {
        "permission": Permission(forbidden={"call": Forbidden(who="website", since=NOW)}),
        "next_step": NextStep(what="Write, do not call: refused (website)", due_at=NOW),
    },
    "job_seeker": {
        "relation": "job_seeker",
        "ownership": Ownership(queue="careers", since=NOW),
        "clocks": (clock("next_step", CALL_AT),),
    },
}


def ended_well() -> World:
    world = World()
    booked = {scene.visit.person.email for scene in scenes() if scene.part == "booked"}
    for scene in scenes():
        status = 401 if scene.part == "forged" else 200
        receipt = Receipt(Parcel(scene.visit.key, scene.visit.source, {}, b""), NOW, status, b"", 1.0)
        world.acts.append(Act(scene, (scene.visit.key,), (receipt,) * scene.times))
        email = scene.visit.person.email
        if scene.part == "riddle":
            world.touches[scene.visit.key] = touch(scene, "parked", None)
        elif scene.part != "forged":
            world.touches[scene.visit.key] = touch(scene, "done", email)
        if scene.part in GENUINE:
            rep = {"impatient": SECOND, "taken": MANAGER}.get(scene.part, FIRST)
            contacted = scene.part == "called" or email in booked
            world.leads[email] = lead(email, rep, NOW if contacted else None)
            world.change_lead(scene.part, email, **WISHED.get(scene.part, {}))
            owner = crm_owner(CLOUD, world.leads[email].lead.ownership.rep)
            world.contacts.append(Contact(str(len(world.contacts)), email, email, owner, NOW))
    impatient = world.act("impatient").scene.visit.person.email
    world.facts[impatient] = tuple(whole())
    return world


def refuse_a_lead(world: World) -> None:
    act = world.act("linkedin")
    broken = replace(act, receipts=(replace(act.receipts[0], status=503), *act.receipts[1:]))
    world.acts[world.acts.index(act)] = broken


def leave_the_clock(world: World) -> None:
    who = world.act("booked").scene.visit.person.email
    world.change_lead("booked", who, clocks=(clock("first_contact", CALL_AT),))


def rename_the_caller(world: World) -> None:
    """Somebody who only called is known in the CRM by their number alone."""
    caller = next(act.scene.visit.person for act in world.acts if act.scene.visit.source == "callrail")
    at = next(place for place, one in enumerate(world.contacts) if one.email == caller.email)
    world.contacts[at] = replace(world.contacts[at], email="", phone="+12025559999")


def accept_the_forged(world: World) -> None:
    act = world.act("forged")
    world.acts[world.acts.index(act)] = replace(act, receipts=(replace(act.receipts[0], status=200),))


def store_the_forged(world: World) -> None:
    scene = world.act("forged").scene
    world.touches[scene.visit.key] = touch(scene, "received", None)


def split_the_follow_up(world: World) -> None:
    scene = world.act("follow_up").scene
    world.leads["another"] = lead("another", FIRST)
    world.touches[scene.visit.key] = touch(scene, "done", "another")


def forget(name: str) -> Callable[[World], object]:
    def forgetful(world: World) -> None:
        email = world.act("impatient").scene.visit.person.email
        world.facts[email] = tuple(fact for fact in world.facts[email] if fact.name != name)

    return forgetful


def add_a_stranger(world: World) -> None:
    world.contacts.append(Contact("999", "stranger@nobody.example", "", "", NOW))


BROKEN: dict[str, tuple[Callable[[World], object], str]] = {
    "a delivery refused": (refuse_a_lead, "was answered 503 instead of 200"),
    "a lead lost": (lambda world: world.leads.pop(world.contacts[3].email), "is no lead"),
    "a lead nobody's": (lambda world: world.change_lead("linkedin", ownership=Ownership()), "neither owner nor queue"),
    "a lead without a next step": (lambda world: world.change_lead("linkedin", next_step=None), "has no next step"),
    "twice in the CRM": (lambda world: world.contacts.append(world.contacts[4]), "is in the CRM 2 times"),
    "not in the CRM": (lambda world: world.contacts.pop(5), "is in the CRM 0 times"),
    "another owner in the CRM": (
        lambda world: world.change_lead("linkedin", ownership=Ownership(rep=SECOND)),
        "has another owner in the CRM",
    ),
    "the forged one accepted": (accept_the_forged, "was answered 200 instead of 401"),
    "the forged one stored": (store_the_forged, "was stored"),
    "the riddle gone": (lambda world: world.touches.pop(world.act("riddle").scene.visit.key), "is not parked"),
    "a booking that left the clock": (leave_the_clock, "booked a meeting, and the clock still runs"),
    "a caller under another number": (rename_the_caller, "is in the CRM 0 times"),
    "a number that nobody called from": (rename_the_caller, "+12025559999 is in the CRM and no genuine lead"),
    "the second source apart": (split_the_follow_up, "was not added to the lead"),
    "no contact by who has it now": (forget("SlaMet"), "was not called in time"),
    "no warning": (forget("SlaWarned"), "was not warned of"),
    "a take-over not heard": (
        lambda world: world.change_lead("taken", ownership=Ownership(rep=FIRST)),
        "was taken over in the CRM",
    ),
    "a call not heard": (lambda world: world.change_lead("called", contacted_at=None), "the clock still runs"),
    "a callback that is not the deadline": (
        lambda world: world.change_lead("callback", clocks=(clock("first_contact", NOW),)),
        "it is not the deadline",
    ),
    "a call to who wants none": (
        lambda world: world.change_lead("no_calls", next_step=NextStep(what="Call now", due_at=NOW)),
        "the next step is one",
    ),
    "a job seeker among the leads": (
        lambda world: world.change_lead("job_seeker", ownership=Ownership(rep=FIRST)),
        "is not in the queue for that",
    ),
    "a stranger": (add_a_stranger, "is in the CRM and no genuine lead"),
}


def test_a_play_that_ended_well_has_nothing_missing() -> None:
    assert ended_well().problems() == []


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named(name: str) -> None:
    breaking, words = BROKEN[name]
    world = ended_well()
    breaking(world)
    assert any(words in problem for problem in world.problems()), world.problems()
