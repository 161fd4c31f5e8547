"""Telegram: what one update says beside another, and what its server must not be told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.telegram import source
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Delivery, SourceSettings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("telegram", "telegram", {"reps": {"B1": "rita"}})
ADA = {"id": 5000000001, "is_bot": False, "first_name": "Ada"}


def _parse(kind: str, update_id: int = 1, **said: Any) -> list[TouchDraft]:
    told = {"message_id": 1, "from": ADA, "chat": {"id": ADA["id"], "type": "private"}, **said}
    body = json.dumps({"update_id": update_id, kind: told}).encode()
    return list(source.parse(Delivery("POST", {}, (), body), SETTINGS, NOW))


def test_what_is_stored_is_answered_with_nothing_to_carry_out() -> None:
    assert source.acknowledge("stored").body == ""
    assert source.acknowledge("stored").content_type != "application/json"


@pytest.mark.parametrize(
    ("text", "form", "campaign"),
    [
        ("/start", "start", None),
        ("/start spring", "start", "spring"),
        ("/start two words", "message", None),
        ("/start " + "x" * 65, "message", None),
        ("please /start spring", "message", None),
        ("/startle", "message", None),
    ],
)
def test_only_a_link_names_a_campaign(text: str, form: str, campaign: str | None) -> None:
    (draft,) = _parse("message", text=text)
    assert (draft.origin.form, draft.origin.campaign) == (form, campaign)


@pytest.mark.parametrize("owner", [None, 5000000002, "5000000001 ", "", 0])
def test_a_number_of_somebody_else_never_becomes_the_persons(owner: object) -> None:
    drafts = _parse("message", contact={"phone_number": "+15550100999", "first_name": "Bob", "user_id": owner})
    assert "15550100999" not in "".join(draft.model_dump_json() for draft in drafts)


def test_ids_that_start_anew_are_other_touches_and_repeats_are_not() -> None:
    (first,), (again,) = _parse("message", text="a"), _parse("message", text="a")
    (later,) = _parse("message", text="a", message_id=900)
    assert first.key == again.key != later.key


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel", "", None])
@pytest.mark.parametrize("update", ["message", "business_message", "edited_message", "my_chat_member"])
def test_nothing_outside_a_private_chat_counts(update: str, kind: str | None) -> None:
    member = {"status": "kicked"}
    assert _parse(update, text="hello", chat={"id": ADA["id"], "type": kind}, new_chat_member=member) == []


def test_a_rep_is_in_touch_and_a_machine_in_the_reps_name_is_not() -> None:
    writer = {"id": 6000000001, "is_bot": False, "first_name": "Rita"}
    rep: dict[str, Any] = {"from": writer, "text": "Hello", "business_connection_id": "B1"}
    (draft,) = _parse("business_message", **rep)
    assert (draft.kind, draft.event, draft.words.anonymous_id) == ("activity", "social", "telegram:5000000001")
    assert "Rita" not in draft.model_dump_json()
    assert _parse("business_message", **rep, is_from_offline=True) == []
    assert _parse("business_message", **rep, sender_business_bot={"id": 7, "is_bot": True}) == []
    assert _parse("edited_business_message", **rep) == []


@pytest.mark.parametrize("connection", ["B2", "", None])
def test_a_stranger_who_connects_the_bot_to_their_account_is_none_of_our_reps(connection: str | None) -> None:
    stranger = {"id": 6000000009, "is_bot": False, "first_name": "Mallory"}
    (draft,) = _parse("business_message", **{"from": stranger}, text="Hello", business_connection_id=connection)
    (theirs,) = _parse("business_message", text="Hello", business_connection_id=connection)
    assert draft.problem == theirs.problem == "account_not_named"
    assert draft.key == theirs.key, "one for an account, whoever writes there"
    said = theirs.model_dump_json() + draft.model_dump_json()
    assert not [word for word in ("Hello", "Mallory", ADA["first_name"], str(ADA["id"])) if word in said]
    assert _parse("edited_business_message", text="Hello", business_connection_id=connection or "B2") == []
