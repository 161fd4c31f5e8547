"""How the vendors' folders are reached: each role by the vendor's name, with its secrets and address.

Names come from the rules; what is dear to make is kept as long as the function is warm.
"""

from __future__ import annotations

import json
import os
from functools import cache, lru_cache

from connectors import registry
from connectors.kit.in_time import ContactsInTime, InTime
from connectors.kit.oidc import Client, OidcIssuer
from functions.adapters import rules, secrets
from leadrelay.domain.enrichment.policy import Provider
from leadrelay.domain.reporting.claims import Wording
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch
from leadrelay.ports.attendance import Attendance
from leadrelay.ports.contacts import PromptContacts
from leadrelay.ports.crm import Crm, Meter
from leadrelay.ports.enrich import Enricher, Inquiry
from leadrelay.ports.fetch import Fetch
from leadrelay.ports.issuer import Issuer
from leadrelay.ports.notifier import Notifier
from leadrelay.ports.source import Source, SourceSettings
from leadrelay.workflows.sign_in import KEPT_IN


@cache
def source(vendor: str) -> Source | None:
    """None for a vendor whose touches a person brings as a file."""
    if "source" not in (roles := registry.roles(vendor)) and "upload" in roles:
        return None
    module: Source = registry.load("source", vendor)  # conformance tests hold every one to it
    return module


def _endpoint(vendor: str) -> str | None:
    """Another address for a vendor, such as its sandbox; None is the vendor's own."""
    address: str | None = json.loads(os.environ.get("LEADRELAY_ENDPOINTS", "{}")).get(vendor)
    return address


def fetcher(touch: Touch) -> Fetch:
    """The read API of the source that a touch came from."""
    policy = rules().current().sources.sources.get(touch.source)
    return reader(touch.source, policy or SourcePolicy(vendor=touch.vendor))


def reader(_source: str, policy: SourcePolicy) -> Fetch:
    """The read API of a source."""
    vendor = policy.vendor
    fetcher: Fetch = registry.load("fetch", vendor).fetch(firsts(f"fetch/{vendor}"), _endpoint(vendor), policy.options)
    return fetcher


def attendance(vendor: str) -> Attendance:
    """Who is at work, as this vendor knows it. Raises Misconfigured."""
    placed = rules().current().crm.properties
    role = registry.load("attendance", vendor)
    system: Attendance = role.attendance(firsts(f"fetch/{vendor}"), _endpoint(vendor), properties=placed)
    return system


def wording() -> Wording:
    """How the issuer says who somebody is."""
    trusted = os.environ.get("LEADRELAY_OIDC_TRUST_EMAIL") == "true"
    return Wording(groups=os.environ.get("LEADRELAY_OIDC_GROUPS_CLAIM") or "groups", trust_email=trusted)


def issuer() -> Issuer | None:
    """Whom people sign in with; None where nobody is set up."""
    name, ours = os.environ.get("LEADRELAY_JWT_ISSUER", ""), os.environ.get("LEADRELAY_OIDC_CLIENT_ID", "")
    if not name or not ours:
        return None
    scopes = os.environ.get("LEADRELAY_OIDC_SCOPES") or "openid email"
    return OidcIssuer(Client(name, ours, lambda: firsts(KEPT_IN).get("client_secret"), scopes, wording()))


def inquiry(current: Rules, provider: Provider) -> Inquiry | None:
    """Kept, one set for each version of the rules: another version may ask otherwise."""
    kept = inquiries(current.version)
    if provider.name not in kept:
        kept[provider.name] = _asking(provider)
    return kept[provider.name]


@lru_cache(maxsize=2)
def inquiries(_version: str) -> dict[str, Inquiry | None]:
    """By provider."""
    return {}


def _asking(provider: Provider) -> Inquiry | None:
    vendor = provider.vendor
    if "enrich" not in registry.roles(vendor):
        return None
    secret = firsts(f"fetch/{vendor}") if registry.manifest(vendor).secrets else {}
    enricher: Enricher = registry.load("enrich", vendor).enricher(secret, _endpoint(vendor), provider.options)
    return InTime(enricher)


def contacts(settings: SourceSettings) -> PromptContacts | None:
    """Where the contacts of reps can be read, None where they cannot."""
    return looking(settings.vendor, json.dumps(settings.options, sort_keys=True))


@lru_cache(maxsize=4)
def looking(vendor: str, options: str) -> PromptContacts | None:
    """Kept, so that a CRM that does not answer holds one thread."""
    if "contacts" not in registry.roles(vendor):
        return None
    role = registry.load("contacts", vendor)
    return ContactsInTime(role.contacts(firsts(f"fetch/{vendor}"), _endpoint(vendor), json.loads(options)))


def crm(vendor: str, meter: Meter) -> Crm:
    """Rules may place our words in other fields of an account at any time: each placement has a CRM of its own."""
    return _placed(vendor, meter, tuple(sorted(rules().current().crm.properties.items())))


@cache
def _placed(vendor: str, meter: Meter, properties: tuple[tuple[str, str], ...]) -> Crm:
    crm: Crm = registry.load("crm", vendor).crm(
        firsts(f"crm/{vendor}"), _endpoint(vendor), properties=dict(properties), meter=meter
    )
    return crm


@cache
def notifier(vendor: str, secret: str) -> Notifier:
    """A channel."""
    notifier: Notifier = registry.load("notify", vendor).notifier(firsts(secret))
    return notifier


def firsts(path: str) -> dict[str, str]:
    """The newest value of each secret: what we send with; older ones only serve to verify what others send."""
    return {name: values[0] for name, values in secrets().get(path).items()}
