"""Which users of Salesforce are active, and how much everybody has open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.salesforce.attendance import attendance
from connectors.salesforce.setup import setup
from leadrelay.ports.attendance import Seen
from leadrelay.ports.errors import Misconfigured
from tests.connectors.salesforce.test_setup import CREDENTIALS, LEFT, PATIENCE, REP, standing

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)


def test_who_is_inactive_is_gone_and_who_has_nothing_open_has_none() -> None:
    with standing() as org:
        role = setup(CREDENTIALS, org.sandbox.url, PATIENCE)
        role.apply(role.plan())
        people = {"dana": REP, "lee": LEFT, "new": "005000000000000AAA"}
        asked = attendance(CREDENTIALS, org.sandbox.url, PATIENCE)
        assert asked.seen(people, NOW) == {"dana": Seen(gone=False, open=0), "lee": Seen(gone=True)}
        for _ in range(2):
            org.lead(OwnerId=REP)
        assert asked.seen(people, NOW)["dana"].open == 2


def test_a_field_that_is_none_of_ours_is_named() -> None:
    with pytest.raises(Misconfigured, match="Salesforce fields"):
        attendance(CREDENTIALS, None, properties={"no_such_word": "X__c"})


def test_without_credentials_it_says_what_is_missing() -> None:
    with pytest.raises(Misconfigured):
        attendance({}, None)
