"""What goes back to a browser or a program: nothing of it is kept anywhere, runs, or loads anything from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Answer = dict[str, Any]
"""As the HTTP API wants it, payload format 2.0."""

CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of what is no page."""

_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


def answer(status: int, body: str, kind: str, *, policy: str = CLOSED, **headers: str) -> Answer:
    """A whole answer; in names of `headers` a dash is written as an underscore."""
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    kinds = {"Content-Type": f"{kind}; charset=utf-8", "Content-Security-Policy": policy}
    return {"statusCode": status, "headers": {**_HEADERS, **kinds, **own}, "body": body}


def as_json(status: int, body: object) -> Answer:
    """For a program."""
    return answer(status, json.dumps(body, ensure_ascii=False), "application/json")


def as_csv(text: str, name: str) -> Answer:
    """For a table calculation; a browser keeps it as a file."""
    return answer(200, text, "text/csv", Content_Disposition=f'attachment; filename="{name}.csv"')


def sent_to(address: str, *cookies: str) -> Answer:
    """Go there, and keep these."""
    moved = answer(303, "", "text/plain", Location=address)
    return {**moved, "cookies": list(cookies)}


def cookie(name: str, value: str, *, until: datetime, now: datetime, secure: bool) -> str:
    """Kept by the browser until then (UTC), shown to no script, and sent along only from here or by a link to here."""
    seconds = max(0, int((until - now).total_seconds()))
    kept = f"{prefixed(name, secure)}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax"
    return f"{kept}; Secure" if secure else kept


def forgotten(name: str, *, secure: bool) -> str:
    """The browser is to forget it."""
    gone = f"{prefixed(name, secure)}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    return f"{gone}; Secure" if secure else gone


def prefixed(name: str, secure: bool) -> str:
    """With this prefix a browser takes it from this very host alone, and over https (RFC 6265bis)."""
    return f"__Host-{name}" if secure else name


def cookies_of(event: Mapping[str, Any]) -> dict[str, str]:
    """What the browser sent along. The HTTP API takes them out of the headers, the emulator leaves them there."""
    lines: Sequence[str] = event.get("cookies") or [event.get("headers", {}).get("cookie", "")]
    found: dict[str, str] = {}
    for pair in ";".join(lines).split(";"):
        name, _, value = pair.strip().partition("=")
        found.setdefault(name, value)
    return found
