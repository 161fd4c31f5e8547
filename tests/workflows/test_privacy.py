"""No personal data in logs, metrics, facts, decisions, keys or lists: canaries through every path."""

from __future__ import annotations

from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.records import LeadRecord, LogRecord
from leadrelay.workflows.lake import row
from tests.system import System, noisy_rules
from tests.workflows import lives

CANARIES = {
    "email": "canary.person@mail.example",
    "phone": "+48 600 700 800",
    "first_name": "Canaria",
    "last_name": "Canarsky",
    "company": "Canary Holding",
    "job_title": "Canary Director",
    "message": "call my canary at night",
}
SEEN = ("canary", "canaria", "canarsky", "600700800", "600 700 800")


def clean(text: str) -> bool:
    return not any(canary in text.casefold() for canary in SEEN)


def flown() -> System:
    """Canaries through every path: worked, unmappable, suspected, refused, breached, not deliverable."""
    system = System(noisy_rules())
    lives.send(
        system,
        {"form": "demo", "submission_id": "submission-0001", "anonymous_id": "canary-cookie", "fields": CANARIES},
    )
    lives.send(system, {"form": "demo", "submission_id": "submission-0002", "fields": {"nothing": CANARIES["email"]}})
    lives.send(
        system,
        {
            "form": CANARIES["email"],
            "submission_id": "submission-0003",
            "page": "https://www.example.com/?email=canary.person@mail.example",
            "fields": {"email": "other@example.com"},
        },
    )
    system.tell(lives.draft("s", **CANARIES).with_(suspicion="honeypot_filled"), trust="unverified")
    for trouble in (Reject("refused", "canary"), Misconfigured("set it up"), Retry(1, "away")):
        system.notifier.refuse = trouble
        system.later(minutes=3)
    system.notifier.refuse = None
    lives.quieten(system)
    return system


def test_nothing_personal_is_logged_counted_or_said() -> None:
    system = flown()
    assert system.notifier.sent
    assert len(system.said) > 40
    for said in system.said:
        assert clean(said.model_dump_json()), said.name
        assert clean(str(row(said))), said.name
    for event, fields in system.telemetry.lines:
        assert clean(f"{event} {fields}")
    assert clean(str(system.telemetry._counts))


def test_nothing_personal_stands_in_keys_logs_or_what_is_kept_of_the_crm() -> None:
    system = flown()
    for (pk, sk), stored in system.store._rows.items():
        assert clean(f"{pk} {sk} {stored.listing} {stored.due}")
    for record in system.records():
        if isinstance(record, LogRecord) or record.kind in ("touch", "sync", "notice", "map", "ident", "pool"):
            assert clean(record.model_dump_json()), record.key()
        if isinstance(record, LeadRecord):
            assert clean(record.lead.model_dump_json())
