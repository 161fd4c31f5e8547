"""Who asks: a browser by its session, a program by its token, an AWS user by IAM."""

from __future__ import annotations

import os
from typing import Any

from functions import vendors, wiring
from functions.report.answers import cookies_of, prefixed
from leadrelay.domain.reporting.access import Viewer, viewer_of
from leadrelay.domain.reporting.claims import claim_of

SESSION = "leadrelay"
BEGUN = "leadrelay-sign-in"
"""Names of our cookies: who is signed in, and a sign-in under way."""


def by_session(event: dict[str, Any]) -> Viewer | None:
    """Who is signed in."""
    return wiring.sign_in().viewer(kept(event, SESSION))


def by_token(event: dict[str, Any]) -> Viewer | None:
    """Whose request the API let through. With an issuer it has verified a token; without one, an AWS signature, and who
    may call the API with that is trusted with all."""
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims")
    if claims is not None:
        return viewer_of(claim_of(claims, vendors.wording()), wiring.rules().current())
    return None if os.environ.get("LEADRELAY_JWT_ISSUER") else Viewer(role="revops")


def kept(event: dict[str, Any], name: str) -> str:
    """What the browser keeps under this name."""
    return cookies_of(event).get(prefixed(name, is_secure()), "")


def is_secure() -> bool:
    """Whether people come here over https: everywhere but on a machine of one's own."""
    return wiring.sign_in().base.startswith("https:")
