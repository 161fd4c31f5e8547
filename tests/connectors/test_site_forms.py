"""Form plug-ins of WordPress sites and Jotform, where a case file is not enough: what relates deliveries, and bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.contact_form_7 import source as contact_form_7
from connectors.elementor import source as elementor
from connectors.gravity_forms import source as gravity_forms
from connectors.jotform import source as jotform
from connectors.wpforms import source as wpforms
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Malformed, SourceSettings, Unauthentic
from tests.connectors.invariants import check_draft

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
TOKEN = "a-token-of-good-length-0123456"
FLAT = [contact_form_7, gravity_forms, wpforms]
WITH_OPTIONS: list[Any] = [*FLAT, elementor]


def _flat(source: Any, said: dict[str, Any], now: datetime = NOW, form: str | None = "contact") -> TouchDraft:
    """A submission as this plug-in sends it: Elementor knows labels and forms only."""
    settings = SourceSettings("site", "vendor", {"form": form} if form else {})
    if source is elementor:
        return _one(elementor, Delivery("POST", URLENCODED, (), urlencode(said).encode()), settings, now)
    return _one(source, Delivery("POST", {}, (), json.dumps(said).encode()), settings, now)


def _one(source: Any, delivery: Delivery, settings: SourceSettings, now: datetime) -> TouchDraft:
    (draft,) = source.parse(delivery, settings, now)
    assert isinstance(draft, TouchDraft)
    check_draft(draft, now, {})
    return draft


@pytest.mark.parametrize("source", WITH_OPTIONS)
def test_without_an_id_the_days_words_are_the_touch(source: ModuleType) -> None:
    said = {"email": "ada@example.com", "name": "Ada"}
    first = _flat(source, said)
    assert first.key == _flat(source, dict(reversed(said.items())), NOW + timedelta(hours=14)).key
    assert first.key != _flat(source, said, NOW + timedelta(days=1)).key
    assert first.key != _flat(source, {**said, "name": "Adam"}).key
    assert first.key != _flat(source, said, form="offer").key


@pytest.mark.parametrize("source", WITH_OPTIONS)
def test_an_id_of_the_page_is_for_ever_and_its_own_in_each_form(source: ModuleType) -> None:
    said = {"email": "ada@example.com", "submission_id": "0123-abcd-4567"}
    first = _flat(source, said)
    assert first.key == "contact:0123-abcd-4567"
    assert first.key == _flat(source, {**said, "email": "typo@example.com"}, NOW + timedelta(days=400)).key
    assert first.key != _flat(source, said, form="offer").key
    assert first.words.value("submission_id") is None


@pytest.mark.parametrize("source", WITH_OPTIONS)
@pytest.mark.parametrize("made_up", ["7", "1234567", "0123 abcd 4567", "ä" * 20, "0" * 129])
def test_what_two_visitors_could_both_make_up_is_no_id(source: ModuleType, made_up: str) -> None:
    one = _flat(source, {"email": "ada@example.com", "submission_id": made_up})
    other = _flat(source, {"email": "zoe@example.com", "submission_id": made_up})
    assert one.key != other.key


@pytest.mark.parametrize("source", [gravity_forms, wpforms])
def test_an_id_of_the_site_may_be_short(source: ModuleType) -> None:
    name = "id" if source is gravity_forms else "entry_id"
    assert _flat(source, {"email": "ada@example.com", name: 27}).key == "contact:27"


@pytest.mark.parametrize("source", WITH_OPTIONS)
def test_the_body_names_the_form_before_the_options_do(source: ModuleType) -> None:
    said = {"email": "ada@example.com", "form_id": "demo"}
    assert _flat(source, said).origin.form == "demo"
    assert _flat(source, {"email": "ada@example.com"}).origin.form == "contact"
    assert _flat(source, {"email": "ada@example.com"}, form=None).origin.form is None


@pytest.mark.parametrize("source", WITH_OPTIONS)
def test_a_wrong_option_is_named(source: Any) -> None:
    with pytest.raises(Misconfigured, match="forms"):
        source.parse(Delivery("POST", URLENCODED, (), b"{}"), SourceSettings("site", "v", {"forms": "x"}), NOW)


@pytest.mark.parametrize("source", WITH_OPTIONS)
def test_success_is_exactly_200(source: Any) -> None:
    assert source.acknowledge("stored").status == 200


# ----------------------------------------------------------------------------------------------------------- gravity
def test_an_entry_is_the_same_as_json_and_as_a_form() -> None:
    entry = {"id": "5", "form_id": "7", "1.3": "Ada", "3": "ada@example.com", "date_created": "2026-03-02 09:29:50"}
    settings = SourceSettings("site", "gravity_forms")
    as_json = _one(gravity_forms, Delivery("POST", {}, (), json.dumps(entry).encode()), settings, NOW)
    as_form = _one(gravity_forms, Delivery("POST", URLENCODED, (), urlencode(entry).encode()), settings, NOW)
    assert as_json == as_form
    assert as_json.occurred_at == datetime(2026, 3, 2, 9, 29, 50, tzinfo=UTC)


# ----------------------------------------------------------------------------------------------------------- wpforms
def test_pieces_are_taken_apart_and_a_single_bar_is_not() -> None:
    draft = _flat(wpforms, {"topics": "Price|| Security ||", "note": "a|b", "when": {"value": "May 4", "unix": 1}})
    assert {one.key: one.values for one in draft.words.answers} == {
        "topics": ("Price", "Security"),
        "note": ("a|b",),
        "when": ("May 4",),
    }


# --------------------------------------------------------------------------------------------------------- elementor
@pytest.mark.parametrize("brackets", [("%5B", "%5D"), ("%5b", "%5d"), ("[", "]")])
def test_a_password_is_neither_read_nor_kept(brackets: tuple[str, str]) -> None:
    pairs = "fields[pw][type]=password&fields[pw][value]=hunter2&fields[pw][raw_value]=hunter2&fields[e][value]=a"
    body = pairs.replace("[", brackets[0]).replace("]", brackets[1]).encode()
    delivery = Delivery("POST", URLENCODED, (), body)
    draft = _one(elementor, delivery, SourceSettings("site", "elementor"), NOW)
    assert b"hunter2" not in elementor.keep(delivery)
    assert "hunter2" not in draft.model_dump_json()
    assert draft.words.value("e") == "a"


def test_a_field_that_only_sounds_like_a_password_is_kept() -> None:
    body = urlencode({"fields[a][type]": "text", "fields[a][value]": "password", "fields[b][value]": "x"}).encode()
    assert elementor.keep(Delivery("POST", URLENCODED, (), body)) == body


def test_more_pairs_than_any_form_has_are_refused() -> None:
    body = urlencode([(f"fields[f{n}][value]", "x") for n in range(elementor.MAX_PAIRS + 1)]).encode()
    with pytest.raises(Malformed, match="too_many"):
        elementor.parse(Delivery("POST", URLENCODED, (), body), SourceSettings("site", "elementor"), NOW)


# ----------------------------------------------------------------------------------------------------------- jotform
def _jotform(raw_request: str, submission: str = "58", boundary: str = "XyZ", token: str = "", **more: str) -> Delivery:
    fields = {"formID": "23", "submissionID": submission, "rawRequest": raw_request, **more}
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    body = "".join(parts) + f"--{boundary}--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return Delivery("POST", headers, (("token", token),), body.encode())


def _read(delivery: Delivery, **chosen: object) -> TouchDraft:
    return _one(jotform, delivery, SourceSettings("jotform", "jotform", chosen), NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@examples(max_examples=150, deadline=None, derandomize=True)
@given(answers=st.dictionaries(st.sampled_from(["q1_name", "q2_email", "q3_", "x_y"]) | st.text(), json_values))
def test_any_answers_are_words_or_a_reason(answers: dict[str, Any]) -> None:
    draft = _read(_jotform(json.dumps(answers)))
    assert draft.key == "58"
    assert draft.problem is not None or draft.words.answers


@examples(max_examples=100, deadline=None, derandomize=True)
@given(raw=st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=100))
def test_any_text_for_answers_is_words_or_a_reason(raw: str) -> None:
    draft = _read(_jotform(raw))
    assert draft.problem is not None or draft.words.answers


def test_pretty_is_never_read() -> None:
    draft = _read(_jotform('{"q1_email":"ada@example.com"}', pretty="E-mail:eve@example.com"))
    assert "eve@example.com" not in draft.model_dump_json()


def test_an_unreadable_submission_is_known_again_whatever_its_boundary() -> None:
    assert _read(_jotform("{", boundary="one")).key == _read(_jotform("{", boundary="two")).key == "58"
    assert _read(_jotform("{", submission="../x")).key.startswith("unreadable:")


@pytest.mark.parametrize("spelled", [TOKEN, quote("tok/en+of good length 012345", safe="")])
def test_the_token_is_kept_nowhere(spelled: str) -> None:
    token = "tok/en+of good length 012345" if spelled != TOKEN else TOKEN
    url = f"https://hooks.example.com/in/jotform?token={spelled}"
    said = json.dumps({"q1_note": f"{token} and {spelled}"})
    kept = jotform.keep(_jotform(said, token=token, webhookURL=url, twice=quote(url, safe="")))
    for spelling in (token, spelled, quote(spelled, safe="")):
        assert spelling.encode() not in kept
    draft = _read(_jotform(said, token=token, webhookURL=url))
    assert draft.words.value("note") == "and"


def test_a_token_that_proves_nothing_takes_nothing_out() -> None:
    delivery = _jotform('{"q1_email":"ada@example.com"}', token="a")
    assert jotform.keep(delivery) == delivery.body


@pytest.mark.parametrize("token", ["\udcff" * 30, "é" * 30, "\x00" * 30])
def test_an_odd_token_is_not_ours_and_breaks_nothing(token: str) -> None:
    delivery = _jotform('{"q1_email":"ada@example.com"}', token=token)
    with pytest.raises(Unauthentic):
        jotform.verify(delivery, SourceSettings("jotform", "jotform"), {"token": (TOKEN,)}, NOW)
    assert _read(delivery).words.value("email") == "ada@example.com"


@pytest.mark.parametrize(("taken", "suspicion"), [("4", "filled_too_fast"), (4, "filled_too_fast"), ("5", None)])
def test_who_fills_too_fast_is_suspected(taken: object, suspicion: str | None) -> None:
    said = json.dumps({"q1_email": "ada@example.com", "timeToSubmit": taken})
    assert _read(_jotform(said), min_fill_seconds=5).suspicion == suspicion
    assert _read(_jotform(said)).suspicion is None


@pytest.mark.parametrize("taken", ["", "soon", "-1", None, {}, "1e9", "٣"])
def test_a_time_that_is_none_suspects_nobody(taken: object) -> None:
    said = json.dumps({"q1_email": "ada@example.com", "timeToSubmit": taken})
    assert _read(_jotform(said), min_fill_seconds=5).suspicion is None
