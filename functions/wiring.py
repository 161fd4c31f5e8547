"""The composition root: the only place where workflows meet their adapters. Everything is made once, when first asked.

A warm function keeps what it made; a cold one makes only what its own workflow needs.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path

from connectors import registry
from connectors.kit.in_time import ContactsInTime, InTime
from leadrelay.aws.appconfig import AppConfigRules
from leadrelay.aws.bundles import Bundles
from leadrelay.aws.bus import EventBus
from leadrelay.aws.clock import SystemClock
from leadrelay.aws.configuration import Configuration, Profile
from leadrelay.aws.mailbox import MailBucket
from leadrelay.aws.secrets import ManagedSecrets
from leadrelay.aws.table.counters import TableCounters
from leadrelay.aws.table.store import TableStore
from leadrelay.aws.telemetry import PowertoolsTelemetry
from leadrelay.aws.warehouse import FirehoseLake
from leadrelay.domain.enrichment.policy import Provider
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch
from leadrelay.ports.attendance import Attendance
from leadrelay.ports.contacts import PromptContacts
from leadrelay.ports.crm import Crm, Meter
from leadrelay.ports.enrich import Enricher, Inquiry
from leadrelay.ports.fetch import Fetch
from leadrelay.ports.notifier import Notifier
from leadrelay.ports.records import RECORDS
from leadrelay.ports.source import Source, SourceSettings
from leadrelay.workflows.act import Act
from leadrelay.workflows.attendance import Attend
from leadrelay.workflows.changes import Changes
from leadrelay.workflows.companies import LookUp
from leadrelay.workflows.deliver.deliver import Deliver
from leadrelay.workflows.dictionary import dictionary
from leadrelay.workflows.fetch import FetchTouch
from leadrelay.workflows.ingest import Ingest
from leadrelay.workflows.lake import KeepFacts
from leadrelay.workflows.links import Links
from leadrelay.workflows.mail import TakeMail
from leadrelay.workflows.notify import Notify
from leadrelay.workflows.poll import Poll
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.publish import Publish
from leadrelay.workflows.route import Route
from leadrelay.workflows.score import Score
from leadrelay.workflows.screen import Screen
from leadrelay.workflows.second_look import SecondLook
from leadrelay.workflows.sla_check import SlaCheck
from leadrelay.workflows.story import Story
from leadrelay.workflows.telling import Voice

_PACKAGED_RULES = Path(__file__).parents[1] / "rules.json"


def _setting(name: str) -> str:
    return os.environ[f"LEADRELAY_{name}"]


@cache
def telemetry() -> PowertoolsTelemetry:
    """Logs and metrics under the function's own name."""
    return PowertoolsTelemetry(os.environ["POWERTOOLS_SERVICE_NAME"])


@cache
def clock() -> SystemClock:
    """The wall clock."""
    return SystemClock()


@cache
def store() -> TableStore:
    """The table."""
    return TableStore(_setting("TABLE"), {record.kind: record for record in RECORDS})


@cache
def rules() -> AppConfigRules:
    """Rules by AppConfig, with the packaged copy to fall back on."""
    profile = Profile(
        _setting("APPCONFIG_APPLICATION"), _setting("APPCONFIG_ENVIRONMENT"), _setting("APPCONFIG_PROFILE")
    )
    poll = os.environ.get("LEADRELAY_RULES_POLL_SECONDS")
    configuration = Configuration(profile, float(poll) if poll else None)
    bundles = Bundles(_setting("RULES_BUCKET"))
    return AppConfigRules(configuration, bundles, Rules.model_validate_json, telemetry(), _PACKAGED_RULES)


@cache
def secrets() -> ManagedSecrets:
    """Secrets Manager, under this deployment's prefix."""
    return ManagedSecrets(f"{_setting('SECRETS_PREFIX')}/")


@cache
def _source(vendor: str) -> Source | None:
    """None for a vendor whose touches a person brings as a file."""
    if "source" not in (roles := registry.roles(vendor)) and "upload" in roles:
        return None
    module: Source = registry.load("source", vendor)  # conformance tests hold every one to it
    return module


def _endpoint(vendor: str) -> str | None:
    """Another address for a vendor, such as its sandbox; None is the vendor's own."""
    address: str | None = json.loads(os.environ.get("LEADRELAY_ENDPOINTS", "{}")).get(vendor)
    return address


def _fetcher(touch: Touch) -> Fetch:
    policy = rules().current().sources.sources.get(touch.source)
    return _reader(touch.source, policy or SourcePolicy(vendor=touch.vendor))


def _reader(_source: str, policy: SourcePolicy) -> Fetch:
    vendor = policy.vendor
    fetcher: Fetch = registry.load("fetch", vendor).fetch(_firsts(f"fetch/{vendor}"), _endpoint(vendor), policy.options)
    return fetcher


def _attendance(vendor: str) -> Attendance:
    placed = rules().current().crm.properties
    role = registry.load("attendance", vendor)
    system: Attendance = role.attendance(_firsts(f"fetch/{vendor}"), _endpoint(vendor), properties=placed)
    return system


