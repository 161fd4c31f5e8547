"""HubSpot's webhooks: its own signature vector, and that nothing but the last state matters, however they come."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from connectors.hubspot import source
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.fetch import Completed
from leadrelay.ports.source import Delivery, Malformed, SourceSettings, Unauthentic
from tests.connectors.hubspot.hubspot_now import AT, CONTACT, Room, room

URL = "https://leads.example.com/in/hubspot"
APP, SECRET = "5100001", "hubspot-app-secret-example-0123456789"
# HubSpot's own constants, from the tests of its client library.
VECTOR_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
VECTOR_URL, VECTOR_BODY = "https://www.example.com/webhook_uri", b"{'example_field':'example_value'}"
VECTOR = {
    "x-hubspot-signature-v3": "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
    "x-hubspot-request-timestamp": "1693657560000",
}
SIGNED_AT = datetime.fromtimestamp(1693657560, UTC)


def settings_of(url: str = URL, app_id: str = APP) -> SourceSettings:
    return SourceSettings("hubspot", "hubspot", {"url": url, "app_id": app_id})


def verified(
    now: datetime = SIGNED_AT, url: str = VECTOR_URL, method: str = "POST", body: bytes = VECTOR_BODY, **headers: str
) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    delivery = Delivery(method, {**VECTOR, **named}, (), body)
    return source.verify(delivery, settings_of(url), {"app_secret": (VECTOR_SECRET,)}, now)


def test_hubspots_own_vector() -> None:
    assert verified() == "verified"


@pytest.mark.parametrize("seconds", [-300, -1, 0, 300])
def test_five_minutes_either_way(seconds: int) -> None:
    assert verified(SIGNED_AT + timedelta(seconds=seconds)) == "verified"
    with pytest.raises(Unauthentic):
        verified(SIGNED_AT + timedelta(seconds=301 if seconds >= 0 else -301))


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://www.example.com/webhook_uri/"}, {"url": "https://example.com/webhook_uri"}, {"method": "PUT"},
        {"body": VECTOR_BODY + b" "}, {"x_hubspot_request_timestamp": "1693657560001"},
        {"x_hubspot_request_timestamp": "1693657560"}, {"x_hubspot_request_timestamp": ""},
        {"x_hubspot_request_timestamp": "١٦٩٣٦٥٧٥٦٠٠٠٠"}, {"x_hubspot_signature_v3": ""},
    ],
)  # fmt: skip
def test_what_was_not_signed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Unauthentic):
        verified(**change)


def test_the_older_schemes_prove_nothing() -> None:
    plain = hashlib.sha256(VECTOR_SECRET.encode() + VECTOR_BODY).hexdigest()
    delivery = Delivery("POST", {"x-hubspot-signature": plain, "x-hubspot-signature-version": "v1"}, (), VECTOR_BODY)
    with pytest.raises(Unauthentic):
        source.verify(delivery, settings_of(VECTOR_URL), {"app_secret": (VECTOR_SECRET,)}, SIGNED_AT)


@pytest.mark.parametrize(
    "url", ["ftp://x.example/in", "https://x.example", "https://x.example/a%3Ab", "https:///in", "x"]
)
def test_an_address_that_hubspot_could_not_sign_the_same_way_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured, match="url"):
        verified(url=url)


def test_an_account_without_webhooks_takes_none() -> None:
    with pytest.raises(Misconfigured, match="url"):
        verified(url="")


def told(*events: dict[str, Any], app_id: str = APP) -> list[TouchDraft]:
    body = json.dumps(list(events)).encode()
    return list(source.parse(Delivery("POST", {}, (), body), settings_of(app_id=app_id), AT))


def event(kind: str = "contact.propertyChange", number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "eventId": number,
        "subscriptionId": 9,
        "objectId": 101,
        "occurredAt": 1772443000000,
        "subscriptionType": kind,
        **more,
    }


def test_the_attempt_is_no_part_of_the_key_and_everything_else_is() -> None:
    one = told(event(attemptNumber=0))[0].key
    assert told(event(attemptNumber=7))[0].key == one
    others = [
        event(number=2), event(subscriptionId=8), event(objectId=102), event(occurredAt=1772443000001),
        event("contact.creation"),
    ]  # fmt: skip
    keys = {told(other)[0].key for other in others}
    assert len(keys) == len(others)
    assert one not in keys


def test_without_an_app_id_nothing_is_taken_for_our_own() -> None:
    own = event(changeSource="INTEGRATION", sourceId=APP)
    assert told(own) == []
    assert len(told(own, app_id="")) == 1
    assert len(told({**own, "changeSource": "CRM_UI"})) == 1
    assert told({**own, "sourceId": int(APP)}) == []


def test_a_hundred_events_are_taken_and_no_more() -> None:
    assert len(told(*(event(number=number) for number in range(1000)))) == 1000
    (kept,) = told(*(event(number=number) for number in range(1001)))
    assert kept.problem == "unreadable:body:too_many"


@pytest.mark.parametrize(
    "kind", ["company.creation", "ticket.creation", "conversation.newMessage", "contact.seen", "x", "object.creation"]
)
def test_what_concerns_nobody_is_nothing(kind: str) -> None:
    assert told(event(kind)) == []


def test_an_old_time_is_kept_and_one_from_the_future_is_not() -> None:
    later = round(AT.timestamp() * 1000) + 400_000
    assert told(event())[0].occurred_at == datetime.fromtimestamp(1772443000, UTC)
    assert told(event(occurredAt=later))[0].occurred_at is None
    assert told(event(occurredAt=None))[0].occurred_at is None
    assert "out_of_range" in str(told(event(occurredAt=10**18))[0].problem)


def test_a_list_of_something_else_is_malformed() -> None:
    for body in (b"[1]", b"[[]]", b"[null]", b"[]", b"{}"):
        with pytest.raises(Malformed):
            source.parse(Delivery("POST", {}, (), body), settings_of(), AT)


# -- what the sandbox sends


class Listener:
    """Somebody who takes webhooks, and refuses some."""

    def __init__(self, refuse: int = 0) -> None:
        self.taken: list[Delivery] = []
        self.refused = 0
        self._refuse = refuse
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(listener._answer(Delivery("POST", headers, (), body)))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/in/hubspot"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def _answer(self, delivery: Delivery) -> int:
        if self.refused < self._refuse:
            self.refused += 1
            return 503
        self.taken.append(delivery)
        return 200

    def drafts(self, now: Room) -> list[TouchDraft]:
        found: list[TouchDraft] = []
        for delivery in self.taken:
            settings = settings_of(self.url)
            assert source.verify(delivery, settings, {"app_secret": (SECRET,)}, now.world.now()) == "verified"
            found += source.parse(delivery, settings, now.world.now())
        return found


@contextmanager
def listening(now: Room, refuse: int = 0, **manners: Any) -> Iterator[Listener]:
    listener = Listener(refuse)
    chosen = {"url": listener.url, "secret": SECRET, "app_id": APP, "retry_seconds": 0.01, **manners}
    now.sandbox.dialect.configure({"hooks": chosen})
    try:
        yield listener
    finally:
        now.sandbox.dialect.configure({"hooks": {}})
        listener.server.shutdown()
        listener.server.server_close()


def delivered(now: Room) -> None:
    telling = now.sandbox.dialect.telling  # type: ignore[attr-defined]
    assert telling.post.idle(20)


def test_the_sandbox_tells_what_a_person_did_and_signs_it() -> None:
    with room() as now, listening(now) as listener:
        ann = now.enter(CONTACT, email="ann@example.com")
        now.edit(CONTACT, ann.id, hubspot_owner_id="7")
        deal = now.enter("deals", (CONTACT, ann.id), dealname="x", dealstage="closedwon")
        gone = now.enter(CONTACT, email="gone@example.com")
        now.world.by_hand("forget", CONTACT, gone.id)
        delivered(now)
        drafts = listener.drafts(now)
        kinds = {(draft.kind, draft.event, draft.fetch_id) for draft in drafts}
        assert ("crm_change", "created", f"contact:{ann.id}") in kinds
        assert ("crm_change", "edited", f"contact:{ann.id}") in kinds
        assert ("crm_change", "deal", f"deal:{deal.id}") in kinds
        assert ("erasure", None, None) in kinds
        wrong = {"app_secret": ("another-secret-of-good-length-00",)}
        with pytest.raises(Unauthentic):
            source.verify(listener.taken[0], settings_of(listener.url), wrong, now.world.now())


def test_what_a_token_wrote_is_our_own() -> None:
    with room() as now, listening(now) as listener:
        record = now.world.create(CONTACT, {"email": "ann@example.com"})
        now.world.update(CONTACT, record.id, {"phone": "1"})
        delivered(now)
        assert listener.taken
        assert listener.drafts(now) == []


def test_a_listener_that_was_away_is_told_again() -> None:
    with room() as now, listening(now, refuse=3) as listener:
        now.enter(CONTACT, email="ann@example.com")
        delivered(now)
        events = [one for delivery in listener.taken for one in json.loads(delivery.body)]
        assert listener.refused == 3
        assert {one["attemptNumber"] for one in events} != {0}
        assert {one["subscriptionType"] for one in events} == {"contact.creation", "contact.propertyChange"}


def test_newer_apps_are_told_of_objects() -> None:
    with room() as now, listening(now, generic=True) as listener:
        ann = now.enter(CONTACT, email="ann@example.com")
        delivered(now)
        assert {draft.fetch_id for draft in listener.drafts(now)} == {f"contact:{ann.id}"}
        assert b"object.creation" in b"".join(delivery.body for delivery in listener.taken)


@pytest.mark.parametrize("seed", range(6))
def test_webhooks_in_any_order_doubled_and_late_lead_to_the_same_state(seed: int) -> None:
    """Touches are completed in any order and while people still edit: whoever comes last tells how it is."""
    dice = random.Random(seed)
    last: dict[str, object] = {}
    with room() as now, listening(now, shuffled=True, doubled=0.4, batch=3, refuse=2) as listener:
        people = [now.enter(CONTACT, email=f"person{number}@example.com").id for number in range(4)]
        placed = {"dealstage": "qualifiedtobuy", "pipeline": "default"}
        deals = [now.enter("deals", (CONTACT, one), **placed).id for one in people[:2]]
        waiting: list[TouchDraft] = []
        heard = 0
        for _ in range(25):
            now.wait(dice.choice([0, 0.001, 1]))
            _edit(now, dice, people, deals)
            if dice.random() < 0.3:
                delivered(now)
                arrived = listener.drafts(now)
                waiting, heard = waiting + arrived[heard:], len(arrived)
                dice.shuffle(waiting)
                waiting = _complete(now, waiting, dice.randrange(len(waiting) + 1), last)
        delivered(now)
        arrived = listener.drafts(now)
        assert len({draft.key for draft in arrived}) < len(arrived), "some came twice"
        waiting += arrived[heard:]
        dice.shuffle(waiting)
        _complete(now, waiting, len(waiting), last)
        alive = [one.id for one in now.world.all(CONTACT)]
        shown = {_told(found)[0]: _told(found)[1] for found in _now(now, alive, deals)}
        assert len(shown) == len(alive) + len(deals)
        assert {name: last[name] for name in shown} == shown
        merged = {was for found in _now(now, alive, deals) if found.record for was in found.record.was}
        assert merged | set(alive) == set(people)


def _now(now: Room, people: list[str], deals: list[str]) -> list[Completed]:
    names = [*(f"contact:{one}" for one in people), *(f"deal:{one}" for one in deals)]
    return [now.complete(name) for name in names]


def _told(found: Completed) -> tuple[str, object]:
    """What a touch says and about which record; a deal's own part, because whose it is follows its contacts' merges."""
    record = found.record
    assert record is not None
    if record.kind == "deal":
        return f"deal:{record.record_id}", (record.deal, record.reason)
    return f"contact:{record.record_id}", found


def _complete(now: Room, waiting: list[TouchDraft], count: int, last: dict[str, object]) -> list[TouchDraft]:
    """Complete the first so many; the rest waits on."""
    for draft in waiting[:count]:
        if draft.fetch_id:
            name, found = _told(now.complete(draft.fetch_id, draft.event or ""))
            last[name] = found
    return waiting[count:]


def _edit(now: Room, dice: random.Random, people: list[str], deals: list[str]) -> None:
    alive = [one for one in people if now.world.get(CONTACT, one)]
    person, other = dice.choice(alive), dice.choice(people)
    action = dice.choice(["owner", "status", "stage", "deal", "merge"])
    if action == "deal":
        now.edit("deals", dice.choice(deals), dealstage=dice.choice(["closedwon", "closedlost", "contractsent"]))
    elif action == "merge":
        winner, loser = now.world.get(CONTACT, person), now.world.get(CONTACT, other)
        if winner and loser and winner.id != loser.id and dice.random() < 0.3:
            now.world.by_hand("merge", CONTACT, winner.id, links=[(CONTACT, loser.id)])
    else:
        names = {"owner": "hubspot_owner_id", "status": "hs_lead_status", "stage": "lifecyclestage"}
        values = {"owner": ["7", "8"], "status": ["NEW", "CONNECTED"], "stage": ["lead", "opportunity"]}
        now.edit(CONTACT, person, **{names[action]: dice.choice(values[action])})


def test_the_signature_is_hmac_over_method_address_body_and_time() -> None:
    """Said once more in the test's own words, for another address than the sender sees."""
    public = "https://leads.example.com/stage/in/hubspot"
    with room() as now, listening(now, public_url=public) as listener:
        now.enter(CONTACT, email="ann@example.com")
        delivered(now)
        sent = listener.taken[0]
        stamp = sent.header("x-hubspot-request-timestamp")
        message = b"POST" + public.encode() + sent.body + stamp.encode()
        right = base64.b64encode(hmac.digest(SECRET.encode(), message, "sha256")).decode()
        assert sent.header("x-hubspot-signature-v3") == right
        secrets = {"app_secret": (SECRET,)}
        assert source.verify(sent, settings_of(public), secrets, now.world.now()) == "verified"
        with pytest.raises(Unauthentic):
            source.verify(sent, settings_of(listener.url), secrets, now.world.now())


def test_one_event_alone_may_come_without_its_list() -> None:
    bare = json.dumps(event(number=7)).encode()
    listed = json.dumps([event(number=7)]).encode()
    alone, among = (
        source.parse(Delivery("POST", {}, (), body), SourceSettings("hubspot", "hubspot"), AT)
        for body in (bare, listed)
    )
    assert list(alone) == list(among)
    assert len(alone) == 1
