"""Who is asked who is at work, as the poll function makes them: with the secret of reading, and our fields in place."""

from __future__ import annotations

import pytest

from connectors.ics.attendance import Calendars
from connectors.kit.crm_attendance import CrmAttendance
from functions import vendors
from leadrelay.memory.rules import MemoryRules
from leadrelay.ports.errors import Misconfigured
from tests.system import default_rules


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which secrets were read."""
    paths: list[str] = []

    def firsts(path: str) -> dict[str, str]:
        paths.append(path)
        return {"token": "t", "anna": "https://calendar.example.com/anna.ics"}

    monkeypatch.setattr(vendors, "firsts", firsts)
    monkeypatch.setattr(vendors, "rules", lambda: MemoryRules(default_rules()))
    return paths


@pytest.mark.parametrize(("vendor", "kind"), [("hubspot", CrmAttendance), ("ics", Calendars)])
def test_each_is_made_with_its_own_secret(vendor: str, kind: type, asked: list[str]) -> None:
    assert isinstance(vendors.attendance(vendor), kind)
    assert asked == [f"fetch/{vendor}"]


def test_a_vendor_that_knows_nobody_is_named(asked: list[str]) -> None:
    with pytest.raises(Misconfigured, match="attendance"):
        vendors.attendance("webform")
