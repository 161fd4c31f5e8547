"""The local cloud, once for all end-to-end tests: the real template, IAM enforced, the cast's traffic sent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from leadrelay.local import cloud as clouds
from leadrelay.local.cast import scenes
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier
from leadrelay.local.demo_rules import local_rules
from leadrelay.local.reps import Reps
from leadrelay.local.tools import LocalCloudError, find_tools
from leadrelay.local.traffic import Act, perform
from tests.e2e.settling import Settle

SECONDS_TO_CALL = 30
"""So long that a contact is heard of in time, however slowly the emulator turns facts into Parquet meanwhile."""
PATIENCE = 900
"""Seconds: the first test builds and deploys the cloud, the last one takes it down."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    rules = local_rules(datetime.now(UTC).date(), SECONDS_TO_CALL)
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(clouds.up(find_tools(), rules, print))
        except LocalCloudError as problem:
            pytest.fail(str(problem))
        yield running


@pytest.fixture(scope="session")
def courier(cloud: Cloud) -> Iterator[Courier]:
    with contextlib.closing(Courier(cloud.api, clouds.WARM_DOORS)) as found:
        yield found


@pytest.fixture(scope="session")
def performed() -> list[Act]:
    """What the cast has done so far: nothing, until somebody asks for it."""
    return []


@pytest.fixture(scope="session")
def acts(cloud: Cloud, courier: Courier, performed: list[Act]) -> list[Act]:
    """What the cast did; everybody's first webhooks and follow-ups are sent when this is there."""
    performed.extend(perform(scenes(), cloud.outside, cloud.rules, courier))
    return performed


@pytest.fixture(scope="session")
def settle(cloud: Cloud, performed: list[Act]) -> Settle:
    return Settle(cloud, Reps(cloud.outside, cloud.rules), performed)
