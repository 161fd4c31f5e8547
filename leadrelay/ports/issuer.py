"""Who proves who somebody is: an OpenID Connect issuer, by authorization code with PKCE."""

from __future__ import annotations

from typing import Protocol

from leadrelay.domain.reporting.access import Claim
from leadrelay.domain.reporting.seal import Begun


class Issuer(Protocol):
    """Raises Retry when the issuer is away, Misconfigured when it does not take us for its client."""

    def address(self, begun: Begun, redirect_uri: str) -> str:
        """Where a browser signs in; it comes back to `redirect_uri` with a code and the state."""
        ...

    def claim(self, code: str, begun: Begun, redirect_uri: str) -> Claim:
        """Who the code stands for: taken in once, its token verified. Raises Reject for a code that the issuer does not
        take, or a token that is not meant for this sign-in."""
        ...
