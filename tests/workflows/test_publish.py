"""Publishing: everything reaches the bus, and one unreadable record holds up nobody."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pydantic import TypeAdapter

from leadrelay.domain.facts import Said
from leadrelay.memory.bus import MemoryBus
from leadrelay.ports.errors import Retry
from leadrelay.workflows.publish import Announcement, Publish
from tests.system import System
from tests.workflows import lives

FACTS = TypeAdapter(tuple[Said, ...])


@pytest.fixture
def system() -> System:
    system = System()
    lives.send(system, lives.demo())
    return system


def announced(*facts: Said) -> Announcement:
    return Announcement("LEAD#1/LOG#0000000001", FACTS.dump_json(facts).decode())


class Busy(MemoryBus):
    """Refuses every other fact of each call, as a throttled bus does."""

    def send(self, facts: Sequence[Said]) -> list[int]:
        super().send(facts[::2])
        return list(range(len(facts)))[1::2]


def test_refused_entries_are_sent_again_and_only_those(system: System) -> None:
    bus = Busy()
    publish = Publish(bus, system.store, system.clock, system.telemetry)
    assert publish([announced(*system.said[:7])]) == 7
    assert sorted(said.metadata.fact_id for said in bus.sent) == sorted(
        said.metadata.fact_id for said in system.said[:7]
    )


def test_what_stays_refused_fails_the_batch(system: System) -> None:
    bus = MemoryBus()
    bus.refuse = {"LeadScored"}
    publish = Publish(bus, system.store, system.clock, system.telemetry)
    with pytest.raises(Retry, match="1 of"):
        publish([announced(*system.said)])
    assert len(bus.sent) == len(system.said) - 1
    assert system.telemetry.total("FactsRefused") == 1


def test_an_unreadable_record_is_parked_and_skipped(system: System) -> None:
    bus = MemoryBus()
    publish = Publish(bus, system.store, system.clock, system.telemetry)
    broken = Announcement("LEAD#2/LOG#0000000001", '[{"name": "LeadScored"}]')
    assert publish([broken, announced(system.said[0])]) == 1
    [key] = system.store.listed("PARKED#unpublished", 10)
    assert key.pk == "UNPUBLISHED#LEAD#2/LOG#0000000001"
    assert publish([]) == 0
