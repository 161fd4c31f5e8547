"""What became of each record of a batch: read from the raw reply, whatever its status and order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from connectors.hubspot.activities import Activities
from connectors.hubspot.batches import Batch, Batches, Input
from connectors.hubspot.crm import HubSpotCrm
from connectors.hubspot.fields import default_map
from connectors.hubspot.transport import Answer
from connectors.kit.crm_trouble import Silence
from connectors.kit.marker import marked_html
from leadrelay.ports.crm import Ok, PutNote, Rejected, RetryLater, Unknown, WriteResult
from tests.connectors.hubspot.conftest import Account
from tests.connectors.hubspot.samples import AT, field, member, ok, person, task

Sent = Sequence[Mapping[str, Any]]


class Scripted:
    """A wire that answers as told, and remembers what was sent."""

    def __init__(self, *answers: Callable[[Sent], Answer]) -> None:
        self.answers = list(answers)
        self.sent: list[Sent] = []

    def call(self, api: str, verb: str, kind: str, body: Mapping[str, Any]) -> Answer:
        self.sent.append(body["inputs"])
        return self.answers[min(len(self.sent), len(self.answers)) - 1](body["inputs"])


def notes(wire: Scripted, count: int = 3) -> list[WriteResult]:
    sending: Any = wire
    return Activities(sending, default_map()).put_notes(
        [PutNote(f"n{one}", "101", "Hello", AT) for one in range(count)]
    )


def record(one: Mapping[str, Any], **more: object) -> dict[str, Any]:
    return {"id": f"9{one['objectWriteTraceId']}", "properties": one["properties"], **more}


def failed(trace: object, category: str = "VALIDATION_ERROR") -> dict[str, Any]:
    return {"category": category, "message": "no", "context": {"objectWriteTraceId": trace}}


def test_a_reply_in_another_order_is_told_apart_by_the_marks() -> None:
    wire = Scripted(lambda sent: Answer(201, {}, {"results": [record(one) for one in reversed(sent)]}))
    assert [ok(result).crm_id for result in notes(wire)] == ["90", "91", "92"]
    assert [one["objectWriteTraceId"] for one in wire.sent[0]] == ["0", "1", "2"]


def test_a_repeated_trace_tells_records_apart_whose_bodies_were_rewritten() -> None:
    def rewritten(sent: Sent) -> Answer:
        cut = [record(one, objectWriteTraceId=one["objectWriteTraceId"], properties={}) for one in reversed(sent)]
        return Answer(201, {}, {"results": cut})

    assert [ok(result).crm_id for result in notes(Scripted(rewritten))] == ["90", "91", "92"]


@pytest.mark.parametrize("status", [200, 201, 207])
@pytest.mark.parametrize("trace", ["1", ["1"]])
def test_a_failed_record_is_named_whatever_the_status(status: int, trace: object) -> None:
    def partly(sent: Sent) -> Answer:
        done = [record(one) for one in sent if one["objectWriteTraceId"] != "1"]
        return Answer(status, {}, {"results": done, "numErrors": 1, "errors": [failed(trace)]})

    wire = Scripted(partly)
    first, second, third = notes(wire)
    assert (type(first), type(third)) == (Ok, Ok)
    assert isinstance(second, Rejected)
    assert len(wire.sent) == 1


def test_what_the_reply_does_not_mention_is_unknown() -> None:
    untraced = {"category": "VALIDATION_ERROR", "message": "one of them"}
    wire = Scripted(lambda sent: Answer(207, {}, {"results": [record(sent[0])], "errors": [untraced]}))
    assert [type(result) for result in notes(wire)] == [Ok, Unknown, Unknown]
    assert len(wire.sent) == 1


def test_a_server_error_on_one_record_leaves_doubt_about_that_one() -> None:
    errors = {"results": [], "errors": [failed("0", "INTERNAL_ERROR"), failed("1", "RATE_LIMITS"), failed("2")]}
    wire = Scripted(lambda _: Answer(207, {}, errors))
    assert [type(result) for result in notes(wire)] == [Unknown, RetryLater, Rejected]


@pytest.mark.parametrize("answer", [Answer(502, {}, {}), Answer(201, {}, {}, readable=False), None])
def test_without_an_answer_everything_is_unknown_and_nothing_is_sent_again(answer: Answer | None) -> None:
    def told(_: Sent) -> Answer:
        if answer is None:
            raise Silence("no answer", sent=True)
        return answer

    wire = Scripted(told)
    assert [type(result) for result in notes(wire)] == [Unknown] * 3
    assert len(wire.sent) == 1


def bad_if_any(culprit: str) -> Callable[[Sent], Answer]:
    def told(sent: Sent) -> Answer:
        if any(culprit in str(one["properties"]) for one in sent):
            return Answer(400, {}, {"category": "VALIDATION_ERROR", "message": "Invalid input."})
        return Answer(
            201, {}, {"results": [record(one, id=str(one["properties"]["hs_note_body"][-1])) for one in sent]}
        )

    return told


def test_a_refusal_of_the_whole_is_traced_to_its_cause_by_halves() -> None:
    wire = Scripted(bad_if_any("ref n5"))
    results = notes(wire, 8)
    assert [type(result) for result in results] == [Ok] * 5 + [Rejected] + [Ok] * 2
    assert [len(sent) for sent in wire.sent] == [8, 4, 4, 2, 1, 1, 2]
    assert [ok(result).crm_id for result in results if isinstance(result, Ok)] == list("0123467")


def test_a_block_while_halving_stops_the_rest() -> None:
    blocked = Answer(429, {}, {"policyName": "DAILY"})
    wire = Scripted(bad_if_any("ref n7"), lambda _: blocked)
    results = notes(wire, 8)
    assert {(type(result), getattr(result, "scope", "")) for result in results} == {(RetryLater, "day")}
    assert len(wire.sent) == 2


def test_a_missing_scope_is_not_searched_for_by_halves() -> None:
    wire = Scripted(lambda _: Answer(403, {}, {"category": "MISSING_SCOPES", "message": "no"}))
    assert {getattr(result, "code", "") for result in notes(wire, 8)} == {"PERMISSION"}
    assert len(wire.sent) == 1


def test_after_silence_the_next_batch_is_not_sent() -> None:
    def silent(_: Sent) -> Answer:
        raise Silence("no answer", sent=True)

    wire: Any = Scripted(silent)
    update = Batch("tasks", "update", lambda item: str(item["id"]))
    told = Batches(wire, default_map()).send((update, [Input("a", "1", {})]), (update, [Input("b", "2", {})]))
    assert isinstance(told["a"].result("a"), Unknown)  # type: ignore[union-attr]
    assert isinstance(told["b"].result("b"), RetryLater)  # type: ignore[union-attr]
    assert len(wire.sent) == 1


def test_a_block_stops_the_second_try_of_a_refused_person() -> None:
    """One of two is refused for a field, the other says that the account is out of calls."""

    def mixed(sent: Sent) -> Answer:
        number = failed("0") | {"errors": [{"message": "no", "context": {"propertyName": ["leadrelay_employees"]}}]}
        return Answer(207, {}, {"results": [], "errors": [number, failed("1", "RATE_LIMITS")]})

    wire: Any = Scripted(mixed)
    ops = [person(n, field("employees", "many"), crm_id=f"10{n}", email=None) for n in range(2)]
    results = HubSpotCrm(wire, default_map()).write(ops)
    assert {(type(result), getattr(result, "scope", "")) for result in results} == {(RetryLater, "10s")}
    assert [result.op_id for result in results] == ["op-0", "op-1"]
    assert len(wire.sent) == 1


def test_a_block_on_one_list_stops_the_next(account: Account) -> None:
    account.world.fail("429", match="memberships")
    results = account.crm.write([member("101", "55"), member("101", "56", op_id="next")])
    assert [(type(result), result.op_id) for result in results] == [(RetryLater, "op-list"), (RetryLater, "next")]
    assert account.asked("memberships") == 1


def test_tasks_for_several_people_travel_together_each_to_its_own(account: Account) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(3)])]
    ops = [task(crm_id, op_id=f"t{place}", owner="8" if place == 1 else "7") for place, crm_id in enumerate(ids)]
    first, gone, third = account.crm.write(ops)
    assert isinstance(gone, Rejected)
    assert gone.code == "OWNER_INACTIVE"
    assert account.world.linked(("contacts", ids[0]), "tasks") == [ok(first).crm_id]
    assert account.world.linked(("contacts", ids[1]), "tasks") == []
    assert account.world.linked(("contacts", ids[2]), "tasks") == [ok(third).crm_id]
    assert account.asked("tasks/batch/create") == 1


def test_the_mark_is_the_last_line() -> None:
    assert marked_html("a\nb", "op", 99) == "a<br>b<br>LeadRelay ref op"
