"""Typeform and Google Ads, where a case file is not enough: what relates one delivery to another."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.google_ads import source as google_ads
from connectors.typeform import source as typeform
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Delivery, Source, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("any", "any")
KEY = "a-google-key-of-good-length"


def _parse(source: Source, said: dict[str, Any], now: datetime = NOW) -> list[TouchDraft]:
    return list(source.parse(Delivery("POST", {}, (), json.dumps(said).encode()), SETTINGS, now))


def _response(event_type: str, event_id: str, **response: Any) -> TouchDraft:
    said = {"form_id": "f1", "token": "tok-1", "landed_at": "2026-03-02T09:00:00Z", **response}
    (draft,) = _parse(typeform, {"event_type": event_type, "event_id": event_id, "form_response": said})
    return draft


def test_a_partial_response_never_stands_in_the_way_of_the_finished_one() -> None:
    first = _response("form_response_partial", "e1")
    second = _response("form_response_partial", "e2")
    final = _response("form_response", "e3")
    again = _response("form_response", "e4")
    assert len({first.key, second.key, final.key}) == 3
    assert final.key == again.key == "tok-1"
    assert (first.kind, final.kind) == ("behaviour", "submission")


def test_a_field_without_ref_is_known_by_its_id_and_its_title_is_kept() -> None:
    answers = [{"type": "email", "email": "ada@example.com", "field": {"id": "q1", "type": "email"}}]
    definition = {"fields": [{"id": "q1", "title": "Where may we write?"}]}
    draft = _response("form_response", "e1", answers=answers, definition=definition)
    assert [(one.key, one.label) for one in draft.words.answers] == [
        ("q1", "Where may we write?"),
        ("type.email", "Where may we write?"),
    ]


def test_the_first_address_of_a_form_is_the_persons_own() -> None:
    emails = ("ada@example.com", "colleague@example.com")
    answers = [{"type": "email", "email": one, "field": {"id": one[:3], "type": "email"}} for one in emails]
    assert _response("form_response", "e1", answers=answers).words.value("type.email") == "ada@example.com"


@pytest.mark.parametrize("name", ["google_key", "Google_key", "GOOGLE_KEY"])
def test_the_key_is_found_in_any_case(name: str) -> None:
    request = Delivery("POST", {}, (), json.dumps({name: KEY}).encode())
    assert google_ads.verify(request, SETTINGS, {"google_key": (KEY,)}, NOW) == "verified"


@pytest.mark.parametrize("given", ["", None, True, 0, [KEY], {"is": KEY}, KEY[:-1], KEY + " x", KEY.upper()])
def test_what_is_not_the_key_is_not_authentic(given: object) -> None:
    request = Delivery("POST", {}, (), json.dumps({"google_key": given}).encode())
    with pytest.raises(Unauthentic):
        google_ads.verify(request, SETTINGS, {"google_key": (KEY,)}, NOW)


def test_a_lead_is_known_by_its_id_else_its_click_else_the_days_words() -> None:
    columns = [{"column_id": "EMAIL", "string_value": "ada@example.com"}]
    (by_id,) = _parse(google_ads, {"lead_id": "L1", "gcl_id": "C1", "user_column_data": columns})
    (by_click,) = _parse(google_ads, {"gcl_id": "C1", "user_column_data": columns})
    (by_words,) = _parse(google_ads, {"user_column_data": columns})
    (same_day,) = _parse(google_ads, {"user_column_data": columns}, NOW + timedelta(hours=1))
    (next_day,) = _parse(google_ads, {"user_column_data": columns}, NOW + timedelta(days=1))
    assert (by_id.key, by_click.key) == ("L1", "C1")
    assert by_words.key == same_day.key != next_day.key


def test_a_column_without_id_is_known_by_its_name() -> None:
    columns = [{"column_name": "Favourite tool", "string_value": "A spreadsheet"}, {"string_value": "nameless"}]
    (draft,) = _parse(google_ads, {"lead_id": "L1", "user_column_data": columns})
    assert [(one.key, one.values) for one in draft.words.answers] == [("Favourite tool", ("A spreadsheet",))]


def test_google_is_answered_in_json() -> None:
    assert google_ads.acknowledge("stored").body == "{}"
    assert set(json.loads(google_ads.acknowledge("malformed").body)) == {"message"}


@pytest.mark.parametrize("order", [("google_key", "Google_key"), ("Google_key", "google_key")])
def test_a_right_key_beside_a_wrong_one_proves_nothing(order: tuple[str, str]) -> None:
    request = Delivery("POST", {}, (), json.dumps({order[0]: KEY, order[1]: "another"}).encode())
    with pytest.raises(Unauthentic):
        google_ads.verify(request, SETTINGS, {"google_key": (KEY,)}, NOW)
