"""The store of the simulated worlds is a store like any other: it is held to the same contract."""

from __future__ import annotations

import pytest

from tests.aws.test_store_contract import TestCauses, TestCommitting, TestDue, TestLists, TestReading
from tests.simulation.store import WorldStore

__all__ = ["TestCauses", "TestCommitting", "TestDue", "TestLists", "TestReading"]


@pytest.fixture(params=[False, True], ids=["as_is", "through_json"])
def store(request: pytest.FixtureRequest) -> WorldStore:
    return WorldStore(through_json=request.param)
