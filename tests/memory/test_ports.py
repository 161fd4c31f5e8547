"""The smaller ports in memory, and that each is what its protocol asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from leadrelay.domain.facts import Said
from leadrelay.memory.bus import MemoryBus
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.lake import MemoryLake
from leadrelay.memory.notifier import MemoryNotifier
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Conflict, Misconfigured, Retry
from leadrelay.ports.notifier import Message
from tests.aws.records import Card, answer, fact

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)


class TestStoreAnnounces:
    """What the table's stream does, the store in memory does by its listeners."""

    def told(self, store: MemoryStore) -> list[str]:
        heard: list[str] = []
        store.on_insert.append(lambda facts: heard.extend(one.name for one in facts))
        return heard

    def test_every_insert_once_and_after_it_is_stored(self) -> None:
        store = MemoryStore()
        counts: list[int] = []
        store.on_insert.append(lambda _: counts.append(len(store.story("LEAD#a"))))
        heard = self.told(store)
        store.commit(answer(Card(id="a"), "c", (fact("LeadScored"), fact("CardChanged", 1))))
        assert heard == ["LeadScored", "CardChanged"]
        assert counts == [2]

    def test_neither_repeats_nor_conflicts_nor_later_versions(self) -> None:
        store = MemoryStore()
        heard = self.told(store)
        change = answer(Card(id="a"), "c", (fact("LeadScored"),))
        store.commit(change)
        store.commit(change)
        with pytest.raises(Conflict):
            store.commit(answer(Card(id="a"), "other", (fact("CardChanged"),)))
        store.put(change.puts[1].record.with_(version=2))
        store.put(change.puts[1].record)
        assert heard == ["LeadScored"]
        assert store.commits == 3

    def test_a_listener_may_commit(self) -> None:
        store = MemoryStore()
        store.on_insert.append(lambda facts: store.put(Card(id=f"{facts[0].name}")))
        store.commit(answer(Card(id="a"), "c", (fact("LeadScored"),)))
        assert len(store.story("LEAD#LeadScored")) == 1


class TestBus:
    def test_subscribers_hear_what_they_asked_for_in_order(self) -> None:
        bus, heard = MemoryBus(), []
        bus.subscribe(lambda said: heard.append(("one", said.name)), "A", "C")
        bus.subscribe(lambda said: heard.append(("all", said.name)))
        assert bus.send([fact("A"), fact("B"), fact("C")]) == []
        assert heard == []
        assert bus.run() == 5
        assert heard == [("one", "A"), ("all", "A"), ("all", "B"), ("one", "C"), ("all", "C")]
        assert bus.run() == 0

    def test_what_is_said_meanwhile_is_heard_too(self) -> None:
        bus = MemoryBus()

        def answer_with(said: Said) -> None:
            if said.name != "C":
                bus.send([fact(chr(ord(said.name) + 1))])

        bus.subscribe(answer_with)
        bus.send([fact("A")])
        assert bus.run() == 3
        assert [said.name for said in bus.sent] == ["A", "B", "C"]

    def test_refused_positions(self) -> None:
        bus = MemoryBus()
        bus.refuse = {"B"}
        assert bus.send([fact("B"), fact("A"), fact("B")]) == [0, 2]
        assert [said.name for said in bus.sent] == ["A"]


def test_clock_moves_when_told() -> None:
    clock = MemoryClock(NOON)
    assert clock.advance(timedelta(minutes=5)) == clock.now() == NOON + timedelta(minutes=5)
    clock.set(NOON)
    assert clock.now() == NOON
    with pytest.raises(ValueError, match="zone"):
        clock.set(NOON.replace(tzinfo=None))


def test_rules_keep_every_version() -> None:
    old, new = SimpleNamespace(version="1"), SimpleNamespace(version="2")
    rules = MemoryRules(old)
    rules.deploy(new)
    assert rules.current() is new
    assert rules.version("1") is old
    with pytest.raises(Misconfigured, match="'3'"):
        rules.version("3")


def test_secrets_are_always_several() -> None:
    secrets = MemorySecrets({"crm/hubspot": {"token": "one", "keys": ("old", "new")}})
    assert secrets.get("crm/hubspot") == {"token": ("one",), "keys": ("old", "new")}
    secrets.set("crm/hubspot", token="two")
    assert secrets.refresh("crm/hubspot") == {"token": ("two",)}
    with pytest.raises(Misconfigured, match="source/none"):
        secrets.get("source/none")


def test_telemetry_adds_up() -> None:
    telemetry = MemoryTelemetry()
    telemetry.count("Stored", source="webform")
    telemetry.count("Stored", 2.5, source="meta", kind="lead")
    telemetry.line("stored", touch_id="t")
    assert telemetry.total("Stored") == 3.5
    assert telemetry.total("Stored", source="meta") == 2.5
    assert telemetry.total("Stored", source="none") == 0
    assert telemetry.lines == [("stored", {"touch_id": "t"})]


def test_notifier_delivers_or_refuses() -> None:
    notifier, message = MemoryNotifier(), Message("k", "t", "b")
    notifier.refuse = Retry(5, "away")
    with pytest.raises(Retry):
        notifier.send(message)
    notifier.refuse = None
    notifier.send(message)
    assert notifier.sent == [message]


def test_lake_keeps_rows_as_json_one_object_per_call() -> None:
    lake, row = MemoryLake(), {"fact_id": "a:1.0", "tags": ["x"]}
    lake.append([row])
    lake.append([])
    lake.append([{"fact_id": "b:1.0"}])
    row["tags"].append("later")
    assert [len(rows) for rows in lake.objects] == [1, 1]
    assert lake.rows() == [{"fact_id": "a:1.0", "tags": ["x"]}, {"fact_id": "b:1.0"}]
    with pytest.raises(TypeError):
        lake.append([{"at": NOON}])
