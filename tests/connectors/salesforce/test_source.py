"""Outbound messages: what XML lets an attacker do is refused, no session id is kept, and only one answer is yes."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.salesforce import soap, source
from connectors.salesforce.ids import PREFIXES, long_id
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Malformed, Outcome, SourceSettings, Unauthentic

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TOKEN = "token-example-0123456789abcdef-one"
SECRETS = {"token": (TOKEN,)}
ORG = "00D5e00000000AaEAI"
SETTINGS = SourceSettings("salesforce", "salesforce", {"organization_id": ORG})
SESSION = "00Dexample!AQcAQExampleSession.Token"
LEAD = "00Q5e0000000001EAA"
NOTIFICATION = "04l5e0000000001AAA"
OUTCOMES: list[Outcome] = [
    "stored",
    "unauthentic",
    "malformed",
    "too_large",
    "unsupported_encoding",
    "unavailable",
]


def note(record: str = LEAD, number: str = NOTIFICATION, kind: str = "Lead", inside: str = "") -> str:
    fields = f"<sf:Id>{record}</sf:Id>{inside}"
    about = f'<sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.example">{fields}</sObject>'
    return f"<Notification><Id>{number}</Id>{about}</Notification>"


def message(*notes: str, org: str = ORG, session: str = SESSION, head: str = "") -> bytes:
    return (
        f'{head}<e:Envelope xmlns:e="{soap.ENVELOPE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>'
        f'<notifications xmlns="{source.OUTBOUND}"><OrganizationId>{org}</OrganizationId>'
        f"<SessionId>{session}</SessionId>{''.join(notes)}</notifications></e:Body></e:Envelope>"
    ).encode()


def sent(body: bytes, token: str = TOKEN) -> Delivery:
    return Delivery("POST", {"content-type": "text/xml; charset=utf-8"}, (("token", token),), body)


def drafts(body: bytes) -> list[TouchDraft]:
    return list(source.parse(sent(body), SETTINGS, NOW))


def verify(body: bytes, token: str = TOKEN) -> str:
    return source.verify(sent(body, token), SETTINGS, SECRETS, NOW)


BOMB = "<!DOCTYPE a [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
DEEP = 20_000
HOSTILE: dict[str, bytes] = {
    "billion_laughs": message(note("&a11;"), head=BOMB + "]>"),
    "unused_entities": message(note(), head=BOMB + "]>"),
    "quadratic": message(note("&a;" * 5000), head=f"<!DOCTYPE a [<!ENTITY a '{'a' * 20_000}'>]>"),
    "file": message(note("&a;"), head="<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"),
    "network": message(note("&a;"), head="<!DOCTYPE a [<!ENTITY a SYSTEM 'http://internal.example/'>]>"),
    "parameter_entity": message(note(), head="<!DOCTYPE a [<!ENTITY % a SYSTEM 'http://internal.example/'> %a;]>"),
    "external_subset": message(note(), head="<!DOCTYPE a PUBLIC 'x' 'http://internal.example/x.dtd'>"),
    "empty_doctype": message(note(), head="<!DOCTYPE a>"),
    "default_attributes": message(note(), head="<!DOCTYPE a [<!ATTLIST sObject xsi:type CDATA 'sf:Lead'>]>"),
    "unknown_entity": message(note("&a;")),
    "instruction": message(note(), head="<?xml-stylesheet href='http://internal.example/'?>"),
    "instruction_inside": message(note("<?php echo 1 ?>")),
    "deep": b"<a>" * DEEP + b"</a>" * DEEP,
    "deep_inside": message(note(inside="<b>" * 20 + "</b>" * 20)),
    "many_elements": message(note(inside="<b/>" * (soap.MAX_ELEMENTS + 1))),
    "huge": message(note(inside=f"<b>{'x' * soap.MAX_BYTES}</b>")),
    "utf_16": message(note()).decode().encode("utf-16"),
    "utf_16_declared": message(note(), head='<?xml version="1.0" encoding="UTF-16"?>').decode().encode("utf-16"),
    "utf_16_le": message(note()).decode().encode("utf-16-le"),
    "utf_16_be": message(note()).decode().encode("utf-16-be"),
    "utf_7": b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a/>',
    "latin_1": message(note(inside="<b>é</b>")).decode().encode("latin-1"),
    "nul": message(note(inside="<b>\x00</b>")),
    "control": message(note(inside="<b>&#1;</b>")),
    "surrogate": message(note(inside="<b>&#xD800;</b>")),
    "two_documents": message(note()) * 2,
    "something_after": message(note()) + b"x",
    "unbound_prefix": message(note()).replace(b'xmlns:sf="urn:sobject.example"', b""),
    "attribute_twice": message(note()).replace(b'xsi:type="sf:Lead"', b'xsi:type="sf:Lead" xsi:type="sf:Task"'),
    "two_bodies": message(note()).replace(b"<e:Body>", b"<e:Body/><e:Body>"),
    "two_in_the_body": message(note()).replace(b"</notifications>", b"</notifications><notifications/>"),
    "another_envelope": message(note()).replace(soap.ENVELOPE.encode(), b"http://www.w3.org/2003/05/soap-envelope"),
    "empty": b"",
    "blank": b"   ",
    "text": b"hello",
    "json": b'{"OrganizationId": "00D"}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        verify(HOSTILE[name])
    assert len(str(caught.value)) < 40, "an error says a code, never payload"
    with pytest.raises(Malformed):
        drafts(HOSTILE[name])


def test_entities_are_refused_before_any_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The declaration of the document type is enough: nothing behind it is looked at."""
    seen: list[str] = []
    genuine = soap._Reader._characters

    def counting(reader: soap._Reader, text: str) -> None:
        seen.append(text)
        genuine(reader, text)

    monkeypatch.setattr(soap._Reader, "_characters", counting)
    for name in ("billion_laughs", "quadratic", "file", "network"):
        with pytest.raises(Malformed, match="xml:doctype"):
            soap.read(HOSTILE[name])
    assert seen == []


