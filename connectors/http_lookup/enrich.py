"""Looking a company up with a provider that the rules describe.

The rules name a host, the secret store allows it, and nothing that a lead wrote gets into the question but a domain
that is one. An answer is as untrusted as a lead: its values are tamed one by one, and one that is not what it should be
is left out alone.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import quote

from pydantic import ValidationError

from connectors.http_lookup.options import DOMAIN, Options
from connectors.kit import json_body
from connectors.kit.domains import asked_domain
from connectors.kit.http import Answer, Host, retry_after, trouble
from connectors.kit.text import clean_line
from connectors.kit.wild import LINE, Wild
from leadrelay.ports.enrich import QUICK, AccountFound, Enricher
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.source import Malformed

_NOBODY = frozenset({204, 404})
_UNDER_WAY = 202
_LISTED = 50
"""Items of a list that become one text."""
_NUMBER = 10**12
"""No company has as much of anything."""


class HttpLookUp:
    """One provider. `base_url` is its host or, on this machine, a stand-in for it."""

    def __init__(self, options: Options, credential: str, base_url: str | None = None) -> None:
        said = {options.header: f"{options.prefix}{credential}"} if options.header else {}
        self._options = options
        self._public = base_url is None
        self._host = Host(
            base_url or f"https://{options.host}",
            frozenset({options.host}),
            {"accept": "application/json", **said},
            timeout=QUICK,
        )

    def account(self, domain: str) -> AccountFound | None:
        """See the port. Raises Reject for what is no domain and for an answer that is no company."""
        wanted = asked_domain(domain)
        if self._public:
            _check_public(self._options.host)
        query = {name: value.replace(DOMAIN, wanted) for name, value in self._options.query.items()}
        answer = self._host.get(self._options.path.replace(DOMAIN, quote(wanted, safe="")), query)
        if answer.status in _NOBODY:
            return None
        return AccountFound(domain=wanted, more=self._said(_body(answer)))

    def _said(self, body: Wild) -> dict[str, str]:
        told = ((field, _text(_at(body, steps))) for field, steps in self._options.fields.items())
        return {field: text for field, text in told if text}


def enricher(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Enricher:
    """The provider of `options` (see `Options`). `secret` has the credential under the host's name, `endpoint` is a
    stand-in on this machine. Raises Misconfigured."""
    try:
        chosen = Options.model_validate(options)
    except ValidationError as error:
        faults = ", ".join(".".join(map(str, fault["loc"])) or "options" for fault in error.errors())
        raise Misconfigured(f"http_lookup: check these options in enrichment.yaml: {faults}") from None
    credential = secret.get(chosen.host)
    if credential is None:
        raise Misconfigured(
            f'http_lookup: the secret fetch/http_lookup does not allow {chosen.host}; add "{chosen.host}": "…" to it'
        )
    return HttpLookUp(chosen, credential, endpoint)


def _check_public(host: str) -> None:
    """A public name may be pointed at a private address; our own network is asked by nobody's rules."""
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except OSError:
        raise Retry(30.0, "the host has no address", "outage") from None
    if not all(ipaddress.ip_address(address.partition("%")[0]).is_global for address in found):
        raise Misconfigured(f"http_lookup: {host} leads into a private network; name another host in enrichment.yaml")


def _body(answer: Answer) -> Wild:
    if answer.status == _UNDER_WAY:
        raise Retry(retry_after(answer), "the provider is still looking", "outage")
    if error := trouble(answer):
        raise error
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Reject("not_json", "the provider answers with something else than JSON")
    try:
        return json_body.read(answer.body)
    except Malformed as error:
        raise Reject("not_understood", str(error)) from None


def _at(body: Wild, steps: str) -> Wild:
    """The value at the end of the way, missing where the way ends before."""
    value = body
    for step in steps.split("."):
        value = _step(value, step)
    return value


def _step(value: Wild, step: str) -> Wild:
    if value.is_object:
        return value.get(step)
    try:
        items = value.each() if value.is_list and step.isdigit() and len(step) <= 3 else ()
    except Malformed:
        items = ()
    return items[int(step)] if step.isdigit() and len(step) <= 3 and int(step) < len(items) else Wild(None)


def _text(value: Wild) -> str:
    """One line; a list as its items with commas; "" for what says nothing."""
    if not value.is_list:
        return _one(value)
    try:
        items = value.each()[:_LISTED]
    except Malformed:
        return ""
    return clean_line(", ".join(dict.fromkeys(filter(None, map(_one, items)))), LINE)


def _one(value: Wild) -> str:
    """Numbers are whole and never below nought: the fraction of an employee is nobody."""
    try:
        number = value.number()
    except Malformed:
        return clean_line(value.said(LINE), LINE)
    return str(int(number)) if 0 <= number < _NUMBER else ""
