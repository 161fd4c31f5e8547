"""Twilio: calls and messages to the company's own numbers.

Twilio signs the address it was given and the parameters it sends, so the address is an option and no guess. That a call
was completed says only that Twilio took it: whether a person did is told by the outcome of the `<Dial>` that rang their
telephone. What nobody answered is a request to be called; a message too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlencode

from pydantic import field_validator

from connectors.kit import form_body, replies, signing
from connectors.kit.drafts import VALUE_BYTES, answer, believable, options
from connectors.kit.telephone import is_withheld
from connectors.kit.text import clean
from connectors.kit.wild import LINE
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, TouchKind, Trust, Words
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[!-~]*")
_SID = re.compile(r"[A-Z]{2}[0-9A-Za-z]{8,64}")
_NUMBER = re.compile(r"\+[0-9]{5,15}")
_NO_ANSWER = frozenset({"no-answer", "busy", "failed", "canceled"})
_TRIED = frozenset({"completed", "no-answer", "busy"})
_WENT_OUT = frozenset({"sent", "delivered", "read"})
_CHANNELS = frozenset({"sms", "whatsapp"})
"""Messages that come in; what goes out is told without its words."""
_OUR_TELEPHONES = ("client:", "sip:")
_SECRETS = frozenset({"RecordingUrl"})
_PLACE = {"FromCity": "city", "FromState": "region", "FromZip": "postcode", "FromCountry": "country"}
_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

Said = Mapping[str, str]


class Options(Model):
    """What RevOps sets. `url`: the public address exactly as it is typed into Twilio (Twilio signs it).
    `people_call_out`: calls and messages that our own programs ask Twilio to make are a rep's, not a machine's."""

    url: str = ""
    people_call_out: bool = False

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        if url and not _ADDRESS.fullmatch(url):
            raise ValueError("an https address with a path")
        return url


class _Told(NamedTuple):
    """What a request means: `what` is part of the identity, `number` the other side's."""

    kind: TouchKind
    what: str
    number: str
    event: str | None = None


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Twilio-Signature: <base64 of HMAC-SHA1(auth_token, url + each name and value, by name)>`. Twilio writes the
    port into the address or leaves it out, so both are tried. Raises Unauthentic, Malformed, Misconfigured."""
    values = signing.usable(secrets, "auth_token")
    url = options(Options, settings).url
    if not url:
        raise Misconfigured(f"source {settings.name!r} needs its option url, the address as it is typed into Twilio")
    header = delivery.header("x-twilio-signature")
    if not header:
        raise Unauthentic("signature_missing")
    parameters = _signed(delivery.body)
    try:
        signing.check_body(values, url.encode() + parameters, header, "", signing.base64_text, "sha1")
    except Unauthentic:
        signing.check_body(values, _other_port(url).encode() + parameters, header, "", signing.base64_text, "sha1")
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """At most one touch for a request; the steps of a call before its end are none. Raises Malformed when the body is
    no form or says neither call nor message."""
    said = dict(reversed(form_body.urlencoded(delivery.body)))
    sid = said.get("CallSid") or said.get("MessageSid") or said.get("SmsSid") or ""
    if not _SID.fullmatch(sid):
        raise Malformed("form:sid")
    chosen = options(Options, settings)
    told = _call(said, chosen) if said.get("CallSid") else _message(said, chosen)
    return [_draft(sid, said, told, now)] if told and not told.number.startswith(_OUR_TELEPHONES) else []


def keep(delivery: Delivery) -> bytes:
    """Without the address of a recording, which everybody may open who has it. Raises Malformed."""
    pairs = form_body.urlencoded(delivery.body)
    return urlencode([(name, "" if name in _SECRETS else value) for name, value in pairs]).encode()


def acknowledge(outcome: Outcome) -> Reply:
    """TwiML that says nothing: for a call it hangs up, for a message it answers none. Other bodies are read to the
    caller as an error."""
    if outcome != "stored":
        return replies.plain(outcome)
    return Reply(replies.STATUS[outcome], _TWIML, "text/xml; charset=utf-8")


def _signed(body: bytes) -> bytes:
    """Names and values as Twilio puts them together: sorted, a pair that repeats only once, empty ones too."""
    pairs = sorted(set(form_body.urlencoded(body)))
    return "".join(name + value for name, value in pairs).encode("utf-8", "surrogatepass")


def _other_port(url: str) -> str:
    """The address with its port the other way: left out, or named."""
    origin, slash, rest = url.removeprefix("https://").partition("/")
    host, colon, _ = origin.partition(":")
    return f"https://{host if colon else host + ':443'}{slash}{rest}"


def _call(said: Said, chosen: Options) -> _Told | None:
    direction = said.get("Direction", "")
    if direction == "inbound":
        return _called_us(said)
    if direction == "outbound-api" and chosen.people_call_out and said.get("CallStatus") in _TRIED:
        return _Told("activity", "made", said.get("To", ""), "call")
    return None


def _called_us(said: Said) -> _Told | None:
    """By what is known best: whether a person took it, a message on the machine, how it ended."""
    number, status = said.get("From", ""), said.get("CallStatus", "")
    if "DialCallStatus" in said:
        answered = said["DialCallStatus"] in {"completed", "answered"}
        return _Told("activity", "answered", number, "call") if answered else _Told("submission", "missed_call", number)
    if said.get("RecordingSid"):
        return _Told("submission", "voicemail", number)
    if status in _NO_ANSWER:
        return _Told("submission", "missed_call", number)
    return _Told("behaviour", "ended", number, "call_ended") if status == "completed" else None


def _message(said: Said, chosen: Options) -> _Told | None:
    """`SmsStatus` is `received` for what comes in; what goes out tells its status step by step."""
    channel = "whatsapp" if said.get("From", "").startswith("whatsapp:") else "sms"
    status = said.get("MessageStatus") or said.get("SmsStatus", "")
    if status == "received":
        if said.get("OptOutType", "").upper() == "STOP":
            return _Told("behaviour", "stopped", said.get("From", ""), f"{channel}_stopped")
        return _Told("submission", channel, said.get("From", ""))
    if status in _WENT_OUT and chosen.people_call_out:
        return _Told("activity", "made", said.get("To", ""), channel)
    return None


def _draft(sid: str, said: Said, told: _Told, now: datetime) -> TouchDraft:
    """Who withholds their number cannot be called back: kept with that reason."""
    number = told.number.removeprefix("whatsapp:").strip()
    known = bool(_NUMBER.fullmatch(number)) and not is_withheld(number)
    return TouchDraft(
        kind=told.kind,
        key=f"{sid}:{told.what}",
        event=told.event,
        words=Words(answers=tuple(_answers(said, number if known else "", told))),
        origin=Origin(
            form=told.what if told.kind == "submission" else None,
            campaign=None if told.what == "made" else code(_ours(said, told)),
            country=None if told.what == "made" else code(said.get("FromCountry")),
            ad=code(said.get("ReferralSourceId")),
            click_id=code(f"ctwa_clid:{click}" if (click := said.get("ReferralCtwaClid")) else None),
            origin_source="twilio",
        ),
        occurred_at=believable(_time(said.get("Timestamp", "")), now),
        problem=None if known else "number_withheld",
        talk="theirs" if told.what in _CHANNELS else None,
    )


def _answers(said: Said, number: str, told: _Told) -> Iterator[Answer]:
    pairs = [("phone", number), ("our_number", _ours(said, told))]
    if told.what != "made":
        pairs += [(ours, said.get(theirs, "")) for theirs, ours in _PLACE.items()]
        pairs += [("caller_name", said.get("CallerName", "")), ("profile_name", said.get("ProfileName", ""))]
    pairs += [("text", said.get("Body", "")), ("seconds", said.get("DialCallDuration") or said.get("CallDuration", ""))]
    pairs += [("button", said.get("ButtonText", "")), ("ad_headline", said.get("ReferralHeadline", ""))]
    pairs += [("attached", said.get("NumMedia", "").strip("0") and "pictures or files")]
    for name, value in pairs:
        found = answer(name, [clean(value, VALUE_BYTES if name == "text" else LINE)])
        if found:
            yield found


def _ours(said: Said, told: _Told) -> str:
    """The number of ours: who advertises one of their own per campaign knows the campaign by it."""
    return said.get("From" if told.what == "made" else "To", "").removeprefix("whatsapp:")


def _time(written: str) -> datetime | None:
    """As mails write it; callbacks of calls say it, others do not."""
    try:
        at = parsedate_to_datetime(written)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
