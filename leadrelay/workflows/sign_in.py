"""Signing in to the dashboard: by the issuer, or by a link that was signed with this deployment's key.

Both end in a session that the browser keeps, signed by us; nothing is stored. While the key is changed, its secret
lists the new value first and the old one after it. A new key without the old one ends every session.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.reporting.access import Claim, Viewer, viewer_of, worth_keeping
from leadrelay.domain.reporting.seal import Begun, Entrance, S, Session, opened, sealed
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Reject
from leadrelay.ports.issuer import Issuer
from leadrelay.ports.rules import Rules
from leadrelay.ports.secrets import Secrets

KEPT_IN = "dashboard"
"""The path of the secret: its `key` signs, `client_secret` is what the issuer gave us, if it did."""

SESSION = timedelta(hours=8)
PATIENCE = timedelta(minutes=10)
"""To sign in."""

HOME = "/dashboard"
MINE = f"{HOME}/me"
"""What a rep begins with."""
RETURN = f"{HOME}/signed-in"
"""Where the issuer sends the browser back to, after the address of the API."""

_PAGE = re.compile(rf"{HOME}(/[A-Za-z0-9_.-]+)*(\?[A-Za-z0-9_.,:%&=+/-]*)?")
_LONGEST = 1_500
"""Characters of an address that a browser keeps for us meanwhile, beside what else a sign-in needs."""
_DOTS = re.compile(r"/\.+(/|\?|$)")
_CODE = re.compile(r"[\x21-\x7e]{1,2048}")


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody was let in: the token of their session, until when (UTC), and the page they wanted."""

    token: str
    until: datetime
    wanted: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """The workflow with its ports. `base` is the address of the HTTP API; `chance` gives a text that nobody can guess,
    another each time. Without an `issuer` only links let anybody in."""

    issuer: Issuer | None
    rules: Rules
    secrets: Secrets
    clock: Clock
    chance: Callable[[], str]
    base: str

    def begin(self, wanted: str) -> tuple[str, str]:
        """The issuer's address, and the token that the browser keeps meanwhile. Raises Reject("sign_in_off") without an
        issuer; Retry, Misconfigured."""
        issuer = self._issuer()
        begun = Begun(
            expires_at=self.clock.now() + PATIENCE,
            state=self.chance(),
            nonce=self.chance(),
            verifier=self.chance(),
            wanted=page(wanted),
        )
        return issuer.address(begun, self.base + RETURN), sealed(begun, self._keys()[0])

    def finish(self, query: Mapping[str, str], token: str) -> Entered:
        """The session of who came back from the issuer with this query, in the browser that began. Raises Reject with
        `sign_in_expired` (begun elsewhere, or too long ago), `sign_in_refused` (by the issuer) or `unknown_person`."""
        begun = self._opened(Begun, token)
        if begun is None or not hmac.compare_digest(query.get("state", "").encode(), begun.state.encode()):
            raise Reject("sign_in_expired", "begin again")
        code = query.get("code", "")
        if "error" in query or not _CODE.fullmatch(code):
            raise Reject("sign_in_refused", "the issuer let nobody in")
        claim = self._issuer().claim(code, begun, self.base + RETURN)
        return self._entered(claim, self.clock.now() + SESSION, begun.wanted)

    def follow(self, link: str) -> Entered:
        """The session that a signed link opens. Raises Reject with `link_expired`, or `unknown_person`."""
        entrance = self._opened(Entrance, link)
        if entrance is None:
            raise Reject("link_expired", "ask for a new one: `leadrelay dashboard`")
        return self._entered(entrance.claim, entrance.expires_at, HOME)

    def viewer(self, token: str) -> Viewer | None:
        """Who has this session, by the rules of now; None for nobody."""
        session = self._opened(Session, token) if token else None
        return None if session is None else viewer_of(session.claim, self.rules.current())

    def _entered(self, claim: Claim, until: datetime, wanted: str) -> Entered:
        rules = self.rules.current()
        viewer = viewer_of(claim, rules)
        if viewer is None:
            raise Reject("unknown_person", "add them to team.yaml, or to the viewers of reports.yaml")
        token = sealed(Session(claim=worth_keeping(claim, rules), expires_at=until), self._keys()[0])
        return Entered(token, until, MINE if viewer.role == "rep" and wanted == HOME else wanted)

    def _issuer(self) -> Issuer:
        if self.issuer is None:
            raise Reject("sign_in_off", "no issuer is set up")
        return self.issuer

    def _keys(self) -> tuple[str, ...]:
        return tuple(self.secrets.get(KEPT_IN)["key"])

    def _opened(self, kind: type[S], token: str) -> S | None:
        """A key that is not known yet may be a new one."""
        now = self.clock.now()
        known = opened(kind, token, self._keys(), now)
        return known or opened(kind, token, self.secrets.refresh(KEPT_IN)["key"], now)


def entrance(claim: Claim, until: datetime, key: str) -> str:
    """The path of a link that lets in who has it, until then (UTC)."""
    return f"{HOME}/enter/{sealed(Entrance(claim=claim, expires_at=until), key)}"


def page(wanted: str) -> str:
    """The page of ours that somebody wanted; the first one for everything else, such as another site's address, or one
    that is too long to be kept."""
    ours = len(wanted) <= _LONGEST and _PAGE.fullmatch(wanted) and not _DOTS.search(wanted)
    return wanted if ours else HOME
