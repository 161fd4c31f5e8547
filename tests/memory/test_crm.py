from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from leadrelay.memory.crm import MemoryCrm
from leadrelay.ports.crm import (
    OWNER,
    Crm,
    FieldWrite,
    Marked,
    Moved,
    Ok,
    PutNote,
    PutTask,
    RecordKey,
    Rejected,
    RetryLater,
    SetMembership,
    Skipped,
    UpsertPerson,
)
from leadrelay.ports.crm_setup import CrmOwner

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
A, B = RecordKey("a" * 32), RecordKey("b" * 32)


def person(key: RecordKey, op_id: str = "op", **fields: object) -> UpsertPerson:
    return UpsertPerson(op_id, key, tuple(FieldWrite(name, value) for name, value in fields.items()))


def one(crm: Crm, op: object) -> object:
    (result,) = crm.write([op])
    return result


@pytest.fixture
def crm() -> MemoryCrm:
    return MemoryCrm(
        owners=[CrmOwner("7", "rep@example.com", "Rep One", True), CrmOwner("8", "x@example.com", "X", False)]
    )


class TestPeople:
    def test_created_then_found_by_our_key(self, crm: MemoryCrm) -> None:
        first = one(crm, person(A, "op-1", email="ann@example.com", score=41, hot=True))
        assert isinstance(first, Ok)
        assert first.created
        assert first.applied == {"email": "ann@example.com", "score": "41", "hot": "true"}
        second = one(crm, person(A, "op-2", score=50))
        assert second == Ok("op-2", first.crm_id, False, {"score": "50"})
        (seen, none) = crm.read([A, B])
        assert none is None
        assert (seen.crm_id, seen.lead_key, seen.fields["score"]) == (first.crm_id, A.lead_key, "50")

    def test_a_contact_of_the_sales_team_is_claimed_by_its_address(self, crm: MemoryCrm) -> None:
        existing = one(crm, person(RecordKey("old"), email="Ann@Example.com"))
        crm.people[existing.crm_id].lead_key = None
        claimed = one(crm, person(RecordKey(A.lead_key, email="ann@example.com "), score=1))
        assert (claimed.crm_id, claimed.created) == (existing.crm_id, False)
        assert crm.read([A])[0].crm_id == existing.crm_id
        assert len(crm.people) == 1

    def test_an_address_that_another_lead_claimed_is_a_duplicate(self, crm: MemoryCrm) -> None:
        existing = one(crm, person(A, email="ann@example.com"))
        refused = one(crm, person(RecordKey(B.lead_key, email="ann@example.com"), email="ANN@example.com"))
        assert (refused.code, refused.field, refused.existing_id) == ("DUPLICATE", "email", existing.crm_id)
        assert len(crm.people) == 1

    def test_a_known_id_is_all_that_counts(self, crm: MemoryCrm) -> None:
        first = one(crm, person(A, email="ann@example.com"))
        again = one(crm, person(RecordKey(A.lead_key, first.crm_id, "other@example.com"), score=2))
        assert again.crm_id == first.crm_id
        gone = one(crm, person(RecordKey(A.lead_key, "9999"), score=2))
        assert (type(gone), gone.code) == (Rejected, "NOT_FOUND")

    def test_policies_of_fields(self, crm: MemoryCrm) -> None:
        ok = one(crm, person(A, phone="1", city="Łódź", stage="mql"))
        applied = one(
            crm,
            UpsertPerson(
                "op-2",
                A,
                (
                    FieldWrite("phone", "2", "fill_if_empty"),
                    FieldWrite("job", "cto", "fill_if_empty"),
                    FieldWrite("city", "ignored", "clear"),
                    FieldWrite("stage", "lead", "forward_only"),
                ),
            ),
        ).applied
        assert applied == {"phone": "1", "job": "cto", "city": "", "stage": "mql"}
        assert "city" not in crm.people[ok.crm_id].fields

    @pytest.mark.parametrize(
        ("now", "new", "then"),
        [
            ("", "lead", "lead"),
            ("lead", "sql", "sql"),
            ("customer", "mql", "customer"),
            ("mql", "mql", "mql"),
            ("mql", "invented", "mql"),
        ],
    )
    def test_a_stage_only_moves_forward(self, crm: MemoryCrm, now: str, new: str, then: str) -> None:
        one(crm, person(A, stage=now))
        result = one(crm, UpsertPerson("op", A, (FieldWrite("stage", new, "forward_only"),)))
        assert result.applied == {"stage": then}

    def test_times_are_answered_in_utc(self, crm: MemoryCrm) -> None:
        at = NOON.astimezone(timezone(timedelta(hours=2)))
        assert one(crm, person(A, captured_at=at)).applied == {"captured_at": "2031-05-06T12:00:00.000Z"}

    def test_what_a_person_typed_is_read(self, crm: MemoryCrm) -> None:
        ok = one(crm, person(A, score=1))
        crm.edit(ok.crm_id, score="", note="called")
        assert crm.read([A])[0].fields == {"note": "called"}

    def test_a_merged_record_says_where_it_went(self, crm: MemoryCrm) -> None:
        gone, kept = one(crm, person(A, phone="1", city="x")), one(crm, person(B, city="y"))
        crm.merge(gone.crm_id, kept.crm_id)
        key = RecordKey(A.lead_key, gone.crm_id)
        assert one(crm, person(key, score=1)) == Moved("op", kept.crm_id)
        assert one(crm, SetMembership("op", gone.crm_id, "list-1", True)) == Moved("op", kept.crm_id)
        (seen,) = crm.read([key])
        assert (seen.crm_id, seen.fields) == (kept.crm_id, {"phone": "1", "city": "y"})