def _inquiry(current: Rules, provider: Provider) -> Inquiry | None:
    """Kept, one set for each version of the rules: another version may ask otherwise."""
    kept = _inquiries(current.version)
    if provider.name not in kept:
        kept[provider.name] = _asking(provider)
    return kept[provider.name]


@lru_cache(maxsize=2)
def _inquiries(_version: str) -> dict[str, Inquiry | None]:
    return {}


def _asking(provider: Provider) -> Inquiry | None:
    vendor = provider.vendor
    if "enrich" not in registry.roles(vendor):
        return None
    secret = _firsts(f"fetch/{vendor}") if registry.manifest(vendor).secrets else {}
    enricher: Enricher = registry.load("enrich", vendor).enricher(secret, _endpoint(vendor), provider.options)
    return InTime(enricher)


def _contacts(settings: SourceSettings) -> PromptContacts | None:
    return _looking(settings.vendor, json.dumps(settings.options, sort_keys=True))


@lru_cache(maxsize=4)
def _looking(vendor: str, options: str) -> PromptContacts | None:
    """Kept, so that a CRM that does not answer holds one thread."""
    if "contacts" not in registry.roles(vendor):
        return None
    role = registry.load("contacts", vendor)
    return ContactsInTime(role.contacts(_firsts(f"fetch/{vendor}"), _endpoint(vendor), json.loads(options)))


def _crm(vendor: str, meter: Meter) -> Crm:
    """Rules may place our words in other fields of an account at any time: each placement has a CRM of its own."""
    return _placed(vendor, meter, tuple(sorted(rules().current().crm.properties.items())))


@cache
def _placed(vendor: str, meter: Meter, properties: tuple[tuple[str, str], ...]) -> Crm:
    crm: Crm = registry.load("crm", vendor).crm(
        _firsts(f"crm/{vendor}"), _endpoint(vendor), properties=dict(properties), meter=meter
    )
    return crm


@cache
def _notifier(vendor: str, secret: str) -> Notifier:
    notifier: Notifier = registry.load("notify", vendor).notifier(_firsts(secret))
    return notifier


def _firsts(path: str) -> dict[str, str]:
    """The newest value of each secret: what we send with; older ones only serve to verify what others send."""
    return {name: values[0] for name, values in secrets().get(path).items()}


@cache
def ingest() -> Ingest:
    """The ingest workflow."""
    screen = Screen(TableCounters(_setting("TABLE")), Pseudonyms(secrets()), telemetry())
    return Ingest(store(), rules(), secrets(), _source, clock(), telemetry(), screen, registry.body_limit)


@cache
def mail() -> TakeMail:
    """The mail workflow."""
    addressed = registry.load("source", "email").recipients
    return TakeMail(MailBucket(_setting("MAIL_BUCKET")), rules(), ingest(), addressed, telemetry())


@cache
def changes() -> Changes:
    """The workflow that takes in partners' events."""
    return Changes(ingest(), rules())


@cache
def publish() -> Publish:
    """The publish workflow."""
    return Publish(EventBus(_setting("BUS")), store(), clock(), telemetry())


@cache
def fetch() -> FetchTouch:
    """The fetch workflow."""
    look_up = LookUp(store(), rules(), _inquiry, clock(), telemetry())
    return FetchTouch(store(), _fetcher, look_up, clock(), telemetry())


@cache
def second_look() -> SecondLook:
    """The workflow that asks the CRM before a lead is taken away."""
    return SecondLook(store(), rules(), _contacts, clock(), telemetry())


@cache
def poll() -> Poll:
    """The poll workflow."""
    attend = Attend(store(), rules(), _attendance, clock(), telemetry())
    return Poll(store(), rules(), _reader, attend, clock(), telemetry())


@cache
def score() -> Score:
    """The score workflow."""
    return Score(store(), rules(), Pseudonyms(secrets()), clock(), telemetry())


@cache
def route() -> Route:
    """The route workflow."""
    return Route(store(), rules(), clock(), telemetry())


@cache
def deliver() -> Deliver:
    """The deliver workflow."""
    return Deliver(store(), rules(), _crm, clock(), telemetry())


@cache
def notify() -> Notify:
    """The notify workflow."""
    voice = Voice(_notifier, _links(), dictionary(), telemetry())
    return Notify(store(), rules(), voice, clock(), telemetry())


@cache
def act() -> Act:
    """The workflow behind the links of a notice."""
    return Act(store(), rules(), _links(), clock(), telemetry())


def _links() -> Links:
    """Links of notices, at the address of this deployment's API; whoever only reads links needs none."""
    return Links(secrets(), os.environ.get("LEADRELAY_LINKS_URL", ""))


@cache
def sla_check() -> SlaCheck:
    """The sweep."""
    ahead = timedelta(seconds=int(os.environ.get("LEADRELAY_SWEEP_EVERY_SECONDS", "0")))
    return SlaCheck(store(), rules(), clock(), telemetry(), ahead)


@cache
def lake() -> KeepFacts:
    """The lake's way in."""
    return KeepFacts(FirehoseLake(_setting("LAKE_STREAM")))


@cache
def story() -> Story:
    """One lead's story."""
    return Story(store())
