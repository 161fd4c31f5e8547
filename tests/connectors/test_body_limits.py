"""What a sender's largest delivery is, what it costs us, and that all of it is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors import registry
from connectors.contact_form_7 import source as contact_form_7
from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES
from connectors.meta import source as meta
from connectors.salesforce import soap
from connectors.salesforce import source as salesforce
from connectors.tiktok import source as tiktok
from leadrelay.ports.source import Delivery, Malformed, SourceSettings
from leadrelay.workflows import ingest

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CAMPAIGN = {"campaign_id": 1790000000000000001, "campaign_name": "Spring, analytics for small teams, second try"}


def tiktok_lead(number: int) -> dict[str, Any]:
    """As large as leads usually are: every id, every name, a dozen questions."""
    questions = [
        {"field": f"Question number {place} as people see it?", "value": "An answer " * 4} for place in range(9)
    ]
    person = [{"field": "email", "value": f"ada{number}@example.com"}, {"field": "name", "value": "Zoë Ångström"}]
    ids = {f"{what}_id": 1790000000000000000 + number for what in ("page", "advertiser", "library", "adgroup", "ad")}
    names = {f"{what}_name": "A name of usual length" for what in ("page", "advertiser", "adgroup", "ad")}
    times = {"create_time": 1772443800, "lead_source": "INSTANT_FORM"}
    return {"id": 7126711421177430000 + number, **ids, **names, **CAMPAIGN, **times, "changes": [*person, *questions]}


def meta_change(number: int) -> dict[str, Any]:
    ids = {
        name: str(17900000000000000 + number) for name in ("leadgen_id", "page_id", "form_id", "ad_id", "adgroup_id")
    }
    return {"field": "leadgen", "value": {**ids, "created_time": 1772443800}}


def test_a_thousand_leads_of_tiktok_are_within_the_limit_and_each_is_read() -> None:
    sent = {"object": 1, "request_id": "x" * 32, "time": 1, "entry": [tiktok_lead(number) for number in range(1000)]}
    body = json.dumps(sent).encode()
    assert ingest.BODY_LIMIT < len(body) < registry.body_limit("tiktok")
    drafts = tiktok.parse(Delivery("POST", {}, (), body), SourceSettings("tiktok", "tiktok"), NOW)
    assert len({draft.key for draft in drafts}) == 1000
    assert not [draft for draft in drafts if draft.problem]


def test_a_thousand_changes_of_meta_are_within_the_limit_and_each_is_read() -> None:
    entries = [{"id": "1", "time": 1772443800, "changes": [meta_change(number)]} for number in range(1000)]
    body = json.dumps({"object": "page", "entry": entries}).encode()
    assert ingest.BODY_LIMIT < len(body) < registry.body_limit("meta")
    drafts = meta.parse(Delivery("POST", {}, (), body), SourceSettings("meta", "meta"), NOW)
    assert len({draft.key for draft in drafts}) == 1000
    assert not [draft for draft in drafts if draft.problem]


def test_a_hundred_notifications_of_salesforce_are_within_the_limit_and_each_is_read() -> None:
    """With long texts and many fields chosen to be sent."""
    fields = "".join(f"<sf:Field{number}__c>{'x' * 60}</sf:Field{number}__c>" for number in range(120))
    rows = "".join(
        f'<Notification><Id>04l{number:012d}</Id><sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.sforce.com">'
        f"<sf:Id>00Q{number:012d}</sf:Id>{fields}<sf:Description>{'ä' * 8000}</sf:Description></sObject></Notification>"
        for number in range(100)
    )
    body = (
        f'<soapenv:Envelope xmlns:soapenv="{soap.ENVELOPE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<soapenv:Body><notifications xmlns="{salesforce.OUTBOUND}"><SessionId>a-session</SessionId>{rows}'
        f"</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()
    assert ingest.BODY_LIMIT < len(body) < registry.body_limit("salesforce") == soap.MAX_BYTES
    drafts = salesforce.parse(Delivery("POST", {}, (), body), SourceSettings("crm", "salesforce"), NOW)
    assert len({draft.key for draft in drafts}) == 100
    assert not [draft for draft in drafts if draft.problem]


def test_no_vendor_may_send_more_than_the_gateway_carries() -> None:
    assert all(registry.body_limit(vendor) <= 4 * 1024 * 1024 for vendor in registry.vendors())
    assert registry.body_limit("google_ads") == registry.body_limit("webform") == ingest.BODY_LIMIT


def test_words_that_one_touch_cannot_hold_are_a_problem_and_not_a_loss() -> None:
    """The delivery is kept whole, and a person sees that it could not be read."""
    said = {f"field_{number}": "x" * VALUE_BYTES for number in range(60)}
    delivery = Delivery("POST", {}, (), json.dumps(said).encode())
    (draft,) = contact_form_7.parse(delivery, SourceSettings("site", "contact_form_7"), NOW)
    assert draft.problem == "unreadable:answers:too_long"
    assert len(said) < MAX_ANSWERS


def test_one_lead_with_too_many_words_does_not_cost_the_others() -> None:
    longer = {**tiktok_lead(1), "changes": [{"field": f"q{place}", "value": "x" * VALUE_BYTES} for place in range(60)]}
    body = json.dumps({"object": 1, "entry": [longer, tiktok_lead(2)]}).encode()
    first, second = tiktok.parse(Delivery("POST", {}, (), body), SourceSettings("tiktok", "tiktok"), NOW)
    assert (first.problem, second.problem) == ("unreadable_lead", None)


@pytest.mark.parametrize("where", ["alone", "in a list"])
def test_an_upload_inside_a_form_is_not_kept(where: str) -> None:
    upload = {"filename": "cv.pdf", "content": "SGVsbG8=" * 100_000}
    said = {"your-email": "ada@example.com", "content": "my words", "cv": upload if where == "alone" else [upload]}
    delivery = Delivery("POST", {}, (), json.dumps(said).encode())
    assert len(delivery.body) < registry.body_limit("contact_form_7")
    kept = contact_form_7.keep(delivery)
    assert len(kept) < 200
    settings = SourceSettings("site", "contact_form_7")
    drafts = contact_form_7.parse(delivery, settings, NOW)
    assert contact_form_7.parse(Delivery("POST", {}, (), kept), settings, NOW) == drafts
    assert drafts[0].words.value("content") == "my words"


def test_a_broken_body_with_an_upload_is_refused_and_not_an_error() -> None:
    with pytest.raises(Malformed):
        contact_form_7.parse(Delivery("POST", {}, (), b'{"filename": "x", "content": '), SourceSettings("s", "v"), NOW)
