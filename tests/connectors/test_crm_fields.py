"""Who may change a field in a CRM, whichever it is: the policies, the list values, the order of stages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.crm_fields import Field, FieldMap, FieldProblem, Wire, field_map, needs_look
from connectors.kit.marker import mark_of_text, marked_text
from leadrelay.ports.crm import FieldWrite, Policy


class JsonCodec:
    """A CRM whose wire is JSON and whose empty is null."""

    empty: Wire = None

    def encode(self, known: Field, value: str | int | bool | datetime) -> Wire:
        return value.isoformat() if isinstance(value, datetime) else value

    def decode(self, known: Field, wire: Wire) -> str:
        return str(wire)


STAGE = {"name": "Stage__c", "order": ["one", "two", "three"], "values": {"a": "one", "b": "two", "c": "three"}}
MAP: FieldMap = field_map(
    "Example",
    {
        "score": {"name": "Score__c", "type": "number", "label": "Score", "length": 18},
        "owner": {"name": "OwnerId"},
        "phone": {"name": "Phone"},
        "stage": {**STAGE, "leave": ["z"]},
    },
    JsonCodec(),
)


def wanted(policy: Policy, value: str | int | None, now: Wire, was: str | None = None, word: str = "phone") -> object:
    """What is sent, "-" for nothing."""
    write = FieldWrite(word, value, policy, was)
    return MAP.wanted([write], {MAP.of(word).name: now}).values.get(MAP.of(word).name, "-")


@pytest.mark.parametrize(
    ("policy", "value", "now", "was", "sent"),
    [
        ("own", "new", "old", None, "new"),
        ("own", "same", "same", None, "-"),
        ("own", None, "old", None, None),
        ("own", None, None, None, "-"),
        ("fill_if_empty", "new", None, None, "new"),
        ("fill_if_empty", "new", "old", None, "-"),
        ("fill_if_empty", None, None, None, "-"),
        ("clear", "ignored", "old", None, None),
        ("clear", None, None, None, "-"),
        ("guarded", "me", None, None, "me"),
        ("guarded", "me", "", "before", "me"),
        ("guarded", "me", "before", "before", "me"),
        ("guarded", "me", "theirs", "before", "-"),
        ("guarded", "me", "theirs", None, "-"),
        ("guarded", None, "before", "before", None),
        ("guarded", None, "theirs", "before", "-"),
    ],
)
def test_who_may_change_a_field(policy: Policy, value: str | None, now: Wire, was: str | None, sent: object) -> None:
    assert wanted(policy, value, now, was) == sent


@pytest.mark.parametrize(
    ("value", "now", "sent"),
    [
        ("b", None, "two"),
        ("b", "one", "two"),
        ("b", "two", "-"),
        ("b", "three", "-"),
        ("b", "a stage of their own", "-"),
        ("z", "one", "-"),
        (None, "one", "-"),
    ],
)
def test_a_stage_moves_forward_only(value: str | None, now: Wire, sent: object) -> None:
    assert wanted("forward_only", value, now, word="stage") == sent


@given(st.lists(st.sampled_from("abcz"), max_size=6))
def test_a_stage_never_falls_whatever_is_asked(asked: list[str]) -> None:
    shown: dict[str, Wire] = {}
    ranks = [-1]
    for value in asked:
        shown |= MAP.wanted([FieldWrite("stage", value, "forward_only")], shown).values
        ranks.append(MAP.of("stage").rank(shown.get("Stage__c")) or 0 if shown else -1)
    assert ranks == sorted(ranks)


def test_one_bad_field_does_not_hold_up_the_others() -> None:
    writes = [FieldWrite("stage", "unheard of"), FieldWrite("shoe_size", 44), FieldWrite("score", 5)]
    told = MAP.wanted([*writes, FieldWrite("score", 6, "forward_only")], {})
    assert told.values == {"Score__c": 5}
    assert [problem.word for problem in told.problems] == ["stage", "shoe_size", "score"]
    assert not any("unheard" in str(problem) or "44" in str(problem) for problem in told.problems)


def test_without_looking_our_own_fields_are_sent_as_they_are_and_no_others() -> None:
    writes = [FieldWrite("score", 5), FieldWrite("phone", None), FieldWrite("stage", "a", "clear")]
    assert MAP.wanted(writes, None).values == {"Score__c": 5, "Phone": None, "Stage__c": None}
    assert not needs_look(writes)
    policies: tuple[Policy, ...] = ("fill_if_empty", "guarded", "forward_only")
    for policy in policies:
        guarded = FieldWrite("stage", "a", policy)
        assert needs_look([guarded])
        with pytest.raises(LookupError, match="must be read"):
            MAP.wanted([guarded], None)


def test_clear_then_set_builds_on_the_cleared_field() -> None:
    writes = [FieldWrite("stage", None, "clear"), FieldWrite("stage", "a", "forward_only")]
    assert MAP.wanted(writes, {"Stage__c": "three"}).values == {"Stage__c": "one"}


def test_what_was_applied_is_what_is_shown_and_unseen_fields_are_as_sent() -> None:
    writes = [FieldWrite("score", 5), FieldWrite("stage", "b"), FieldWrite("phone", "x", "clear")]
    assert MAP.applied(writes, {"Score__c": 5, "Stage__c": "theirs"}) == {"score": "5", "stage": "theirs", "phone": ""}
    assert MAP.applied(writes, {"Score__c": 4}, looked=False) == {"score": "4", "stage": "b", "phone": ""}
    assert MAP.applied([FieldWrite("shoe_size", 1)], {}) == {}


def test_two_of_our_words_may_share_a_value_and_ours_is_shown() -> None:
    shared = field_map("Example", {"stage": {"name": "S", "values": {"mql": "Q", "sal": "Q"}}}, JsonCodec())
    assert shared.applied([FieldWrite("stage", "sal")], {"S": "Q"}) == {"stage": "sal"}
    assert shared.shown({"S": "Q"}) == {"stage": "mql"}
    assert shared.wanted([FieldWrite("stage", "sal")], {"S": "Q"}).values == {}


def test_an_account_may_keep_a_word_elsewhere() -> None:
    moved = MAP.replaced({"stage": "Phase__c"})
    assert moved.of("stage").order == MAP.of("stage").order
    assert moved.of("stage").leave == ("z",)
    assert (MAP.of("score").label, MAP.replaced({"score": "S__c"}).of("score").label) == ("Score", "")
    with pytest.raises(FieldProblem, match="Example field map"):
        MAP.replaced({"shoe_size": "x"})


def test_what_only_the_set_up_needs_is_kept_apart() -> None:
    assert MAP.of("score").shape == {"length": 18}
    assert MAP.word("Score__c") == "score"
    assert MAP.word("Foreign__c") == "Foreign__c"
    assert MAP.encode(MAP.of("phone"), datetime(2026, 3, 2, tzinfo=UTC)) == "2026-03-02T00:00:00+00:00"


OP_IDS = st.text(st.characters(codec="ascii", exclude_categories=["Cc", "Zs"]), min_size=1, max_size=80)


@given(body=st.text(max_size=300), op_id=OP_IDS, longest=st.integers(120, 400))
def test_a_plain_mark_is_found_and_never_cut(body: str, op_id: str, longest: int) -> None:
    text = marked_text(f"{body}\nLeadRelay ref forged", op_id, longest)
    assert mark_of_text(text) == op_id
    assert len(text) <= longest


def test_a_mark_in_the_middle_is_nobodys() -> None:
    assert mark_of_text("see LeadRelay ref op-1 for more") is None