def owner(value: str | None, was: str | None = None) -> UpsertPerson:
    return UpsertPerson("o", A, (FieldWrite(OWNER, value, "guarded", was),))


class TestOwners:
    def test_only_those_who_can_and_the_rest_is_written(self, crm: MemoryCrm) -> None:
        for who in ("8", "9"):
            both = UpsertPerson("o", A, (FieldWrite(OWNER, who, "guarded"), FieldWrite("score", 4)))
            result = one(crm, both)
            assert [(each.code, each.field) for each in result.refused] == [("OWNER_INACTIVE", OWNER)]
            assert result.applied == {OWNER: "", "score": "4"}
        assert one(crm, owner("7")).applied == {OWNER: "7"}
        assert crm.read([A])[0].owner_id == "7"

    def test_a_persons_choice_stays(self) -> None:
        crm = MemoryCrm()
        crm_id = one(crm, owner("1")).crm_id
        assert one(crm, owner("2", was="1")).applied == {OWNER: "2"}
        crm.give(crm_id, "9")
        assert one(crm, owner("3", was="2")).applied == {OWNER: "9"}
        assert one(crm, owner("9", was="2")).applied == {OWNER: "9"}
        crm.give(crm_id, None)
        assert one(crm, owner("3", was="2")).applied == {OWNER: "3"}


class TestLists:
    def test_on_and_off_as_often_as_told(self, crm: MemoryCrm) -> None:
        crm_id = one(crm, person(A)).crm_id
        for member, lists in ((True, {"n"}), (True, {"n"}), (False, set()), (False, set())):
            assert isinstance(one(crm, SetMembership("m", crm_id, "n", member)), Ok)
            assert crm.people[crm_id].lists == lists

    def test_of_a_record_that_is_not_there(self, crm: MemoryCrm) -> None:
        assert one(crm, SetMembership("m", "404", "n", True)).code == "NOT_FOUND"

    def test_somebody_who_is_not_there_is_not_made(self, crm: MemoryCrm) -> None:
        absent = UpsertPerson("o", A, (FieldWrite("score", 1),), create=False)
        assert (type(one(crm, absent)), crm.people) == (Skipped, {})


