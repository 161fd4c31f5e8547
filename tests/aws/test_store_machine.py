"""Any sequence of changes has the same outcome on the table and in memory."""

from __future__ import annotations

import os
from datetime import timedelta
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from moto import mock_aws

from leadrelay.aws import clients
from leadrelay.aws.table import TableStore
from leadrelay.memory.store import MemoryStore
from leadrelay.ports.errors import Conflict
from leadrelay.ports.store import Change, Put, Store, Unchanged
from tests.aws.cloud import TABLE, make_table
from tests.aws.records import KINDS, NOON, Card, Log, card_key

IDS = st.sampled_from("abc")
VERSIONS = st.integers(0, 4)
CAUSES = st.sampled_from(["fact-1", "fact-2"])
MINUTES = st.one_of(st.none(), st.integers(0, 3))
CARDS = st.builds(
    lambda id_, text, minutes, list_: Card(
        id=id_,
        text=text,
        due_at=None if minutes is None else NOON + timedelta(minutes=minutes),
        waits_in=list_,
    ),
    IDS,
    st.text(max_size=5),
    MINUTES,
    st.sampled_from([None, "OWNER#1", "OWNER#2"]),
)


class TwoStores(RuleBasedStateMachine):
    """Everything is done to both; what one answers, the other must answer."""

    @initialize()
    def start(self) -> None:
        credentials = {"AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t", "AWS_DEFAULT_REGION": "eu-central-1"}
        self.environment = mock.patch.dict(os.environ, credentials)
        self.environment.start()
        clients._made.cache_clear()
        self.account = mock_aws()
        self.account.start()
        make_table()
        self.table = TableStore(TABLE, KINDS)
        self.memory = MemoryStore()

    def teardown(self) -> None:
        if hasattr(self, "account"):
            self.account.stop()
            self.environment.stop()
            clients._made.cache_clear()

    @rule(card=CARDS, seen=st.one_of(st.none(), VERSIONS), other=IDS, expected=st.one_of(st.none(), VERSIONS))
    def write(self, card: Card, seen: int | None, other: str, expected: int | None) -> None:
        """Write a card, from the version that is stored or from any other, perhaps with a check."""
        card = card.with_(version=1 + (self._version(card.id) if seen is None else seen))
        checked = self._version(other) if expected is None else expected
        checks = () if other == card.id else (Unchanged(card_key(other), checked),)
        self._both(Change("write", (Put(card),), checks))

    @rule(card=CARDS, cause=CAUSES, stale=st.booleans())
    def answer(self, card: Card, cause: str, stale: bool) -> None:
        """A workflow's commit, sometimes a repeat of the last one."""
        version = max(1, self._version(card.id) + (0 if stale else 1))
        log = Log(id=card.id, number=version, cause=cause, version=1)
        self._both(Change(cause, (Put(card.with_(version=version)), Put(log))))

    @rule(card=CARDS)
    def overwrite(self, card: Card) -> None:
        card = card.with_(version=self._version(card.id) + 1)
        self.table.put(card)
        self.memory.put(card)

    @rule(minutes=st.integers(-1, 4), list_=st.sampled_from(["OWNER#1", "OWNER#2"]))
    def look(self, minutes: int, list_: str) -> None:
        """What is due and listed is the same."""
        now = NOON + timedelta(minutes=minutes)
        due = self.memory.due("clock", now, 10)
        assert self.table.due("clock", now, 10) == due
        for after in due:
            assert self.table.due("clock", now, 2, after) == self.memory.due("clock", now, 2, after)
        assert self.table.listed(list_, 10) == self.memory.listed(list_, 10)

    @invariant()
    def same(self) -> None:
        if hasattr(self, "memory"):
            keys = [card_key(id_) for id_ in "abc"]
            assert self.table.load_all(keys) == self.memory.load_all(keys)
            assert self.table.story("LEAD#a") == self.memory.story("LEAD#a")

    def _both(self, change: Change) -> None:
        assert _outcome(self.table, change) == _outcome(self.memory, change)

    def _version(self, id_: str) -> int:
        card = self.memory.load(card_key(id_))
        return card.version if card else 0


def _outcome(store: Store, change: Change) -> str:
    try:
        store.commit(change)
    except Conflict as refused:
        return refused.key
    return "done"


TestTwoStores = TwoStores.TestCase
TestTwoStores.settings = settings(
    max_examples=15,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
