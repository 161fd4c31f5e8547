from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from leadrelay.aws import clients
from leadrelay.aws.table import TableStore
from leadrelay.memory.store import MemoryStore
from leadrelay.ports.store import Store
from tests.aws.cloud import TABLE, make_table
from tests.aws.records import KINDS


@pytest.fixture(autouse=True, scope="module")
def own_clients() -> Iterator[None]:
    """Clients outlive a test, since making one is slow, but not its module."""
    clients._made.cache_clear()
    yield
    clients._made.cache_clear()


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account in memory."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def table(account: None) -> TableStore:
    make_table()
    return TableStore(TABLE, KINDS)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody sleeps; how long they wanted to is kept."""
    wanted: list[float] = []
    monkeypatch.setattr("time.sleep", wanted.append)
    return wanted


@pytest.fixture(params=["memory", "table"])
def store(request: pytest.FixtureRequest) -> Store:
    """One contract, two stores."""
    return MemoryStore() if request.param == "memory" else request.getfixturevalue("table")
