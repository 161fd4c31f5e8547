"""Eight routers give out five hundred leads of one pool on the local cloud's table: nobody twice, no turn skipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.table.store import TableStore
from leadrelay.local.cloud import Cloud
from leadrelay.ports.records import RECORDS
from tests.aws.cloud import TABLE, make_table
from tests.system import default_rules
from tests.workflows.racing import Race, enter, misses

pytestmark = pytest.mark.e2e

LEADS, WRITERS = 500, 8


@pytest.fixture
def store(cloud: Cloud) -> Iterator[TableStore]:
    """An empty table of the emulator."""
    make_table()
    yield TableStore(TABLE, {record.kind: record for record in RECORDS})
    client("dynamodb").delete_table(TableName=TABLE)


def test_eight_routers_and_five_hundred_leads(store: TableStore) -> None:
    race = Race(store, default_rules(), WRITERS)
    asked = enter(store, LEADS)
    race.run(asked)
    assert race.broken == []
    assert race.telemetry.total("Conflicts") > 0, "nobody raced anybody"
    assert misses(store, asked, race.rules) == []
