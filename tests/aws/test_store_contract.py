"""What every store promises, held against the table and against the one in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.ports.errors import Conflict, Reject
from leadrelay.ports.store import RECORD_BYTES, Change, DueRow, Key, Put, Record, Store, Unchanged
from tests.aws.records import NOON, Card, Log, answer, card_key, fact, log_key

MS = timedelta(milliseconds=1)


def put(store: Store, card: Card) -> Card:
    """Insert or write the next version."""
    card = card.with_(version=card.version + 1)
    store.commit(Change("test", (Put(card),)))
    return card


class TestReading:
    def test_nothing_is_none(self, store: Store) -> None:
        assert store.load(card_key("a")) is None
        assert store.load_all([card_key("a"), card_key("b")]) == [None, None]
        assert store.load_all([]) == []
        assert store.story("LEAD#a") == []
        assert store.listed("OWNER#rep", 10) == []
        assert store.due("clock", NOON, 10) == []

    def test_what_was_written_comes_back_equal_and_fresh(self, store: Store) -> None:
        card = put(store, Card(id="a", text='Zażółć "gęślą" \n jaźń 😀', due_at=NOON, until=NOON))
        loaded = store.load(card_key("a"))
        assert loaded == card
        assert loaded is not card

    def test_many_in_the_order_of_the_keys_with_repeats_and_gaps(self, store: Store) -> None:
        cards = [put(store, Card(id=f"{n:03d}")) for n in range(130)]
        keys = [card.key() for card in reversed(cards)] + [card_key("none"), cards[5].key()]
        assert store.load_all(keys) == [*reversed(cards), None, cards[5]]

    def test_a_key_of_another_type_is_a_defect(self, store: Store) -> None:
        put(store, Card(id="a"))
        with pytest.raises(TypeError, match="holds a Card, not a Log"):
            store.load(Key("LEAD#a", "CARD", Log))

    def test_a_story_is_everything_under_one_key_in_order(self, store: Store) -> None:
        card = Card(id="a")
        for n in range(3):
            store.commit(answer(card, f"fact-{n}"))
            card = card.with_(version=card.version + 1)
        store.commit(answer(Card(id="ab"), "other"))
        assert [record.key().sk for record in store.story("LEAD#a")] == [
            "CARD",
            "LOG#0000000001",
            "LOG#0000000002",
            "LOG#0000000003",
        ]


class TestCommitting:
    def test_the_first_version_needs_nothing_there(self, store: Store) -> None:
        put(store, Card(id="a", text="first"))
        with pytest.raises(Conflict) as refused:
            put(store, Card(id="a", text="second"))
        assert refused.value.key == "LEAD#a/CARD"
        assert store.load(card_key("a")).text == "first"

    def test_the_next_version_needs_the_one_that_was_read(self, store: Store) -> None:
        seen = put(store, Card(id="a"))
        put(store, seen.with_(text="mine"))
        with pytest.raises(Conflict):
            put(store, seen.with_(text="late"))
        assert store.load(card_key("a")).text == "mine"

    def test_a_version_cannot_be_jumped_to(self, store: Store) -> None:
        put(store, Card(id="a"))
        with pytest.raises(Conflict):
            store.commit(Change("test", (Put(Card(id="a", version=3)),)))
        with pytest.raises(Conflict):
            store.commit(Change("test", (Put(Card(id="b", version=2)),)))

    def test_all_or_nothing(self, store: Store) -> None:
        put(store, Card(id="b"))
        change = Change("test", (Put(Card(id="a", version=1)), Put(Card(id="b", version=1))))
        with pytest.raises(Conflict) as refused:
            store.commit(change)
        assert refused.value.key == "LEAD#b/CARD"
        assert store.load(card_key("a")) is None

    def test_the_first_of_several_is_named(self, store: Store) -> None:
        put(store, Card(id="b"))
        put(store, Card(id="c"))
        change = Change("test", tuple(Put(Card(id=id_, version=1)) for id_ in "acb"))
        with pytest.raises(Conflict) as refused:
            store.commit(change)
        assert refused.value.key == "LEAD#c/CARD"

    @pytest.mark.parametrize(("seen", "holds"), [(0, False), (1, False), (2, True), (3, False)])
    def test_what_must_be_unchanged(self, store: Store, seen: int, holds: bool) -> None:
        put(store, put(store, Card(id="pool")))
        change = answer(Card(id="a"), "fact", unchanged=(Unchanged(card_key("pool"), seen),))
        if holds:
            store.commit(change)
        else:
            with pytest.raises(Conflict, match="LEAD#pool/CARD"):
                store.commit(change)
        assert (store.load(card_key("a")) is not None) is holds
        assert store.load(card_key("pool")).version == 2

    def test_what_must_still_be_absent(self, store: Store) -> None:
        absent = (Unchanged(card_key("erased"), 0),)
        store.commit(answer(Card(id="a"), "fact", unchanged=absent))
        put(store, Card(id="erased"))
        with pytest.raises(Conflict, match="LEAD#erased/CARD"):
            store.commit(answer(Card(id="b"), "fact", unchanged=absent))

    def test_a_hundred_parts_are_taken(self, store: Store) -> None:
        cards = [Card(id=f"{n}", version=1) for n in range(99)]
        store.commit(Change("test", tuple(map(Put, cards)), (Unchanged(card_key("none"), 0),)))
        assert store.load_all([card.key() for card in cards]) == cards

    def test_a_record_that_is_too_large_is_refused_by_name(self, store: Store) -> None:
        with pytest.raises(Reject, match=r"LEAD#a/CARD is \d+ bytes") as refused:
            put(store, Card(id="a", text="ü" * (RECORD_BYTES // 2)))
        assert refused.value.reason == "record_too_large"
        assert store.load(card_key("a")) is None
        put(store, Card(id="a", text="x" * (RECORD_BYTES - 500)))

    def test_what_it_says_weighs_too(self, store: Store) -> None:
        long = fact(text="x" * RECORD_BYTES)
        with pytest.raises(Reject, match=r"LOG#0000000001 is \d+ bytes"):
            store.commit(answer(Card(id="a"), "fact-1", (long,)))
        assert store.story("LEAD#a") == []

    def test_what_it_says_is_kept_once_and_comes_back(self, store: Store) -> None:
        said = (fact(text="x" * (RECORD_BYTES * 2 // 3)),)
        store.commit(answer(Card(id="a"), "fact-1", said))
        assert [record.announces() for record in store.story("LEAD#a") if record.kind == "log"] == [said]

    def test_unconditional_writes_may_repeat(self, store: Store) -> None:
        for _ in range(2):
            store.put(Card(id="raw", text="bytes"))
        assert store.load(card_key("raw")) == Card(id="raw", text="bytes", version=1)
        store.put(Card(id="raw", text="again", version=7))
        assert store.load(card_key("raw")).version == 7

    def test_what_is_there_is_not_written_once_more(self, store: Store) -> None:
        store.put_once(Card(id="raw", text="bytes"))
        assert store.load(card_key("raw")) == Card(id="raw", text="bytes", version=1)
        store.put(Card(id="raw", text="", version=2))
        store.put_once(Card(id="raw", text="bytes"))
        assert store.load(card_key("raw")) == Card(id="raw", text="", version=2)


class TestCauses:
    def test_the_same_cause_again_counts_as_done(self, store: Store) -> None:
        store.commit(answer(Card(id="a", text="first"), "fact-1", (fact(),)))
        store.commit(answer(Card(id="a", text="twin"), "fact-1", (fact(),)))
        assert store.load(card_key("a")).text == "first"
        assert len(store.story("LEAD#a")) == 2

    def test_another_cause_at_the_same_version_is_a_conflict(self, store: Store) -> None:
        store.commit(answer(Card(id="a"), "fact-1"))
        with pytest.raises(Conflict):
            store.commit(answer(Card(id="a"), "fact-2"))

    def test_a_moved_record_without_my_log_row_is_a_conflict(self, store: Store) -> None:
        put(store, Card(id="a"))
        with pytest.raises(Conflict, match="LEAD#a/CARD"):
            store.commit(answer(Card(id="a"), "fact-1"))

    def test_a_group_counts_as_done_only_when_every_row_is_there(self, store: Store) -> None:
        store.commit(answer(Card(id="a"), "fact-a"))
        parts = [*answer(Card(id="a"), "fact-a").puts, *answer(Card(id="b"), "fact-b").puts]
        with pytest.raises(Conflict, match="LEAD#a/CARD"):
            store.commit(Change("group", tuple(parts)))
        store.commit(answer(Card(id="b"), "fact-b"))
        store.commit(Change("group", tuple(parts)))
        assert store.load(log_key("b", 1)).cause == "fact-b"

    def test_only_log_rows_are_asked_for_a_cause(self, store: Store) -> None:
        put(store, Card(id="a", text="fact-1"))
        with pytest.raises(Conflict):
            store.commit(Change("fact-1", (Put(Card(id="a", text="fact-1", version=1)),)))


class TestDue:
    def test_until_now_to_the_millisecond(self, store: Store) -> None:
        at = NOON + timedelta(microseconds=123_456)
        put(store, Card(id="a", due_at=at))
        assert store.due("clock", at - MS, 10) == []
        (row,) = store.due("clock", at, 10)
        assert (row.kind, str(row.key), row.key.type) == ("clock", "LEAD#a/CARD", Card)
        assert row.at == at.replace(microsecond=123_000)
        assert store.load(row.key).due_at == at

    def test_kinds_do_not_delay_each_other(self, store: Store) -> None:
        put(store, Card(id="a", due_kind="touch", due_at=NOON))
        put(store, Card(id="b", due_kind="sync", due_at=NOON))
        assert [row.key for row in store.due("sync", NOON, 10)] == [card_key("b")]
        assert [row.key for row in store.due("touch", NOON, 10)] == [card_key("a")]
        assert store.due("notice", NOON, 10) == []

    def test_moved_and_cleared(self, store: Store) -> None:
        card = put(store, Card(id="a", due_at=NOON))
        card = put(store, card.with_(due_at=NOON + timedelta(hours=1)))
        assert store.due("clock", NOON, 10) == []
        assert len(store.due("clock", NOON + timedelta(hours=1), 10)) == 1
        put(store, card.with_(due_at=None))
        assert store.due("clock", NOON + timedelta(days=9), 10) == []

    def test_most_overdue_first_and_bounded(self, store: Store) -> None:
        for n in range(40):
            store.put(Card(id=f"{n:02d}", due_at=NOON - timedelta(minutes=n)))
        rows = store.due("clock", NOON, 100)
        assert [row.key.pk for row in rows] == [f"LEAD#{n:02d}" for n in reversed(range(40))]
        assert store.due("clock", NOON, 7) == rows[:7]
        assert len(store.due("clock", NOON - timedelta(minutes=30), 100)) == 10

    def test_page_after_page_is_everything_once_and_in_order(self, store: Store) -> None:
        for n in range(40):  # many of one instant
            store.put(Card(id=f"{n:02d}", due_at=NOON - timedelta(minutes=n // 8)))
        whole, pages = store.due("clock", NOON, 100), list[DueRow]()
        while page := store.due("clock", NOON, 7, pages[-1] if pages else None):
            pages += page
        assert pages == whole
        assert len(pages) == 40

    def test_a_page_goes_on_behind_a_row_that_has_moved_on(self, store: Store) -> None:
        cards = [put(store, Card(id=id_, due_at=NOON + number * MS)) for number, id_ in enumerate("abc")]
        (first,) = store.due("clock", NOON + 2 * MS, 1)
        put(store, cards[0].with_(due_at=None))
        assert [row.key for row in store.due("clock", NOON + 2 * MS, 9, first)] == [card_key("b"), card_key("c")]
        assert store.due("clock", NOON, 9, first) == []

    def test_one_lead_several_due_records_in_order(self, store: Store) -> None:
        class Timer(Card):
            def key(self) -> Key[Record]:
                return Key("LEAD#one", f"CARD#{self.id}", Card)

        for minutes in (3, 1, 2):
            store.put(Timer(id=str(minutes), due_at=NOON - timedelta(minutes=minutes)))
        assert [row.key.sk for row in store.due("clock", NOON, 10)] == ["CARD#3", "CARD#2", "CARD#1"]


class TestLists:
    def test_longest_waiting_first_and_bounded(self, store: Store) -> None:
        for hours, id_ in enumerate("cab"):
            put(store, Card(id=id_, waits_in="OWNER#rep", since=NOON - timedelta(hours=hours)))
        put(store, Card(id="x", waits_in="OWNER#other"))
        assert store.listed("OWNER#rep", 10) == [card_key("b"), card_key("a"), card_key("c")]
        assert store.listed("OWNER#rep", 2) == [card_key("b"), card_key("a")]

    def test_moving_between_lists(self, store: Store) -> None:
        card = put(store, Card(id="a", waits_in="BACKLOG#sdr"))
        card = put(store, card.with_(waits_in="OWNER#rep"))
        assert store.listed("BACKLOG#sdr", 10) == []
        assert store.listed("OWNER#rep", 10) == [card_key("a")]
        put(store, card.with_(waits_in=None))
        assert store.listed("OWNER#rep", 10) == []
