"""One lead's life over the real table adapter, 640 times: whatever happens to its calls, the end is the same.

Every call of the life is struck in every way that makes a difference; the rest of the schedules are struck twice.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from moto import mock_aws

from leadrelay.aws.answers import Silence
from leadrelay.aws.table import TableStore
from leadrelay.ports.store import Change
from tests.aws.schedules import WRITES, Plan, Told, pairs, singles, tell, told_or_why_not

SCHEDULES = 640
SEED = 20261122
PROCESSES = 2


@pytest.fixture
def calm(account: None) -> Told:
    """The same life without trouble."""
    return tell({})


@pytest.mark.timeout(900)
def test_whatever_happens_to_a_call_nothing_is_lost_doubled_or_different(calm: Told) -> None:
    plans = singles(calm.calls)
    assert 300 < len(plans) < SCHEDULES - 50
    plans += pairs(calm.calls, SCHEDULES - len(plans), SEED)
    told = _everywhere(plans)
    assert [why for why in told if isinstance(why, str)] == []
    lives = [each for each in told if isinstance(each, Told)]
    assert {each.end for each in lives} == {calm.end}
    struck = Counter(blow for each in lives for blow in each.struck)
    assert sum(len(each.struck) for each in lives) >= SCHEDULES
    assert {operation for operation, _ in struck} == {*WRITES, "GetItem", "BatchGetItem", "Query"}
    assert min(struck[operation, "sent twice"] for operation in WRITES) > 5
    assert sum(each.resent for each in lives) == sum(
        count for (_, blow), count in struck.items() if blow == "sent twice"
    )


def _everywhere(plans: Sequence[Plan]) -> list[Told | str]:
    """Each process has its own account."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context, initializer=_open_account) as processes:
        return list(processes.map(told_or_why_not, plans, chunksize=8))


def _open_account() -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-central-1"}
    mock_aws().start()


_send, _commit = TableStore._send, TableStore.commit


def _in_pieces(self: TableStore, change: Change) -> None:
    for put in change.puts:
        _send(self, Change(change.cause, (put,)))


def _silence_is_success(self: TableStore, change: Change) -> None:
    try:
        _commit(self, change)
    except Silence:
        return


PLANTED: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "a transaction is sent in pieces": lambda: patch.object(TableStore, "_send", _in_pieces),
    "a time-out is taken for success": lambda: patch.object(TableStore, "commit", _silence_is_success),
    "a delivery whose worker died is not looked for": lambda: patch(
        "leadrelay.workflows.drain.KINDS", ("clock", "touch", "notice")
    ),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found(account: None, bug: str) -> None:
    with PLANTED[bug]():
        calm = tell({})
        caught = next(_violations(calm), None)
    assert caught is not None, f"{bug}: nobody noticed"


def _violations(calm: Told) -> Iterator[Plan]:
    plans = [plan for plan in singles(calm.calls) if all(calm.calls[at] in WRITES for at in plan)]
    for plan in Random(SEED).sample(plans, len(plans)):
        told = told_or_why_not(plan)
        if isinstance(told, str) or told.end != calm.end:
            yield plan
