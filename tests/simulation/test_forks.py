"""Who is forked at a second death lives as who was planned to die there, and what it saw is heard."""

from __future__ import annotations

import pytest

from tests.simulation import exhaustive
from tests.simulation.forks import Place, ended
from tests.simulation.world import World


@pytest.fixture(scope="module")
def one() -> Place:
    """A death late enough for few to come after it."""
    return list(exhaustive.deaths(exhaustive.told({})))[-8]


def test_what_lies_before_a_second_death_need_be_lived_only_once(one: Place) -> None:
    places = [place for place in exhaustive.deaths(exhaustive.told(dict((one,)))) if place[0] > one[0]]
    ends = exhaustive.dying_again(one)
    assert list(ends) == places
    assert len({end.trace for end in ends.values()}) > 1
    assert [place for place in places if ends[place] != ended(exhaustive.told(dict((one, place))))] == []


def test_what_was_broken_by_a_second_death_is_heard(one: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended_badly(world: World) -> World:
        lived(world)
        world.broken += [(0, "died twice")] * (len(world.door.planned) == 2)
        return world

    lived = World.run
    monkeypatch.setattr(World, "run", ended_badly)
    ends = exhaustive.dying_again(one)
    assert {tuple(end.broken) for end in ends.values()} == {((0, "died twice"),)}


def test_a_child_that_fails_fails_its_parent(one: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended_badly(world: World) -> World:
        lived(world)
        assert len(world.door.planned) == 1, "this is the child"
        return world

    lived = World.run
    monkeypatch.setattr(World, "run", ended_badly)
    with pytest.raises(RuntimeError, match="this is the child"):
        exhaustive.dying_again(one)
