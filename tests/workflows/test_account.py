"""A CRM account shared by workers: never more calls than our share in any window, and one trial after an outage."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.card import circuit
from leadrelay.domain.card.bucket import CHUNK, KEPT, drawn, full, rate_of
from leadrelay.domain.card.policy import Budget
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.store import MemoryStore
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import account_key
from leadrelay.ports.store import Change
from leadrelay.workflows.deliver.account import Account
from tests.system import MONDAY_NOON

BUDGETS = st.builds(
    Budget,
    calls=st.integers(40, 400),
    seconds=st.sampled_from([1.0, 2.0, 10.0, 60.0]),
    share=st.just(50),
    reserve=st.sampled_from([0, 25, 75]),
)
ASKED = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.2, 0.9, 1.1, 3.0, 9.9]),  # seconds that pass
        st.integers(0, 3),  # which worker
        st.booleans(),  # whether it is urgent
        st.integers(1, 30),  # how many requests
    ),
    max_size=60,
)


def workers(budget: Budget) -> tuple[MemoryClock, list[Account]]:
    clock, store = MemoryClock(MONDAY_NOON), MemoryStore()
    return clock, [Account(store, "hubspot", clock, budget) for _ in range(4)]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(BUDGETS, ASKED)
def test_no_window_ever_sees_more_than_our_share(budget: Budget, asked: list[tuple[float, int, bool, int]]) -> None:
    clock, accounts = workers(budget)
    went: list[float] = []
    for passes, who, urgent, requests in asked:
        clock.advance(timedelta(seconds=passes))
        accounts[who].urgent = urgent
        now = (clock.now() - MONDAY_NOON).total_seconds()
        went += [now for _ in range(requests) if accounts[who].meter() == 0]
    for start in went:
        assert sum(start <= at <= start + budget.seconds for at in went) <= budget.calls * budget.share / 100


def test_what_workers_keep_counts_in_the_window_where_it_is_spent() -> None:
    """The worst case: everybody holds some back, then all of it goes out together with a full bucket."""
    budget = Budget(calls=400, seconds=1, share=50)
    clock, accounts = workers(budget)
    assert [account.meter() for account in accounts] == [0] * 4
    clock.advance(KEPT - timedelta(milliseconds=5))
    went = 0
    for _ in range(100):
        went += sum(1 for account in accounts for _ in range(80) if account.meter() == 0)
        clock.advance(timedelta(milliseconds=10))
    assert 150 < went <= 200


def test_what_is_left_over_is_not_spent_later() -> None:
    clock, (worker, *_) = workers(Budget())
    assert worker.meter() == 0
    clock.advance(KEPT + timedelta(milliseconds=1))
    before = worker.store.load(account_key("hubspot"))
    assert worker.meter() == 0
    after = worker.store.load(account_key("hubspot"))
    assert before is not None
    assert after is not None
    assert after.version == before.version + 1


def test_one_write_for_a_few_calls_and_none_when_nothing_is_given() -> None:
    _, (worker, *_) = workers(Budget())
    calls = 0
    while worker.meter() == 0:
        calls += 1
    row = worker.store.load(account_key("hubspot"))
    assert row is not None
    assert (calls, row.version) == (25, 7)
    assert worker.meter() > 0
    assert worker.store.load(account_key("hubspot")) == row


def test_the_reserve_is_for_what_is_urgent() -> None:
    _, (worker, other, *_) = workers(Budget(reserve=50))
    worker.urgent, other.urgent = False, True
    routine = sum(1 for _ in range(100) if worker.meter() == 0)
    urgent = sum(1 for _ in range(100) if other.meter() == 0)
    assert (routine, urgent) == (12, 13)


def test_after_the_wait_it_is_asked_for_there_is_a_call() -> None:
    clock, (worker, *_) = workers(Budget())
    while not (wait := worker.meter()):
        pass
    clock.advance(timedelta(seconds=wait + 0.001))
    assert worker.meter() == 0


@settings(max_examples=100, derandomize=True, deadline=None)
@given(BUDGETS, st.floats(-100, 100), st.booleans())
def test_a_clock_that_lags_adds_nothing(budget: Budget, seconds: float, urgent: bool) -> None:
    rate = rate_of(budget)
    before = full(rate, MONDAY_NOON).with_(tokens=0.0)
    draw = drawn(before, rate, MONDAY_NOON + timedelta(seconds=seconds), urgent)
    assert draw.bucket.at >= before.at
    assert 0 <= draw.calls <= CHUNK
    assert draw.calls + draw.bucket.tokens <= max(0.0, seconds) * rate.refill + 1e-6
    assert (draw.wait > 0) == (draw.calls == 0)


class TestCircuit:
    def test_one_worker_tries_when_the_time_is_over(self) -> None:
        clock, accounts = workers(Budget())
        accounts[0].knock()
        accounts[0].blocked("outage", timedelta(seconds=2))
        assert [account.knock() for account in accounts] == [timedelta(seconds=5)] * 4
        clock.advance(timedelta(seconds=5))
        assert [account.knock() for account in accounts] == [None, *[circuit.MEANWHILE] * 3]
        accounts[0].answered()
        assert [account.knock() for account in accounts] == [None] * 4

    def test_of_two_who_find_it_due_at_once_one_tries(self) -> None:
        clock, (first, second, *_) = workers(Budget())
        first.blocked("auth", timedelta(seconds=30))
        clock.advance(timedelta(seconds=30))
        real, met = first.store.commit, []

        def overtaken(change: Change) -> None:
            if not met:
                met.append(first.store)
                met.append(second.knock())
            real(change)

        first.store.commit = overtaken  # type: ignore[method-assign]
        assert first.knock() == circuit.MEANWHILE
        assert met[1] is None

    def test_who_tries_and_dies_is_replaced(self) -> None:
        clock, accounts = workers(Budget())
        accounts[0].blocked("auth", timedelta(seconds=30))
        clock.advance(timedelta(seconds=30))
        assert accounts[1].knock() is None
        clock.advance(circuit.PROBE - timedelta(seconds=1))
        assert accounts[2].knock() is not None
        clock.advance(timedelta(seconds=1))
        assert accounts[2].knock() is None

    def test_each_outage_after_the_other_doubles_the_time(self) -> None:
        clock, (account, *_) = workers(Budget())
        pauses = []
        for _ in range(9):
            assert account.knock() is None
            account.blocked("outage", timedelta(0))
            wait = account.knock()
            assert wait is not None
            pauses.append(wait.total_seconds())
            clock.advance(wait)
        assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
        assert account.knock() is None
        account.answered()
        account.blocked("outage", timedelta(0))
        assert account.knock() == timedelta(seconds=5)

    def test_workers_refused_together_are_one_failure_and_the_longest_wish_counts(self) -> None:
        _, accounts = workers(Budget())
        for account, after in zip(accounts, (1, 8, 30, 2), strict=True):
            account.knock()
            account.blocked("outage", timedelta(seconds=after))
        row = accounts[0].store.load(account_key("hubspot"))
        assert row is not None
        assert (row.circuit.failures, row.circuit.until) == (1, MONDAY_NOON + timedelta(seconds=30))

    @pytest.mark.parametrize("scope", sorted(circuit.ACCOUNT_WIDE - {"outage"}))
    def test_any_other_wish_is_kept_as_it_is(self, scope: str) -> None:
        _, (account, *_) = workers(Budget())
        account.blocked(scope, timedelta(seconds=3))
        assert account.knock() == timedelta(seconds=3)

    def test_an_open_account_costs_no_write(self) -> None:
        _, (account, *_) = workers(Budget())
        assert account.knock() is None
        account.answered()
        assert account.store.load(account_key("hubspot")) is None


def test_a_row_that_everybody_changes_is_left_to_later() -> None:
    _, (account, *_) = workers(Budget())

    class Contested(MemoryStore):
        def commit(self, change: object) -> None:
            raise Conflict("account")

    account.store = Contested()
    assert account.meter() > 0
    with pytest.raises(Retry):
        account.blocked("outage", timedelta(0))