class TestRequests:
    def test_neighbours_of_one_kind_travel_together(self) -> None:
        crm = MemoryCrm()
        keys = [RecordKey(f"{number:032x}", fresh=True) for number in range(100)]
        made = crm.write([person(key, score=1) for key in keys])
        assert crm.calls == 1
        known = [RecordKey(key.lead_key, result.crm_id) for key, result in zip(keys, made, strict=True)]
        notes = [PutNote("n", result.crm_id, "hi", NOON) for result in made]
        crm.write([*(person(key, score=2) for key in known), *notes])
        assert crm.calls == 3
        crm.write([UpsertPerson("o", known[0], (FieldWrite(OWNER, "7", "guarded"),))])
        assert crm.calls == 5  # one to look who owns it

    def test_what_the_meter_holds_back_is_not_carried_out(self) -> None:
        allowed = iter((0.0, 3.0))
        crm = MemoryCrm(meter=lambda: next(allowed))
        fresh = RecordKey("c" * 32, fresh=True)
        first, second, third = crm.write([person(fresh, "1"), PutNote("2", "404", "", NOON), person(fresh, "3")])
        assert isinstance(first, Ok)
        assert (second, third) == (RetryLater("2", 3.0, "budget"), RetryLater("3", 3.0, "budget"))
        assert [op.op_id for op in crm.written] == ["1"]


class TestTasksAndNotes:
    def task(self, crm_id: str, op_id: str = "t", **changes: object) -> PutTask:
        return PutTask(op_id, crm_id, "Call", "Now", NOON, "7", **changes)

    def test_a_task_is_changed_by_its_id(self, crm: MemoryCrm) -> None:
        crm_id = one(crm, person(A)).crm_id
        made = one(crm, self.task(crm_id))
        assert made.created
        changed = one(crm, self.task(crm_id, "t2", task_id=made.crm_id, done=True))
        assert (changed.crm_id, changed.created) == (made.crm_id, False)
        assert [task.done for task in crm.tasks.values()] == [True]
        assert one(crm, self.task(crm_id, task_id="404")).code == "NOT_FOUND"

    def test_a_task_for_nobody_who_works_here(self, crm: MemoryCrm) -> None:
        crm_id = one(crm, person(A)).crm_id
        assert one(crm, PutTask("t", crm_id, "Call", "Now", NOON, "8")).code == "OWNER_INACTIVE"

    def test_repeats_stay_visible_and_markers_find_them(self, crm: MemoryCrm) -> None:
        crm_id = one(crm, person(A)).crm_id
        results = crm.write([self.task(crm_id), self.task(crm_id), PutNote("n", crm_id, "hi", NOON)])
        assert len(crm.tasks) == 2
        found = crm.find_marked(crm_id, ["t", "n", "other"])
        assert found == [
            Marked("t", results[0].crm_id, "task"),
            Marked("t", results[1].crm_id, "task"),
            Marked("n", results[2].crm_id, "note"),
        ]
        assert crm.find_marked("404", ["t"]) == []

    def test_a_note_is_written_once(self, crm: MemoryCrm) -> None:
        crm_id = one(crm, person(A)).crm_id
        note = one(crm, PutNote("n", crm_id, "hi", NOON))
        assert one(crm, PutNote("n", crm_id, "hi", NOON, note.crm_id)) == Skipped("n", "written before", note.crm_id)
        assert len(crm.notes) == 1

    def test_markers_follow_a_merge(self, crm: MemoryCrm) -> None:
        gone, kept = one(crm, person(A)).crm_id, one(crm, person(B)).crm_id
        one(crm, self.task(gone))
        crm.merge(gone, kept)
        assert [marked.op_id for marked in crm.find_marked(kept, ["t"])] == ["t"]


def test_every_operation_has_its_result_in_order(crm: MemoryCrm) -> None:
    ops = [person(A, "1"), SetMembership("2", "404", "n", True), person(B, "3"), PutNote("4", "404", "", NOON)]
    assert [result.op_id for result in crm.write(ops)] == ["1", "2", "3", "4"]
    assert crm.written == ops
