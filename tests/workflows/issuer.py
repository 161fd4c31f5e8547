"""An OpenID Connect issuer on this machine, as strict as a real one, which can also be made to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT = "leadrelay-dashboard"
REDIRECT = "https://leads.example.com/dashboard/signed-in"


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """A key that is made once: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: Any, name: str | None) -> dict[str, Any]:
    """The public half as a JWK."""
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    told: dict[str, Any] = json.loads(kind.to_jwk(key.public_key()))
    return {**told, "use": "sig"} | ({} if name is None else {"kid": name})


@dataclass
class Issuer:
    """`person` is who signs in; `forge` changes the claims, `sign` makes the token of them, `lies` stand in the
    discovery document instead of the truth. `codes` are good once."""

    base: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"email": "anna@example.com", "email_verified": True})
    keys: dict[str | None, Any] = field(default_factory=lambda: {"one": rsa_key()})
    signs: str | None = "one"
    algorithm: str = "RS256"
    secret: str | None = None
    forge: Callable[[dict[str, Any]], dict[str, Any]] = dict
    sign: Callable[[dict[str, Any]], str] | None = None
    lies: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    def consent(self, address: str) -> str:
        """What the browser does there: the person signs in, and is sent back with a code."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["redirect_uri"] == REDIRECT
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return code

    def __call__(self, request: Request) -> Response:
        self.asked.append(request.path)
        if request.path.endswith("/.well-known/openid-configuration"):
            truth = {
                "issuer": self.base,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "jwks_uri": f"{self.base}/keys",
            }
            return answer({**truth, **self.lies})
        if request.path.endswith("/keys"):
            return answer({"keys": [public(key, name) for name, key in self.keys.items()]})
        return self._token(request) if request.path.endswith("/token") else answer({}, 404)

    def _token(self, request: Request) -> Response:
        form = request.form.to_dict()
        self.forms.append(form)
        if self.secret is not None and not self._knows_secret(request, form):
            return answer({"error": "invalid_client"}, 401)
        begun = self.codes.pop(form.get("code", ""), None)
        if begun is None or not self._is_same(begun, form):
            return answer({"error": "invalid_grant"}, 400)
        return answer({"token_type": "Bearer", "access_token": "x", "id_token": self._signed(begun)})

    def _knows_secret(self, request: Request, form: dict[str, str]) -> bool:
        """In the header it is encoded as in a form (RFC 6749, section 2.3.1)."""
        proof = request.authorization
        return self.secret == (form.get("client_secret") if proof is None else unquote(proof.password or ""))

    def _is_same(self, begun: dict[str, str], form: dict[str, str]) -> bool:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        shown = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return shown == begun["code_challenge"] and form["redirect_uri"] == begun["redirect_uri"]

    def _signed(self, begun: dict[str, str]) -> str:
        now = int(time.time())
        truth = {"iss": self.base, "sub": "4711", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"]}
        claims = self.forge({**truth, **self.person})
        if self.sign is not None:
            return self.sign(claims)
        headers = {} if self.signs is None else {"kid": self.signs}
        return jwt.encode(claims, self.keys[self.signs], self.algorithm, headers)


def answer(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


@contextmanager
def serving() -> Iterator[Issuer]:
    """The issuer at an address of this machine."""
    issuer = Issuer()
    server = make_server("127.0.0.1", 0, Request.application(issuer), threaded=True)
    issuer.base = f"http://127.0.0.1:{server.server_port}/realm"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
