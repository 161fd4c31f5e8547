"""Erasing over the table's real adapter: nothing of the person is left in any item, index or attribute."""

from __future__ import annotations

from typing import Any

from leadrelay.aws.clients import client
from leadrelay.ports.records import LeadRecord
from tests.aws.cloud import TABLE
from tests.aws.crashing import Blows, living
from tests.workflows.erasing import CANARIES, SEEN, by_hand, deleted, form, tell

DEMO = form("1", "demo", **CANARIES)


def items() -> list[dict[str, Any]]:
    """Every item as it lies in the table."""
    found: list[dict[str, Any]] = list(client("dynamodb").scan(TableName=TABLE, ConsistentRead=True)["Items"])
    return found


def left() -> list[str]:
    return [f"{each['pk']}/{each['sk']}" for each in items() if any(seen in str(each).casefold() for seen in SEEN)]


def test_nothing_is_left_in_any_item(account: None) -> None:
    with living(Blows()) as system:
        assert tell(system, DEMO).status == 200
        system.settle()
        assert tell(system, DEMO, body=b"canary in other bytes").status == 200
        assert len(left()) == 4
        lead_id = next(each["pk"]["S"].partition("#")[2] for each in items() if each["kind"]["S"] == "lead")
        assert by_hand(system, system.store)(lead_id)
        system.settle()
        for _ in range(2):
            system.later(minutes=1)
        assert left() == []
        assert tell(system, DEMO).status == 200
        assert left() == []
        system.end()
        [record] = [each for each in system.records() if isinstance(each, LeadRecord)]
        assert record.lead.erased_at is not None


def test_a_sender_takes_one_thing_back(account: None) -> None:
    with living(Blows()) as system:
        for draft in (
            form("0", "demo", email=CANARIES["email"]),
            form("2", email=CANARIES["email"], city="Canary Wharf"),
        ):
            assert tell(system, draft).status == 200
            system.settle()
        assert tell(system, deleted("2")).status == 200
        system.settle()
        system.later(minutes=1)
        assert [each for each in items() if "canary wharf" in str(each).casefold()] == []
        assert left()
