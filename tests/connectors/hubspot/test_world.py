"""The world behind the sandboxes: what it remembers, and trouble on demand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from leadrelay.local.crm_world import Change, Fault, Owner, Property, World
from leadrelay.local.crm_world.faults import KINDS, Faults
from leadrelay.local.crm_world.records import Asked

AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World(lambda: AT)


def test_ids_grow_and_are_never_used_twice(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: world.create("contacts", {"n": str(number)}).id, range(400)))
    world.reset()
    ids.append(world.create("contacts", {}).id)
    assert len(set(ids)) == 401
    assert int(ids[-1]) == max(map(int, ids))


def test_empty_values_are_absent_and_clear(world: World) -> None:
    record = world.create("contacts", {"a": "1", "b": ""})
    assert record.values == {"a": "1"}
    assert world.update("contacts", record.id, {"a": "", "c": "3"}).values == {"c": "3"}
    with pytest.raises(KeyError):
        world.update("contacts", "999", {})


def test_a_merge_moves_links_and_keeps_the_old_id_answering(world: World) -> None:
    first, second, third = (world.create("contacts", {"name": name}) for name in "abc")
    note = world.create("notes", {})
    world.link(("contacts", first.id), ("notes", note.id))
    world.merge("contacts", second.id, first.id)
    world.merge("contacts", third.id, second.id)
    found = world.get("contacts", first.id)
    assert found is not None
    assert (found.id, set(found.merged), found.values["name"]) == (third.id, {first.id, second.id}, "c")
    assert world.linked(("contacts", third.id), "notes") == [note.id]
    assert len(world.all("contacts")) == 1
    with pytest.raises(KeyError):
        world.merge("contacts", third.id, first.id)


def test_a_deleted_record_leaves_no_links(world: World) -> None:
    contact, note = world.create("contacts", {}), world.create("notes", {})
    world.link(("contacts", contact.id), ("notes", note.id))
    world.delete("notes", note.id)
    assert world.linked(("contacts", contact.id), "notes") == []
    assert world.get("notes", note.id) is None


def test_reset_forgets_everything(world: World) -> None:
    world.create("contacts", {})
    world.put_owner(Owner("1", "rep@example.test", "Rep", ""))
    world.define("contacts", Property("x", "X"))
    world.add_group("contacts", "g", "G")
    world.fail("500", times=3)
    world.note(Asked("GET", "/x", 200))
    world.reset()
    assert world.state() == {"records": {}, "owners": [], "links": [], "faults_left": 0}
    assert (world.properties("contacts"), world.groups("contacts"), world.journal()) == ({}, {}, [])


def test_the_journal_keeps_no_addresses(world: World) -> None:
    world.note(Asked("GET", "/objects/contacts/ann@example.com/x", 200))
    world.note(Asked("GET", "/objects/contacts/ann%40example.com", 200))
    assert [asked.path for asked in world.journal()] == ["/objects/contacts/***/x", "/objects/contacts/***"]


def test_faults_are_taken_in_order_by_matching_requests() -> None:
    faults = Faults()
    faults.add(Fault("500", "POST .*tasks"))
    faults.add(Fault("429"), times=2)
    taken = [faults.take(line) for line in ("GET /a", "POST /tasks", "GET /a", "GET /a")]
    assert [fault and fault.kind for fault in taken] == ["429", "500", "429", None]
    assert faults.left() == 0


def test_a_fault_is_taken_once_under_threads() -> None:
    faults = Faults()
    faults.add(Fault("reset"), times=50)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(faults.take, ["GET /"] * 200))
    assert sum(fault is not None for fault in taken) == 50


def test_a_fault_knows_whether_the_work_is_done_first() -> None:
    assert (Fault("timeout_after_commit").effect, Fault("timeout_after_commit").commits) == ("timeout", True)
    assert (Fault("429_day").effect, Fault("429_day").commits) == ("429_day", False)
    assert all(Fault(kind).effect == kind for kind in KINDS)


@pytest.mark.parametrize(("fault", "times"), [(Fault("418"), 1), (Fault("500"), 0), (Fault("500", "("), 1)])
def test_an_impossible_fault_is_refused(fault: Fault, times: int) -> None:
    with pytest.raises(Exception, match=r"418|times|unterminated"):
        Faults().add(fault, times)


def test_listeners_are_told_of_every_change_and_who_made_it(world: World) -> None:
    heard: list[Change] = []
    world.listen(heard.append)
    ann, bob = world.create("contacts", {"name": "a", "x": ""}), world.by_hand("create", "contacts", "", {"name": "b"})
    assert bob is not None
    world.update("contacts", ann.id, {"name": "a", "phone": "1"})
    world.by_hand("update", "contacts", ann.id, {"phone": ""})
    world.link(("contacts", ann.id), ("deals", "9"))
    world.link(("contacts", ann.id), ("deals", "9"))
    world.unlink(("contacts", ann.id), ("deals", "9"))
    world.unlink(("contacts", ann.id), ("deals", "9"))
    world.by_hand("merge", "contacts", ann.id, links=[("contacts", bob.id)])
    world.delete("contacts", "999")
    world.by_hand("forget", "contacts", ann.id)
    assert [(change.action, change.id, change.by, dict(change.values), change.other) for change in heard] == [
        ("created", ann.id, "api", {"name": "a"}, None),
        ("created", bob.id, "hand", {"name": "b"}, None),
        ("updated", ann.id, "api", {"phone": "1"}, None),
        ("updated", ann.id, "hand", {"phone": ""}, None),
        ("linked", ann.id, "api", {}, ("deals", "9")),
        ("unlinked", ann.id, "api", {}, ("deals", "9")),
        ("merged", ann.id, "hand", {}, ("contacts", bob.id)),
        ("forgotten", ann.id, "hand", {}, None),
    ]
    assert {change.at for change in heard} == {AT}


def test_by_hand_says_what_it_cannot_do(world: World) -> None:
    ann = world.create("contacts", {})
    with pytest.raises(ValueError, match="bend"):
        world.by_hand("bend", "contacts", ann.id)
    for action in ("update", "merge", "delete", "forget"):
        with pytest.raises(KeyError):
            world.by_hand(action, "contacts", "999", {}, [("contacts", ann.id)])
    assert world.create("contacts", {}).made_by == "api", "whoever acts last is not remembered"
