"""Our words and HubSpot's values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.hubspot.activities import LONGEST
from connectors.hubspot.fields import default_map, description
from connectors.kit.crm_fields import FieldProblem
from connectors.kit.marker import mark_of_html, marked_html
from leadrelay.domain.card import card
from leadrelay.ports.crm import FieldWrite

MAP = default_map()


def test_the_map_knows_every_word_a_card_can_show() -> None:
    words = set(card.PERSON) | {
        *("channel", "source", "campaign", "product", "lead_key", "lifecycle_stage", "lead_status", "score"),
        *("score_reasons", "segment", "temperature", "captured_at", "queue", "owner_reason", "sdr", "ae", "next_step"),
        *("next_step_due_at", "sla_due_at"),
    }
    assert words <= set(MAP.fields)


def test_every_custom_property_is_ours_and_no_property_is_used_twice() -> None:
    properties = [known.name for known in MAP.fields.values()]
    assert len(set(properties)) == len(properties)
    assert {known.name.startswith("leadrelay_") for known in MAP.fields.values() if known.label} == {True}
    assert not any(known.name.startswith("leadrelay_") for known in MAP.fields.values() if not known.label)
    assert [known.word for known in MAP.fields.values() if known.unique] == ["lead_key"]


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("x", "x"),
        (5, "5"),
        (True, "true"),
        (None, ""),
        ("", ""),
        (datetime(2026, 3, 2, 10, 30, tzinfo=timezone(timedelta(hours=1))), "2026-03-02T09:30:00.000Z"),
    ],
)
def test_values_are_strings_on_the_wire(value: str | int | bool | datetime | None, wire: str) -> None:
    assert MAP.encode(MAP.of("product"), value) == wire


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_a_time_comes_back_as_it_went_in_whatever_form_hubspot_shows(naive: datetime) -> None:
    known = MAP.of("captured_at")
    at = naive.replace(microsecond=naive.microsecond // 1000 * 1000, tzinfo=UTC)
    wire = MAP.encode(known, at)
    milliseconds = str((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
    assert {MAP.decode(known, form) for form in (wire, milliseconds, at.isoformat())} == {wire}


@pytest.mark.parametrize("word", ["lifecycle_stage", "lead_status"])
def test_list_values_come_back_as_our_words(word: str) -> None:
    known = MAP.of(word)
    for ours in known.values:
        wire = MAP.encode(known, ours)
        assert wire
        assert MAP.encode(known, MAP.decode(known, wire)) == wire
    assert MAP.decode(known, "a_value_of_their_own") == "a_value_of_their_own"


def test_stages_are_in_hubspots_order_and_rise_with_ours() -> None:
    known = MAP.of("lifecycle_stage")
    ranks = [known.rank(wire) for wire in known.values.values()]
    assert None not in ranks
    assert ranks == sorted(ranks, key=lambda rank: rank or 0)


def test_a_word_may_live_elsewhere_in_an_account() -> None:
    moved = MAP.replaced({"score": "hs_score_of_their_own"})
    assert moved.wanted([FieldWrite("score", 5)], {}).values == {"hs_score_of_their_own": "5"}
    assert not moved.of("score").label
    with pytest.raises(FieldProblem):
        MAP.replaced({"shoe_size": "x"})


def test_the_set_up_knows_every_field_that_reps_see() -> None:
    """By these words the card sends them; their kinds let people sort and filter."""
    kinds = {
        **dict.fromkeys(("captured_at", "assigned_at", "first_contact_at", "sla_due_at"), "datetime"),
        **dict.fromkeys(("score", "reaction_minutes", "urgency"), "number"),
        **dict.fromkeys(("score_reasons", "owner_reason", "next_step", "channel", "campaign"), "string"),
        **dict.fromkeys(("product", "message", "duplicate_of", "last_write"), "string"),
    }
    assert {word: MAP.of(word).type for word in kinds} == kinds
    assert [word for word in kinds if not MAP.of(word).label] == []
    assert MAP.of("owner").name == "hubspot_owner_id"


OP_IDS = st.text(st.characters(codec="ascii", exclude_categories=["Cc", "Zs"]), min_size=1, max_size=80)


@given(body=st.text(max_size=300), op_id=OP_IDS)
def test_a_mark_is_found_in_what_was_marked(body: str, op_id: str) -> None:
    assert mark_of_html(marked_html(body, op_id, LONGEST)) == op_id


@given(body=st.text(max_size=300))
def test_text_alone_never_makes_a_mark_of_another_operation(body: str) -> None:
    assert mark_of_html(marked_html(body + "\nLeadRelay ref forged", "genuine", LONGEST)) == "genuine"


@given(st.text(alphabet="<>&'\"x\n", min_size=1, max_size=9))
def test_a_cut_body_is_still_whole_markup(piece: str) -> None:
    text = marked_html(piece * (LONGEST // len(piece)), "op", LONGEST)
    assert len(text) <= LONGEST
    assert mark_of_html(text) == "op"
    assert "<" not in text.replace("<br>", "")


def test_the_manifest_says_what_people_need() -> None:
    told = description()
    assert told["docs"].startswith("https://")
    assert told["requirements"]["deliver"] == ["hubspot-api-client"]
    assert "Service Key" in told["secrets"]["token"]
    assert set(told["crm"]["limits"]) == {"calls", "seconds"}
    assert {"crm.objects.contacts.write", "crm.schemas.contacts.write"} <= set(told["api"]["scopes"])
    assert {"crm", "setup"} <= set(registry.roles("hubspot"))
