"""The ways in and out of the dashboard: by an issuer, by a signed link; and signing out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from functions import wiring
from functions.report.answers import Answer, answer, cookie, forgotten, sent_to
from functions.report.framing import address, framed, home
from functions.report.site import shown
from functions.report.viewing import BEGUN, SESSION, by_session, is_secure, kept
from leadrelay.ports.errors import Reject
from leadrelay.reports import pages
from leadrelay.workflows.sign_in import HOME, PATIENCE, Entered

_NOT_KNOWN = "unknown_person"


def sign_in(event: dict[str, Any]) -> Answer:
    """To the issuer."""
    sign = wiring.sign_in()
    try:
        there, begun = sign.begin(_query(event).get("wanted", ""))
    except Reject:
        return _refused(event, "sign_in_off")
    now = wiring.clock().now()
    return sent_to(there, cookie(BEGUN, begun, until=now + PATIENCE, now=now, secure=is_secure()))


def signed_in(event: dict[str, Any]) -> Answer:
    """Back from the issuer. What was begun is used up, whatever came of it."""
    try:
        entered = wiring.sign_in().finish(_query(event), kept(event, BEGUN))
    except Reject as refused:
        return _refused(event, refused.reason)
    return _let_in(entered, forgotten(BEGUN, secure=is_secure()))


def follow(event: dict[str, Any]) -> Answer:
    """By a link, which is gone from the address at once."""
    try:
        entered = wiring.sign_in().follow(address(event).partition("/")[2])
    except Reject as refused:
        return _refused(event, refused.reason)
    return _let_in(entered)


def sign_out(event: dict[str, Any]) -> Answer:
    """Only for who is signed in: another site's form brings no session along, and so ends none."""
    if by_session(event) is None:
        return sent_to(home())
    wiring.telemetry().line("signed_out")
    return sent_to(f"{home()}/signed-out", forgotten(SESSION, secure=is_secure()))


def signed_out(event: dict[str, Any]) -> Answer:
    """The page after it: it does not sign in again by itself."""
    return shown(200, pages.message_page("signed_out", framed(event, None), href=_again()))


def style(_event: dict[str, Any]) -> Answer:
    """The style sheet: the same for everybody."""
    return answer(200, pages.style(), "text/css", Cache_Control="public, max-age=300")


def _let_in(entered: Entered, *cookies: str) -> Answer:
    now = wiring.clock().now()
    wiring.telemetry().line("signed_in")
    mine = cookie(SESSION, entered.token, until=entered.until, now=now, secure=is_secure())
    return sent_to(home().removesuffix(HOME) + entered.wanted, mine, *cookies)


def _refused(event: dict[str, Any], reason: str) -> Answer:
    wiring.telemetry().line("sign_in_failed", reason=reason)
    wiring.telemetry().count("SignInFailed", reason=reason)
    again = _again()
    if reason == _NOT_KNOWN:
        return shown(403, pages.message_page("403", framed(event, None), href=again))
    return shown(401, pages.message_page("401" if again else "link", framed(event, None), href=again))


def _again() -> str | None:
    return None if wiring.sign_in().issuer is None else f"{home()}/sign-in"


def _query(event: dict[str, Any]) -> dict[str, str]:
    return dict(parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True))


DOORS: Mapping[str, Callable[[dict[str, Any]], Answer]] = {
    "sign-in": sign_in,
    "signed-in": signed_in,
    "enter": follow,
    "signed-out": signed_out,
    "style.css": style,
}
"""What is open to everybody, by the first part of the address."""
