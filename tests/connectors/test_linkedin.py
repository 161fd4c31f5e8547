"""LinkedIn: the handshake that must not sign anything else, and the API as its stand-in speaks it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.kit import signing
from connectors.kit.wild import Wild
from connectors.linkedin import fetch as module
from connectors.linkedin import source
from connectors.linkedin.fetch import LinkedInResponses, fetch
from connectors.linkedin.sandbox import Fault, Sandbox, serve
from leadrelay.domain.touch import Touch, TouchDraft, TouchKind
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from leadrelay.ports.source import Delivery, Malformed, SourceSettings, Unauthentic
from tests.connectors.invariants import check_draft

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SETTINGS = SourceSettings("linkedin", "linkedin")
SECRET = "a-client-secret-of-good-length"
TOKEN = "AQX-example-access-token"
OWNER = "sponsoredAccount:1234567"


def _words(text: str, **more: str) -> dict[str, Any]:
    localized = {"en_US": text, **more}
    return {"localized": localized, "preferredLocale": {"language": "en", "country": "US"}}


def _question(number: int, predefined: str | None, name: str, *options: dict[str, Any]) -> dict[str, Any]:
    details = {"multipleChoiceQuestionDetails": {"options": list(options)}} if options else {"textQuestionDetails": {}}
    found = {"questionId": number, "name": name, "question": _words(f"{name}?"), "questionDetails": details}
    return found if predefined is None else {**found, "predefinedField": predefined}


def _said(number: int, text: str) -> dict[str, Any]:
    return {"questionId": number, "answerDetails": {"textQuestionAnswer": {"answer": text}}}


def _chose(number: int, *options: int) -> dict[str, Any]:
    return {"questionId": number, "answerDetails": {"multipleChoiceAnswer": {"options": list(options)}}}


FORM = {
    "id": 7234246,
    "name": "Book a demo",
    "creationLocale": {"language": "en", "country": "US"},
    "hiddenFields": [{"name": "utm_campaign", "value": "spring"}, {"name": "product", "value": "platform"}],
    "content": {
        "questions": [
            _question(1, "FIRST_NAME", "First name"),
            _question(2, "EMAIL", "Email"),
            _question(3, None, "Team size", {"id": 11, "text": _words("1-49")}, {"id": 12, "text": _words("50-199")}),
            _question(4, None, "Topics", {"text": _words("Price")}, {"text": _words("Security")}),
        ],
        "legalInfo": {"consents": [{"id": 9, "consent": _words("You may write to me.")}]},
    },
}
LEAD: dict[str, Any] = {
    "id": "1a2b3c-4",
    "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:1234567"},
    "leadType": "SPONSORED",
    "submittedAt": int((NOW - timedelta(seconds=10)).timestamp() * 1000),
    "testLead": False,
    "submitter": "urn:li:person:secret-person",
    "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7234246,1)",
    "associatedEntity": {"associatedCreative": "urn:li:sponsoredCreative:241257736"},
    "leadMetadata": {"sponsoredLeadMetadata": {"campaign": "urn:li:sponsoredCampaign:333"}},
    "formResponse": {
        "answers": [_said(1, "Ada"), _said(2, "ada@example.com"), _chose(3, 12), _chose(4, 0, 1), _said(99, "Free")],
        "consentResponses": [{"consentId": 9, "accepted": True}],
    },
    "form": FORM,
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with serve(access_token=TOKEN) as running:
        yield running


def _api(sandbox: Sandbox, now: datetime = NOW, **options: object) -> LinkedInResponses:
    chosen = source.Options.model_validate({"owners": [OWNER], **options})
    return LinkedInResponses(TOKEN, sandbox.url, chosen, lambda: now)


def _touch(fetch_id: str | None = LEAD["id"], kind: TouchKind = "submission") -> Touch:
    return Touch(
        touch_id="linkedin.1",
        kind=kind,
        source="linkedin",
        vendor="linkedin",
        trust="verified",
        received_at=NOW,
        occurred_at=NOW,
        fetch_id=fetch_id,
    )


# --------------------------------------------------------------------------------------------------------- handshake
def _asked(code: str, method: str = "GET") -> Delivery:
    return Delivery(method, {}, (("challengeCode", code),), b"")


def test_the_published_challenge_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "MIN_SECRET_BYTES", 1)
    reply = source.challenge(
        _asked("890e4665-4dfe-4ab1-b689-ed553bceeed0"), SETTINGS, {"client_secret": ("test-secret",)}
    )
    assert reply is not None
    assert (reply.status, reply.content_type) == (200, "application/json")
    assert json.loads(reply.body) == {
        "challengeCode": "890e4665-4dfe-4ab1-b689-ed553bceeed0",
        "challengeResponse": "8bde2af5ee9529546d2098fc83434bb05aff1104dca629a22f301714626e29b0",
    }


UUID = "890e4665-4dfe-4ab1-b689-ed553bceeed0"
NO_UUIDS = [
    "",
    UUID.upper(),
    UUID + "\n",
    " " + UUID,
    UUID[:-1],
    UUID + "0",
    UUID.replace("-", ""),
    UUID.replace("-4ab1-", "-5ab1-"),
    UUID.replace("-b689-", "-7689-"),
    "{" + UUID + "}",
    "urn:uuid:" + UUID,
    UUID.replace("8", "٨", 1),
    "hmacsha256=",
    "hmacsha256=" + UUID,
    'hmacsha256={"type":"LEAD_ACTION","leadGenFormResponse":"urn:li:leadGenFormResponse:1","leadAction":"DELETED"}',
]


@pytest.mark.parametrize("code", NO_UUIDS)
def test_nothing_but_a_uuid_is_ever_signed(code: str) -> None:
    with pytest.raises(Unauthentic, match="challenge_form"):
        source.challenge(_asked(code), SETTINGS, {"client_secret": (SECRET,)})


def test_what_is_posted_is_no_handshake() -> None:
    assert source.challenge(_asked(UUID, "POST"), SETTINGS, {"client_secret": (SECRET,)}) is None


def test_the_handshake_is_answered_with_the_current_secret() -> None:
    reply = source.challenge(_asked(UUID), SETTINGS, {"client_secret": (SECRET, "the-secret-before-of-good-length")})
    assert reply is not None
    assert json.loads(reply.body)["challengeResponse"] == signing.sign(SECRET, UUID.encode()).decode()


# ----------------------------------------------------------------------------------------------------- notifications
def _parse(**said: Any) -> TouchDraft:
    body = {"type": "LEAD_ACTION", "leadGenFormResponse": "urn:li:leadGenFormResponse:r-1", **said}
    (draft,) = source.parse(Delivery("POST", {}, (), json.dumps(body).encode()), SETTINGS, NOW)
    return draft


def test_an_erasure_names_the_touch_it_erases_and_is_not_that_touch() -> None:
    made, deleted = _parse(leadAction="CREATED"), _parse(leadAction="DELETED")
    assert deleted.kind == "erasure"
    assert deleted.fetch_id == made.key
    assert deleted.key != made.key


@pytest.mark.parametrize("written", [1772443790, 1772443790000])
def test_seconds_and_milliseconds_are_told_apart(written: int) -> None:
    at = _parse(leadAction="CREATED", occurredAt=written).occurred_at
    assert at == datetime(2026, 3, 2, 9, 29, 50, tzinfo=UTC)


def test_a_time_of_the_future_is_not_believed() -> None:
    assert _parse(leadAction="CREATED", occurredAt=1772443790000 + 86_400_000).occurred_at is None


# --------------------------------------------------------------------------------------------------------- completion
def test_a_response_is_joined_with_its_form(sandbox: Sandbox) -> None:
    sandbox.world.add([LEAD])
    completed = _api(sandbox).complete(_touch())
    assert [(one.key, one.values, one.label) for one in completed.words.answers] == [
        ("FIRST_NAME", ("Ada",), "First name?"),
        ("EMAIL", ("ada@example.com",), "Email?"),
        ("Team size", ("50-199",), "Team size?"),
        ("Topics", ("Price", "Security"), "Topics?"),
        ("question.99", ("Free",), None),
        ("consent.9", ("true",), "You may write to me."),
        ("hidden.utm_campaign", ("spring",), None),
        ("hidden.product", ("platform",), None),
    ]
    assert completed.origin.model_dump(exclude_none=True) == {
        "form": "7234246",
        "form_name": "Book a demo",
        "campaign": "spring",
        "campaign_id": "333",
        "ad": "241257736",
        "medium": "paid_social",
        "origin_source": "linkedin",
    }
    assert not completed.test
    assert "secret-person" not in completed.words.model_dump_json() + sandbox.world.requests[0]


@pytest.mark.parametrize(("chosen", "said"), [((12,), "50-199"), ((13,), "13"), ((0,), "0")])
def test_an_option_with_an_id_is_known_by_it_alone(sandbox: Sandbox, chosen: tuple[int, ...], said: str) -> None:
    sandbox.world.add([{**LEAD, "formResponse": {"answers": [_chose(3, *chosen)]}}])
    assert _api(sandbox).complete(_touch()).words.value("Team size") == said


def test_words_are_in_the_forms_own_language_else_in_any(sandbox: Sandbox) -> None:
    question = _question(1, None, "Name")
    ours = {**question, "question": _words("Your name", pl_PL="Imię")}
    other = {**question, "question": {"localized": {"pl_PL": "Imię"}, "preferredLocale": {"language": "en"}}}
    for asked, label in ((ours, "Your name"), (other, "Imię"), ({**question, "question": "Plain"}, "Plain")):
        lead = {**LEAD, "form": {"content": {"questions": [asked]}}, "formResponse": {"answers": [_said(1, "Ada")]}}
        sandbox.world.add([lead])
        assert _api(sandbox).complete(_touch()).words.answers[0].label == label


def test_a_test_lead_is_marked(sandbox: Sandbox) -> None:
    sandbox.world.add([{**LEAD, "testLead": True}])
    assert _api(sandbox).complete(_touch()).test


def test_of_an_erasure_nothing_is_asked(sandbox: Sandbox) -> None:
    sandbox.world.add([LEAD])
    assert _api(sandbox).complete(_touch(kind="erasure")).words.answers == ()
    assert sandbox.world.requests == []


@pytest.mark.parametrize("fetch_id", ["gone-1", "../me", "1?q=owner", None, "", "a" * 65, "é"])
def test_what_is_no_response_is_refused_for_good(sandbox: Sandbox, fetch_id: str | None) -> None:
    with pytest.raises(Reject) as caught:
        _api(sandbox).complete(_touch(fetch_id))
    assert caught.value.reason == "unresolvable"


FAULTS: list[tuple[Fault, type[PortError], str]] = [
    (Fault(1, 401), Misconfigured, "access_token"),
    (Fault(1, 403), Misconfigured, "r_marketing_leadgen_automation"),
    (Fault(1, 426), Misconfigured, "version"),
    (Fault(1, 404), Reject, "unresolvable"),
    (Fault(1, 400), Reject, "http_400"),
    (Fault(1, 429, {"retry-after": "120"}), Retry, "try again in 120 s"),
    (Fault(1, 500), Retry, "500"),
    (Fault(1, 503), Retry, "503"),
    (Fault(1, 302, {"location": "http://127.0.0.1:9/"}), Reject, "http_302"),
    (Fault(1, 0), Retry, "no answer"),
    (Fault(1, 200, body="<html>"), Retry, "not understood"),
    (Fault(1, 200, body='{"formResponse":"none"}'), Reject, "unreadable"),
]


@pytest.mark.parametrize(("fault", "error", "says"), FAULTS, ids=lambda one: str(one)[:40])
def test_each_trouble_tells_what_to_do_next(sandbox: Sandbox, fault: Fault, error: type[PortError], says: str) -> None:
    api = _api(sandbox)
    sandbox.world.add([LEAD])
    sandbox.world.fail(fault)
    with pytest.raises(error, match=says) as caught:
        api.complete(_touch())
    assert TOKEN not in str(caught.value)
    assert api.complete(_touch()).words.answers, "after the fault the same call succeeds"


def test_a_retired_version_and_a_stale_token_are_told(sandbox: Sandbox) -> None:
    sandbox.world.add([LEAD])
    with pytest.raises(Misconfigured, match="version"):
        _api(sandbox, version="202411").complete(_touch())
    with pytest.raises(Misconfigured, match="access_token"):
        fetch({"access_token": "stale"}, sandbox.url, {}).complete(_touch())
    assert fetch({"access_token": TOKEN}, sandbox.url, {}).complete(_touch()).words.answers
    assert not [asked for asked in sandbox.world.requests if TOKEN in asked]


WRONG: list[tuple[dict[str, object], str]] = [
    ({"version": "latest"}, "version"),
    ({"history_days": 366}, "history_days"),
    ({"forms": ["1"]}, "forms"),
    ({"owners": ["1234567"]}, "owners"),
    ({"owners": ["organization:1)&q=x"]}, "owners"),
    ({"owners": [OWNER], "lead_types": ["SPONSORED)"]}, "lead_types"),
]


@pytest.mark.parametrize(("options", "named"), WRONG)
def test_a_wrong_option_is_named(options: dict[str, object], named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        fetch({"access_token": TOKEN}, None, options)


def test_a_missing_secret_or_a_foreign_host_is_named() -> None:
    with pytest.raises(Misconfigured, match="access_token"):
        fetch({}, None, {})
    with pytest.raises(Misconfigured, match="endpoint"):
        fetch({"access_token": TOKEN}, "https://api.linkedin.example", {})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@examples(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_response_is_words_or_a_reason(data: st.DataObject) -> None:
    """One value anywhere in a response becomes anything."""
    place = data.draw(st.sampled_from(list(_places(LEAD))))
    changed = json.dumps(_replaced(LEAD, place, data.draw(json_values))).encode()
    row = Wild(json.loads(changed))
    try:
        draft = module._draft(row, NOW)
    except Malformed:
        assert place in {(), ("id",)}
        return
    check_draft(draft, NOW, {})


def _places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    rows: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in rows:
        yield from _places(member, (*path, key))


def _replaced(value: Any, path: tuple[Any, ...], new: object) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy


# ------------------------------------------------------------------------------------------------------------ history
def _made(number: int, ago: timedelta, owner: str = OWNER, kind: str = "SPONSORED") -> dict[str, Any]:
    whose = owner.partition(":")[0]
    at = int((NOW - ago).timestamp() * 1000)
    return {**LEAD, "id": f"r{number}-1", "submittedAt": at, "leadType": kind, "owner": {whose: f"urn:li:{owner}"}}


def _sweep(api: LinkedInResponses, cursor: str | None = None) -> tuple[list[TouchDraft], str]:
    """Calls until a sweep has come to its end."""
    found: list[TouchDraft] = []
    while True:
        drafts, cursor = api.since(cursor)
        found += drafts
        if not json.loads(cursor)["end"]:
            return found, cursor


def test_every_lead_of_every_owner_and_type_is_found_in_pages(sandbox: Sandbox) -> None:
    owners, kinds = [OWNER, "organization:987"], ["SPONSORED", "COMPANY"]
    wanted = [
        _made(number, timedelta(minutes=number + 1), owners[number % 2], kinds[number // 2 % 2])
        for number in range(230)
    ]
    foreign = [_made(5000, timedelta(hours=1), "sponsoredAccount:42"), _made(5001, timedelta(hours=1), kind="EVENT")]
    sandbox.world.add([*wanted, *foreign])
    found, _ = _sweep(_api(sandbox, owners=owners, lead_types=kinds))
    assert {draft.key for draft in found} == {lead["id"] for lead in wanted}
    assert all(draft.fetch_id is None and draft.words.answers and draft.occurred_at for draft in found)


def test_a_call_is_a_few_pages_oldest_first(sandbox: Sandbox) -> None:
    sandbox.world.add([_made(number, timedelta(seconds=number)) for number in range(240)])
    drafts, _ = _api(sandbox).since(None)
    times = [draft.occurred_at for draft in drafts if draft.occurred_at]
    assert times == sorted(times)
    assert len(sandbox.world.requests) == module.PAGES_AT_ONCE
    assert len({draft.key for draft in drafts}) == len(drafts)


def test_the_first_sweep_goes_back_as_far_as_it_is_told(sandbox: Sandbox) -> None:
    sandbox.world.add([_made(1, timedelta(days=29)), _made(2, timedelta(days=31))])
    assert [draft.key for draft in _sweep(_api(sandbox, history_days=30))[0]] == ["r1-1"]


def test_the_next_sweep_reads_on_with_an_overlap(sandbox: Sandbox) -> None:
    sandbox.world.add([_made(1, timedelta(hours=2)), _made(2, timedelta(minutes=5))])
    _, cursor = _sweep(_api(sandbox))
    sandbox.world.add([_made(3, timedelta(minutes=-5)), _made(4, timedelta(minutes=8))])
    found, _ = _sweep(_api(sandbox, now=NOW + timedelta(minutes=20)), cursor)
    assert [draft.key for draft in found] == ["r4-1", "r2-1", "r3-1"], "4 came into the list late, 2 is a repeat"


def test_a_whole_day_is_listed_and_nothing_else(sandbox: Sandbox) -> None:
    owners = [OWNER, "organization:987"]
    inside = [_made(number, timedelta(minutes=number), owners[number % 2]) for number in range(80)]
    day = NOW.replace(hour=0, minute=0)
    before, after = _made(500, NOW - day + timedelta(milliseconds=1)), _made(501, NOW - day - timedelta(days=1))
    sandbox.world.add([*inside, before, after])
    api, found, page = _api(sandbox, owners=owners), set[str](), None
    while True:
        drafts, page = api.between(day, day + timedelta(days=1), page)
        found |= {draft.key for draft in drafts}
        if page is None:
            break
    assert found == {lead["id"] for lead in inside}
    with pytest.raises(Reject):
        api.between(day, day, "x")


def test_a_deletion_between_two_pages_hides_nothing(sandbox: Sandbox) -> None:
    sandbox.world.add([_made(number, timedelta(seconds=number + 1)) for number in range(200)])
    api = _api(sandbox)
    first, cursor = api.since(None)
    for number in range(3):
        sandbox.world.delete(f"r{number}-1")
    rest, _ = _sweep(api, cursor)
    assert {draft.key for draft in [*first, *rest]} == {f"r{number}-1" for number in range(200)}


def test_a_failure_half_way_moves_no_cursor(sandbox: Sandbox) -> None:
    sandbox.world.add([_made(number, timedelta(seconds=number + 1)) for number in range(200)])
    api = _api(sandbox)
    first, cursor = api.since(None)
    for fault in (Fault(1, 429), Fault(1, 200, body='{"elements":[{"id":"../x"}]}'), Fault(1, 200, body="[]")):
        sandbox.world.fail(fault)
        with pytest.raises(Retry):
            api.since(cursor)
    rest, _ = _sweep(api, cursor)
    assert len({draft.key for draft in [*first, *rest]}) == 200


def test_one_unreadable_lead_holds_up_no_other(sandbox: Sandbox) -> None:
    broken = {**_made(2, timedelta(minutes=2)), "formResponse": "none"}
    empty = {**_made(3, timedelta(minutes=3)), "formResponse": {}, "form": {}}
    sandbox.world.add([_made(1, timedelta(minutes=1)), broken, empty])
    found, _ = _sweep(_api(sandbox))
    assert {draft.key: draft.problem for draft in found} == {
        "r1-1": None,
        "r2-1": "unreadable_lead",
        "r3-1": "no_answers",
    }


def test_a_test_lead_of_the_history_is_marked(sandbox: Sandbox) -> None:
    sandbox.world.add([{**_made(1, timedelta(minutes=1)), "testLead": True}, _made(2, timedelta(minutes=2))])
    assert {draft.key: draft.test for draft in _sweep(_api(sandbox))[0]} == {"r1-1": True, "r2-1": False}


def test_the_same_lead_is_the_same_by_webhook_and_by_history(sandbox: Sandbox) -> None:
    sandbox.world.add([_made(7, timedelta(minutes=1))])
    ((listed,), _) = _sweep(_api(sandbox))
    hooked = _parse(leadAction="CREATED", leadGenFormResponse="urn:li:leadGenFormResponse:r7-1")
    completed = _api(sandbox).complete(_touch(hooked.fetch_id))
    assert (hooked.key, completed.words, completed.origin) == (listed.key, listed.words, listed.origin)


@pytest.mark.parametrize("cursor", ["", "soon", "[]", "{}", '{"begin":"x","end":0,"question":0,"start":0}', "[" * 9999])
def test_an_unreadable_cursor_is_told(sandbox: Sandbox, cursor: str) -> None:
    with pytest.raises(Reject, match="cursor"):
        _api(sandbox).since(cursor)


def test_history_without_owners_is_a_mistake_and_fewer_owners_are_none(sandbox: Sandbox) -> None:
    with pytest.raises(Misconfigured, match="owners"):
        _api(sandbox, owners=[]).since(None)
    place = json.dumps({"begin": 1, "end": 2_000_000, "question": 3, "start": 0})
    assert _api(sandbox).since(place)[0] == []


def test_the_world_is_steered_over_http(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc)
    for path, content in (("/__world/leads", LEAD), ("/__world/faults", {"times": 1, "status": 503})):
        connection.request("POST", path, json.dumps(content))
        assert connection.getresponse().read() == b'{"ok": true}'
    with pytest.raises(Retry):
        _api(sandbox).complete(_touch())
    assert _api(sandbox).complete(_touch()).words.answers
    connection.request("GET", "/__world/requests")
    assert len(json.loads(connection.getresponse().read())["requests"]) == 2
    connection.close()
