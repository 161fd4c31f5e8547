"""The table itself: what is stored, what a commit costs, and what happens when the wire breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import Any
from zlib import crc32

import pytest
from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from leadrelay.aws.answers import Busy
from leadrelay.aws.clients import client
from leadrelay.aws.table import TableStore, keys
from leadrelay.domain.facts import Said
from leadrelay.ports.errors import Conflict, Misconfigured, Reject, Retry
from leadrelay.ports.store import Change, Put
from tests.aws.cloud import TABLE, counting, failing, hooked, silent_after, silent_before
from tests.aws.records import KINDS, NOON, Card, Log, answer, card_key, fact, log_key


def item(pk: str, sk: str) -> dict[str, Any]:
    return client("dynamodb").get_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})["Item"]


class TestKeys:
    def test_moments_sort_as_text(self) -> None:
        moments = [NOON + timedelta(milliseconds=n * 337) for n in range(-50, 50)]
        assert sorted(map(keys.moment, moments)) == [keys.moment(at) for at in moments]
        assert keys.moment(NOON) == "2031-05-06T12:00:00.000Z"
        assert keys.moment(datetime(2031, 5, 6, 14, tzinfo=timezone(timedelta(hours=2)))) == keys.moment(NOON)

    def test_a_due_row_sorts_within_its_millisecond(self) -> None:
        row = keys.timed_sk(NOON, "LEAD#z~z", "CARD")
        assert keys.until(NOON - timedelta(milliseconds=1)) < row <= keys.until(NOON)
        assert keys.moment_of(row) == NOON

    def test_shards_are_stable_and_all_are_used(self) -> None:
        assert keys.due_pk("clock", "LEAD#a") == f"clock#{crc32(b'LEAD#a') % 16:02d}"
        assert {keys.due_pk("sync", f"LEAD#{n}") for n in range(500)} == set(keys.due_shards("sync"))

    def test_what_is_behind_a_row(self) -> None:
        row = keys.timed_sk(NOON, "LEAD#a", "CARD")
        assert keys.NEVER < row < keys.behind(NOON, "LEAD#a", "CARD") < keys.timed_sk(NOON, "LEAD#b", "CARD")
        assert keys.behind(NOON, "LEAD#a", "CARD") <= keys.until(NOON)


class TestItems:
    def test_every_attribute(self, table: TableStore) -> None:
        table.put(
            Card(id="a", text="ü", due_at=NOON, waits_in="OWNER#rep", since=NOON, until=NOON + timedelta(seconds=0.9))
        )
        stored = item("LEAD#a", "CARD")
        assert json.loads(stored.pop("body")["S"])["text"] == "ü"
        assert stored == {
            "pk": {"S": "LEAD#a"},
            "sk": {"S": "CARD"},
            "kind": {"S": "card"},
            "v": {"N": "1"},
            "due_pk": {"S": keys.due_pk("clock", "LEAD#a")},
            "due_sk": {"S": "2031-05-06T12:00:00.000Z#LEAD#a|CARD"},
            "list_pk": {"S": "OWNER#rep"},
            "list_sk": {"S": "2031-05-06T12:00:00.000Z#LEAD#a|CARD"},
            "expires_at": {"N": str(int(NOON.timestamp()))},
        }

    def test_what_is_not_due_listed_or_said_leaves_no_trace(self, table: TableStore) -> None:
        table.put(Card(id="a"))
        assert set(item("LEAD#a", "CARD")) == {"pk", "sk", "kind", "v", "body"}

    def test_facts_are_said_on_the_first_version_only(self, table: TableStore) -> None:
        said = (fact("LeadScored", score=41), fact("CardChanged", 1, note="ü"))
        table.put(Log(id="a", number=1, cause="c", facts=said))
        stored = item("LEAD#a", "LOG#0000000001")["facts"]["S"]
        assert TypeAdapter(tuple[Said, ...]).validate_json(stored) == said
        table.put(Log(id="a", number=1, cause="c", facts=said, version=2))
        assert "facts" not in item("LEAD#a", "LOG#0000000001")

    def test_a_record_that_cannot_be_read_is_rejected_without_repeating_it(self, table: TableStore) -> None:
        body = json.dumps({"id": "a", "text": ["anna@example.com"], "version": 1})
        row = {"pk": {"S": "LEAD#a"}, "sk": {"S": "CARD"}, "kind": {"S": "card"}, "v": {"N": "1"}, "body": {"S": body}}
        client("dynamodb").put_item(TableName=TABLE, Item=row)
        with pytest.raises(Reject) as refused:
            table.load(card_key("a"))
        assert str(refused.value) == "unreadable_record: LEAD#a/CARD: text"
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__

    def test_an_unknown_kind_names_itself(self, table: TableStore) -> None:
        table.put(Card(id="a", due_at=NOON))
        old = TableStore(TABLE, {"log": KINDS["log"]})
        (row,) = old.due("clock", NOON, 10)
        assert str(row.key) == "LEAD#a/CARD", "it hides no other row"
        with pytest.raises(Misconfigured, match="LEAD#a/CARD is of kind 'card'"):
            old.load(row.key)


class TestCalls:
    """Calls are latency and money: one per commit, and no more."""

    def test_one_put_is_one_plain_write(self, table: TableStore) -> None:
        with counting("dynamodb") as called:
            table.commit(Change("c", (Put(Card(id="a", version=1)),)))
        assert called == ["PutItem"]

    def test_a_workflow_commit_is_one_transaction(self, table: TableStore) -> None:
        with counting("dynamodb") as called:
            table.commit(answer(Card(id="a"), "c"))
        assert called == ["TransactWriteItems"]

    def test_a_repeat_costs_one_read_more(self, table: TableStore) -> None:
        table.commit(answer(Card(id="a"), "c"))
        with counting("dynamodb") as called:
            table.commit(answer(Card(id="a"), "c"))
        assert called == ["TransactWriteItems", "BatchGetItem"]

    def test_a_conflict_without_a_log_row_reads_nothing(self, table: TableStore) -> None:
        table.put(Card(id="a"))
        with counting("dynamodb") as called, pytest.raises(Conflict):
            table.commit(Change("c", (Put(Card(id="a", version=1)),)))
        assert called == ["PutItem"]

    def test_reads(self, table: TableStore) -> None:
        with counting("dynamodb") as called:
            table.load(card_key("a"))
            table.load_all([card_key(str(n)) for n in range(101)])
            table.story("LEAD#a")
            table.listed("OWNER#rep", 5)
        assert called == ["GetItem", "BatchGetItem", "BatchGetItem", "Query", "Query"]
        with counting("dynamodb") as called:
            table.due("clock", NOON, 5)
        assert called == ["Query"] * keys.SHARDS

    def test_long_stories_are_read_page_after_page(self, table: TableStore) -> None:
        for number in range(1, 6):
            table.put(Log(id="a", number=number, cause="x" * 300_000))
        with counting("dynamodb") as called:
            assert [log.number for log in table.story("LEAD#a")] == [1, 2, 3, 4, 5]
        assert len(called) > 1


LOSSES = [silent_after, silent_before]


class TestUnknownOutcomes:
    def test_a_commit_whose_answer_was_lost_is_recognised(self, table: TableStore, naps: list[float]) -> None:
        with silent_after("dynamodb.TransactWriteItems"):
            table.commit(answer(Card(id="a", text="mine"), "fact-1"))
        assert table.load(card_key("a")).text == "mine"

    def test_a_lone_log_row_is_recognised_too(self, table: TableStore, naps: list[float]) -> None:
        with silent_after("dynamodb.PutItem"):
            table.commit(Change("fact-1", (Put(Log(id="a", number=1, cause="fact-1", version=1)),)))
        assert table.load(log_key("a", 1)).cause == "fact-1"

    def test_a_commit_that_never_arrived_is_to_be_tried_again(self, table: TableStore, naps: list[float]) -> None:
        with silent_before("dynamodb.TransactWriteItems"), pytest.raises(Retry) as later:
            table.commit(answer(Card(id="a"), "fact-1"))
        assert later.value.scope == "outage"
        assert later.value.after > 0
        assert table.load(card_key("a")) is None

    def test_somebody_elses_row_does_not_make_it_mine(self, table: TableStore, naps: list[float]) -> None:
        table.commit(answer(Card(id="a", text="theirs"), "fact-2"))
        with silent_before("dynamodb.TransactWriteItems"), pytest.raises(Retry):
            table.commit(answer(Card(id="a"), "fact-1"))
        assert table.load(card_key("a")).text == "theirs"

    @pytest.mark.parametrize("loss", LOSSES)
    def test_without_a_log_row_nobody_can_tell(
        self, table: TableStore, naps: list[float], loss: Callable[[str], AbstractContextManager[None]]
    ) -> None:
        with loss("dynamodb.PutItem"), pytest.raises(Retry):
            table.commit(Change("c", (Put(Card(id="a", version=1)),)))
        assert (table.load(card_key("a")) is not None) is (loss is silent_after)

    def test_when_the_log_cannot_be_read_either_it_stays_unknown(self, table: TableStore, naps: list[float]) -> None:
        with (
            silent_after("dynamodb.TransactWriteItems"),
            silent_before("dynamodb.BatchGetItem"),
            pytest.raises(Retry),
        ):
            table.commit(answer(Card(id="a"), "fact-1"))
        table.commit(answer(Card(id="a"), "fact-1"))

    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_server_error_is_unknown(self, table: TableStore, naps: list[float], status: int) -> None:
        with failing("dynamodb.TransactWriteItems", "InternalServerError", status) as sent, pytest.raises(Retry):
            table.commit(answer(Card(id="a"), "fact-1"))
        assert len(sent) == 3

    def test_a_server_error_after_the_effect_is_recognised(self, table: TableStore, naps: list[float]) -> None:
        """The client's own second try then meets its first one's row: that is no conflict."""
        with failing("dynamodb.TransactWriteItems", "InternalServerError", 500, times=1, effect=True) as sent:
            table.commit(answer(Card(id="a", text="mine"), "fact-1"))
        assert len(sent) == 2
        assert table.load(card_key("a")).text == "mine"


class TestThrottling:
    @pytest.mark.parametrize(
        "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
    )
    def test_after_the_clients_own_tries_it_is_later(self, table: TableStore, naps: list[float], code: str) -> None:
        with (
            failing("dynamodb.TransactWriteItems", code) as sent,
            counting("dynamodb") as called,
            pytest.raises(Retry) as later,
        ):
            table.commit(answer(Card(id="a"), "fact-1"))
        assert len(sent) == 3
        assert called == ["TransactWriteItems"]  # nothing was done, so nothing needs to be read
        assert later.value.scope == "second"

    def test_two_refusals_are_overcome(self, table: TableStore, naps: list[float]) -> None:
        with failing("dynamodb.PutItem", "ThrottlingException", times=2) as sent:
            table.commit(Change("c", (Put(Card(id="a", version=1)),)))
        assert len(sent) == 3
        assert table.load(card_key("a")) is not None

    @pytest.mark.parametrize(
        ("codes", "raised"),
        [
            (["None", "TransactionConflict"], Busy),
            (["ThrottlingError", "None"], Retry),
            (["ProvisionedThroughputExceeded", "TransactionConflict"], Retry),
            (["TransactionConflict", "ConditionalCheckFailed"], Conflict),
            (["ValidationError", "None"], ClientError),
        ],
    )
    def test_reasons_of_a_cancelled_transaction(
        self, table: TableStore, naps: list[float], codes: list[str], raised: type[Exception]
    ) -> None:
        reasons = [{"Code": code} for code in codes]
        cancelled = failing("dynamodb.TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
        with cancelled, pytest.raises(raised) as refused:
            table.commit(answer(Card(id="a"), "fact-1"))
        if raised is Conflict:
            assert refused.value.key == "LEAD#a/LOG#0000000001"

    def test_who_meets_another_transaction_waits_for_its_end(self, table: TableStore, naps: list[float]) -> None:
        """Two routers at one pool: nobody has to go back to the queue for that."""
        reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
        name = "dynamodb.TransactWriteItems"
        with failing(name, "TransactionCanceledException", times=2, CancellationReasons=reasons) as sent:
            table.commit(answer(Card(id="a"), "fact-1"))
        assert (len(sent), len(naps)) == (3, 2)
        assert table.load(card_key("a")) is not None

    def test_who_was_second_learns_that_the_record_moved_on(self, table: TableStore, naps: list[float]) -> None:
        table.commit(answer(Card(id="a"), "fact-1"))
        reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
        name = "dynamodb.TransactWriteItems"
        with failing(name, "TransactionCanceledException", times=1, CancellationReasons=reasons):  # noqa: SIM117
            with pytest.raises(Conflict):
                table.commit(answer(Card(id="a"), "fact-2"))

    def test_a_single_put_in_conflict_with_a_transaction_is_later(self, table: TableStore, naps: list[float]) -> None:
        with failing("dynamodb.PutItem", "TransactionConflictException") as sent, pytest.raises(Busy):
            table.commit(Change("c", (Put(Card(id="a", version=1)),)))
        assert (len(sent), len(naps)) == (5, 4)

    def test_unprocessed_keys_are_asked_for_again(self, table: TableStore, naps: list[float]) -> None:
        cards = [Card(id=str(n), version=1) for n in range(5)]
        table.commit(Change("c", tuple(map(Put, cards))))
        left = 2

        def leave_some(parsed: dict[str, Any], **_: object) -> None:
            nonlocal left
            found = parsed["Responses"][TABLE]
            if left and len(found) > 1:
                left -= 1
                kept, dropped = found[:1], found[1:]
                parsed["Responses"][TABLE] = kept
                again = [{"pk": row["pk"], "sk": row["sk"]} for row in dropped]
                parsed["UnprocessedKeys"] = {TABLE: {"Keys": again, "ConsistentRead": True}}

        with hooked("after-call.dynamodb.BatchGetItem", leave_some), counting("dynamodb") as called:
            assert table.load_all([card.key() for card in cards]) == cards
        assert len(called) == 3

    def test_keys_left_for_ever_are_later(self, table: TableStore, naps: list[float]) -> None:
        key = {"pk": {"S": "LEAD#a"}, "sk": {"S": "CARD"}}

        def leave_all(parsed: dict[str, Any], **_: object) -> None:
            parsed["UnprocessedKeys"] = {TABLE: {"Keys": [key]}}

        with hooked("after-call.dynamodb.BatchGetItem", leave_all), pytest.raises(Retry, match="1 keys unread"):
            table.load_all([card_key("a")])
        assert naps == sorted(naps)
        assert len(naps) > 2


class TestSetUp:
    def test_a_missing_table_is_named(self, account: None) -> None:
        with pytest.raises(Misconfigured, match=r"table nowhere.*ResourceNotFoundException"):
            TableStore("nowhere", KINDS).load(card_key("a"))

    def test_a_denied_call_is_named(self, table: TableStore) -> None:
        with failing("dynamodb.Query", "AccessDeniedException"), pytest.raises(Misconfigured, match="Query answered"):
            table.story("LEAD#a")

    def test_a_defect_is_left_as_it_is(self, table: TableStore) -> None:
        with failing("dynamodb.GetItem", "ValidationException"), pytest.raises(ClientError):
            table.load(card_key("a"))

    def test_every_read_that_decides_is_consistent(self, table: TableStore) -> None:
        asked: dict[str, Any] = {}

        def note(params: dict[str, Any], model: Any, **_: object) -> None:
            asked[model.name] = params

        with hooked("provide-client-params.dynamodb", note):
            table.load(card_key("a"))
            table.load_all([card_key("a")])
            table.story("LEAD#a")
        assert asked["GetItem"]["ConsistentRead"] is True
        assert asked["BatchGetItem"]["RequestItems"][TABLE]["ConsistentRead"] is True
        assert asked["Query"]["ConsistentRead"] is True


def test_times_come_back_in_utc(table: TableStore) -> None:
    warsaw = timezone(timedelta(hours=2))
    table.put(Card(id="a", due_at=NOON.astimezone(warsaw)))
    assert table.load(card_key("a")).due_at.utcoffset() == timedelta(0)
    (row,) = table.due("clock", NOON, 1)
    assert row.at == NOON
