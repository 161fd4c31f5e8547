"""Freezes a release's facts: `python -m tests.corpus.freeze RELEASE`, once, when it is released.

Every fact is taken from a system that really says it where it can; those that no workflow of the release says yet are
written from their model's own example below. A frozen file is never written again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from leadrelay.domain.card.facts import CrmRefused
from leadrelay.domain.clocks.callback import Callback
from leadrelay.domain.crm.facts import RecordRefuses
from leadrelay.domain.facts import Context, Fact, Said, say
from leadrelay.domain.person.erasure_facts import LeadErased
from leadrelay.domain.person.facts import SourceGap
from leadrelay.domain.person.permission_facts import CallbackRequested, ConsentChanged, ContactAllowed, ContactForbidden
from leadrelay.domain.routing.facts import LinkUsed, OwnerOverridden
from leadrelay.domain.routing.rep_facts import RepAway, RepBack, RepCredited
from leadrelay.domain.stages.facts import (
    DealLost,
    DealOpened,
    DealWon,
    LeadAccepted,
    LeadRecycled,
    LeadRejected,
    MeetingBooked,
)
from leadrelay.domain.vocabulary import FACTS
from tests.system import MONDAY_NOON, System, noisy_rules
from tests.workflows import lives

CORPUS = Path(__file__).parent / "facts"

NOT_SAID_YET: tuple[Fact, ...] = (
    LeadAccepted(rep="anna"),
    LeadRejected(rep="anna", reason="no_budget"),
    LeadRecycled(reason="timing", decision_maker="involved", timing="next_quarter"),
    MeetingBooked(meets_at=MONDAY_NOON),
    DealOpened(deal_id="9001"),
    DealWon(deal_id="9001", amount=1_250_000, currency="EUR"),
    DealLost(deal_id="9002", reason="price"),
    OwnerOverridden(rep=None, crm_owner="70000099", hop=2),
    LinkUsed(rep="anna", hop=1, action="accept"),
    RepAway(rep="anna", start=MONDAY_NOON, until=MONDAY_NOON),
    RepBack(rep="anna"),
    RepCredited(rep="anna", pool="sdr", kind="hot", leads=-1, why="returned"),
    CrmRefused(crm="hubspot", op="UpsertPerson", code="OWNER_INACTIVE", field="owner_id"),
    LeadErased(reason="request"),
    ConsentChanged(purpose="mail", given=True),
    ContactForbidden(how="call", who="website"),
    ContactAllowed(how="call"),
    CallbackRequested(callback=Callback(at=MONDAY_NOON, asked_at=MONDAY_NOON, touch_id="website.1")),
    RecordRefuses(crm="hubspot", crm_id="9001", purposes=("calls", "mail")),
    SourceGap(source="meta", theirs=12, ours=11),
)


def said() -> dict[str, list[Said]]:
    """Every fact by name, at most three of each."""
    found: dict[str, list[Said]] = {name: [] for name in FACTS}
    for one in [*_lived(), *_written()]:
        if len(found[one.name]) < 3:
            found[one.name].append(one)
    return found


def _lived() -> list[Said]:
    system = System(noisy_rules())
    lives.whole_life(system)
    lives.send(system, {"form": "demo", "submission_id": "submission-0003", "fields": {"no": "address"}})
    lives.send(
        system, {"form": "newsletter", "submission_id": "submission-0004", "fields": {"email": "bob@example.org"}}
    )
    lives.send(system, {"form": "contact", "submission_id": "submission-0005", "fields": {"phone": "+48221234599"}})
    both = {"email": "bob@example.org", "phone": "+48221234599"}
    lives.send(system, {"form": "webinar", "submission_id": "submission-0006", "fields": both})
    event = {"event": "webinar_attended", "fields": {"email": "ada@example.com", "budget_authority": "yes"}}
    lives.send(system, {**event, "event_id": "event-0001"})
    lives.send(system, {"form": "demo", "submission_id": "submission-0008", "fields": {"email": "zoe@example.org"}})
    for _ in range(10):
        system.later(minutes=6)
    system.later(days=2)
    system.works["OwnerNeeded"] = (system.works["OwnerNeeded"][0], lambda *_: {})
    lives.send(system, {"form": "demo", "submission_id": "submission-0007", "fields": {"email": "eve@example.org"}})
    system.later(minutes=2)
    lives.call(system, "call-2")
    return system.said


def _written() -> tuple[Said, ...]:
    context = Context(correlation_id="website.1", causation_id="website.1:1.0", rules_version="0" * 64, at=MONDAY_NOON)
    return say(NOT_SAID_YET, f"{'0' * 32}:1", "0" * 32, context)


def freeze(release: str) -> Path:
    """Writes the release's file. Raises FileExistsError: what was released does not change."""
    CORPUS.mkdir(exist_ok=True)
    path = CORPUS / f"{release}.json"
    envelopes = [one.model_dump(mode="json", by_alias=True) for each in said().values() for one in each]
    with path.open("x", encoding="utf-8") as file:
        json.dump(envelopes, file, indent=1, ensure_ascii=False, sort_keys=True)
        file.write("\n")
    return path


if __name__ == "__main__":
    print(freeze(sys.argv[1]))
