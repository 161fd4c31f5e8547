"""Who still works in HubSpot, and how much they have there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.hubspot.attendance import attendance
from connectors.hubspot.setup import setup
from leadrelay.local.crm_world import Owner, Sandbox
from leadrelay.ports.attendance import Seen
from leadrelay.ports.errors import Misconfigured
from tests.connectors.hubspot.conftest import PATIENCE, TOKEN

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)


def test_who_left_is_gone_and_everybody_else_is_counted(sandbox: Sandbox) -> None:
    role = setup({"token": TOKEN}, sandbox.url, PATIENCE)
    role.apply(role.plan())
    sandbox.world.put_owner(Owner("9", "rep.three@example.test", "Rep", "Three"))
    for number in range(3):
        sandbox.world.create("contacts", {"email": f"p{number}@example.com", "hubspot_owner_id": "7"})
    before = len(sandbox.world.journal())
    asked = attendance({"token": TOKEN}, sandbox.url, PATIENCE).seen({"anna": "7", "left": "8", "new": "404"}, NOW)
    assert asked == {"anna": Seen(gone=False, open=3), "left": Seen(gone=True)}
    searches = [call for call in sandbox.world.journal()[before:] if "search" in str(call)]
    assert len(searches) == 1  # nobody is counted who is not ours


def test_without_a_token_it_says_what_is_missing() -> None:
    with pytest.raises(Misconfigured, match="token"):
        attendance({}, None)