@pytest.mark.parametrize("name", HOSTILE)
def test_without_the_token_nothing_is_parsed(name: str) -> None:
    with pytest.raises(Unauthentic, match="token_wrong"):
        verify(HOSTILE[name], "token-example-0123456789abcdef-two")


def test_the_organisation_alone_proves_nothing() -> None:
    for token in ("", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), ORG):
        with pytest.raises(Unauthentic):
            verify(message(note()), token)


@pytest.mark.parametrize("org", ["", "00D", "00D5e00000000BbEAI", ORG[:-1], LEAD, f"{ORG} {ORG}", ORG.lower()])
def test_the_token_alone_proves_nothing(org: str) -> None:
    with pytest.raises(Unauthentic, match="organization_wrong"):
        verify(message(note(), org=org))


def test_an_organisation_inside_a_notification_proves_nothing() -> None:
    other = "00D5e00000000BbEAI"
    hidden = message(note(inside=f"<OrganizationId>{ORG}</OrganizationId>"), org=other)
    with pytest.raises(Unauthentic):
        verify(hidden)


def test_the_organisation_is_known_in_either_length() -> None:
    assert verify(message(org=ORG)) == verify(message(org=ORG[:15])) == "verified"
    short = SourceSettings("salesforce", "salesforce", {"organization_id": ORG[:15]})
    assert source.verify(sent(message(org=ORG)), short, SECRETS, NOW) == "verified"


@pytest.mark.parametrize("options", [{}, {"organization_id": ""}])
def test_a_source_without_organisation_takes_nothing(options: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match="organization_id"):
        source.verify(sent(message(note())), SourceSettings("salesforce", "salesforce", options), SECRETS, NOW)


@pytest.mark.parametrize("wrong", [{"organization_id": LEAD}, {"machine_users": ["me"]}, {"default_currency": "euro"}])
def test_wrong_options_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match=next(iter(wrong))):
        source.verify(sent(message(note())), SourceSettings("salesforce", "salesforce", wrong), SECRETS, NOW)


