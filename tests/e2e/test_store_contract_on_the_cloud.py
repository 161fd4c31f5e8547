"""The table of the local cloud is held to the very contract that the stores in memory and on moto keep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.table.store import TableStore
from leadrelay.local.cloud import Cloud
from tests.aws.cloud import TABLE, make_table
from tests.aws.records import KINDS
from tests.aws.test_store_contract import TestCauses, TestCommitting, TestDue, TestLists, TestReading

__all__ = ["TestCauses", "TestCommitting", "TestDue", "TestLists", "TestReading"]

pytestmark = pytest.mark.e2e


@pytest.fixture
def store(cloud: Cloud) -> Iterator[TableStore]:
    """An empty table of the emulator."""
    make_table()
    yield TableStore(TABLE, KINDS)
    client("dynamodb").delete_table(TableName=TABLE)
