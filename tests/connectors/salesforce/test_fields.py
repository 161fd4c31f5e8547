"""Our words and Salesforce's values, on leads and on contacts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.kit.crm_fields import FieldProblem
from connectors.salesforce.crm import crm
from connectors.salesforce.fields import default_maps, description, moved_maps
from connectors.salesforce.sandbox.org import OBJECTS
from connectors.salesforce.sandbox.schema import standard
from leadrelay.domain.card import card
from leadrelay.ports.crm import FieldWrite
from leadrelay.ports.errors import Misconfigured
from tests.connectors.salesforce.conftest import SECRET, Account
from tests.connectors.salesforce.samples import field, ok, person

MAPS = default_maps()
LEAD, CONTACT = MAPS["Lead"], MAPS["Contact"]


def test_the_map_knows_every_word_a_card_can_show() -> None:
    words = set(card.PERSON) | {
        *("channel", "source", "campaign", "product", "lead_key", "lifecycle_stage", "lead_status", "score", "owner"),
        *(
            "score_reasons",
            "segment",
            "temperature",
            "captured_at",
            "queue",
            "owner_reason",
            "sdr",
            "ae",
            "next_step",
            "urgency",
        ),
        *("next_step_due_at", "sla_due_at", "assigned_at", "first_contact_at", "reaction_minutes", "duplicate_of"),
        *("last_write", "grade"),
    }
    assert words <= set(LEAD.fields)
    assert set(LEAD.fields) - set(CONTACT.fields) == {"company", "industry", "employees", "lead_status"}


@pytest.mark.parametrize("known", MAPS.values(), ids=MAPS)
def test_what_is_ours_has_our_prefix_and_nothing_is_used_twice(known: object) -> None:
    fields = [one for kind in MAPS if MAPS[kind] is known for one in MAPS[kind].fields.values()]
    names = [one.name for one in fields]
    assert len(set(names)) == len(names)
    for one in fields:
        ours = one.name.startswith("LR_") and one.name.endswith("__c")
        assert ours == bool(one.label)
    assert [one.word for one in fields if one.unique] == ["lead_key"]


@pytest.mark.parametrize("kind", ["Lead", "Contact"])
def test_what_is_native_exists_in_every_account(kind: str) -> None:
    assert kind in OBJECTS
    native = {
        one.name for name, known in MAPS.items() if name == kind for one in known.fields.values() if not one.label
    }
    assert native <= set(standard(kind))


@pytest.mark.parametrize(
    ("word", "value", "wire"),
    [
        ("product", "x", "x"),
        ("product", " x ", "x"),
        ("product", 5, "5"),
        ("product", True, "true"),
        ("product", None, None),
        ("product", "", None),
        ("product", "  ", None),
        ("score", 5, 5),
        ("score", "5", 5),
        ("employees", "2.6", 3),
        ("captured_at", datetime(2026, 3, 2, 10, 30, 1, 999, timezone(timedelta(hours=1))), "2026-03-02T09:30:01.000Z"),
        ("lifecycle_stage", "mql", "Marketing qualified"),
        ("queue", "x" * 300, "x" * 254 + "…"),
    ],
)
def test_values_are_json_on_the_wire(word: str, value: str | int | bool | datetime | None, wire: object) -> None:
    assert LEAD.encode(LEAD.of(word), value) == wire


@pytest.mark.parametrize("value", ["many", "51-200", "nan", "inf", "1e999", "١٢x"])
def test_a_number_that_is_none_is_a_problem(value: str) -> None:
    wanted = LEAD.wanted([FieldWrite("employees", value)], {})
    assert (wanted.values, [problem.word for problem in wanted.problems]) == ({}, ["employees"])


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_a_time_comes_back_as_it_went_in_whatever_form_salesforce_shows(naive: datetime) -> None:
    known, at = LEAD.of("captured_at"), naive.replace(microsecond=0, tzinfo=UTC)
    wire = LEAD.encode(known, at)
    shown = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    assert {LEAD.decode(known, form) for form in (wire, shown, at.isoformat())} == {wire}


@given(st.one_of(st.integers(-(10**9), 10**9), st.text(max_size=300)), st.sampled_from(["score", "product", "message"]))
def test_what_was_written_is_not_written_again(value: int | str, word: str) -> None:
    """Salesforce trims text and shows whole numbers with a fraction."""
    sent = LEAD.wanted([FieldWrite(word, value)], {}).values
    shown = {name: float(one) if isinstance(one, int) else one for name, one in sent.items()}
    assert LEAD.wanted([FieldWrite(word, value)], shown).values == {}


def test_a_word_can_live_in_another_field(account: Account) -> None:
    role = crm(SECRET, account.sandbox.url, properties={"message": "Description", "country": "State/MailingState"})
    op = person(1, field("message", "Hello"), field("country", "NL"))
    row = account.row(ok(role.write([op])[0]).crm_id)
    assert (row["Description"], row["State"], "LR_Message__c" in row, "Country" in row) == ("Hello", "NL", False, False)
    contact = account.put("Contact", Email="person2@example.com")
    ok(role.write([person(2, field("country", "NL"))])[0])
    assert account.row(contact)["MailingState"] == "NL"


def test_an_unknown_word_is_a_set_up_error() -> None:
    with pytest.raises(FieldProblem):
        moved_maps({"shoe_size": "x"})
    with pytest.raises(Misconfigured, match="shoe_size"):
        crm(SECRET, properties={"shoe_size": "x"})


def test_the_manifest_says_what_people_need() -> None:
    told, manifest = description(), registry.manifest("salesforce")
    assert manifest.docs.startswith("https://")
    assert {name: manifest.requirements[name] for name in ("deliver", "fetch", "cli")} == dict.fromkeys(
        ("deliver", "fetch", "cli"), ("simple-salesforce",)
    )
    assert {"domain", "consumer_key", "consumer_secret", "username", "private_key"} <= set(manifest.secrets)
    assert told["crm"]["limits"] == {"calls": 100_000, "seconds": 86_400}
    assert {"crm", "setup"} <= set(registry.roles("salesforce"))