SESSIONS = {
    "plain": message(note()),
    "in_lower_case": message(note()).replace(b"SessionId>", b"sessionid>"),
    "prefixed": message(note(inside=f"<sf:SessionId>{SESSION}</sf:SessionId>")),
    "with_blanks": message(note()).replace(b"</SessionId>", b"</SessionId\n>").replace(b"<SessionId>", b"<SessionId >"),
    "as_characters": message(note(), session=f"<![CDATA[{SESSION}]]>"),
    "with_children": message(note(), session=f"<a><SessionId>{SESSION}</SessionId></a>{SESSION}"),
    "with_umlauts_before": message(note()).replace(b"<SessionId>", "<Name>Jürgen ✓</Name><SessionId>".encode()),
    "after_a_mark": b"\xef\xbb\xbf" + message(note()),
    "twice": message(note()).replace(b"<SessionId>", f"<SessionId>{SESSION}</SessionId><SessionId>".encode()),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_the_session_id_is_never_kept(name: str) -> None:
    body = SESSIONS[name]
    assert SESSION.encode() in body
    kept = source.keep(sent(body))
    assert SESSION.encode() not in kept
    assert source.keep(sent(kept)) == kept
    assert drafts(kept) == drafts(body)
    assert [draft.fetch_id for draft in drafts(kept)] == [f"Lead:{LEAD}"]


@pytest.mark.parametrize("empty", ["<SessionId/>", '<SessionId a="1>2"/>', '<SessionId xsi:nil="true" />'])
def test_an_empty_session_id_costs_nothing_else(empty: str) -> None:
    body = message(note()).replace(f"<SessionId>{SESSION}</SessionId>".encode(), empty.encode())
    assert [draft.fetch_id for draft in drafts(source.keep(sent(body)))] == [f"Lead:{LEAD}"]


def test_what_cannot_be_read_is_known_again_without_its_session_id() -> None:
    body = message(note(record="00Q", inside=f"<SessionId>{SESSION}</SessionId>"))
    [found] = drafts(body)
    assert found.problem == "unreadable:soap:Id:not_an_id"
    assert drafts(source.keep(sent(body))) == [found]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_only_a_stored_message_is_acknowledged(outcome: Outcome) -> None:
    """Read by another parser: exactly one Ack, in its place and namespace."""
    reply = source.acknowledge(outcome)
    assert reply.content_type.startswith("text/xml")
    root = ElementTree.fromstring(reply.body.encode())
    place = f"{{{soap.ENVELOPE}}}Body/{{{source.OUTBOUND}}}notificationsResponse/{{{source.OUTBOUND}}}Ack"
    assert root.tag == f"{{{soap.ENVELOPE}}}Envelope"
    assert [ack.text for ack in root.findall(place)] == ["true" if outcome == "stored" else "false"]
    assert (reply.status == 200) == (outcome == "stored")


def test_a_hundred_notifications_are_a_hundred_touches_and_one_more_is_refused() -> None:
    found = drafts(message(*(note(number=_id("Notification", place)) for place in range(100))))
    assert len({draft.key for draft in found}) == len(found) == 100
    with pytest.raises(Malformed, match="too_many"):
        drafts(message(*(note(number=_id("Notification", place)) for place in range(101))))


@examples(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([*PREFIXES, "Custom__c", ""])), max_size=12))
def test_no_notification_is_lost(batch: list[tuple[int, str]]) -> None:
    """Each notification about a record we follow comes out once, whatever stands around it."""
    notes = [note(_id(kind, place), _id("Notification", place), kind) for place, kind in batch]
    followed = {"Lead", "Contact", "Opportunity", "Task"}
    expected = {_id("Notification", place) for place, kind in batch if kind in followed}
    assert {draft.key for draft in drafts(message(*notes))} == expected


@examples(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_a_damaged_message_is_refused_or_read(data: st.DataObject) -> None:
    body = bytearray(message(note(inside="<sf:LastModifiedDate>2026-03-02T09:29:50.000Z</sf:LastModifiedDate>")))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
        body = body or bytearray(b"x")
    try:
        found = drafts(bytes(body))
        kept = source.keep(sent(bytes(body)))
    except Malformed:
        return
    assert all(draft.fetch_id or draft.problem for draft in found)
    assert drafts(kept) == found


def test_ids_are_checked_and_brought_to_one_length() -> None:
    assert long_id(LEAD, "Lead") == long_id(LEAD[:15], "Lead") == long_id(LEAD[:15] + LEAD[15:].lower(), "Lead") == LEAD
    for wrong in (LEAD.lower(), LEAD[:16], LEAD[:17] + "B", f"{LEAD} ", f"{LEAD}\n", "../../query", "٠" * 15, ""):
        assert long_id(wrong, "Lead") is None
    assert long_id(LEAD, "Contact") is None


def _id(kind: str, number: int) -> str:
    found = long_id(f"{PREFIXES.get(kind, 'a00')}5e0{number:0>9}", kind) if kind in PREFIXES else None
    return found or f"a005e0{number:0>9}"
