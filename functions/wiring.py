"""The composition root: the only place where workflows meet their adapters. Everything is made once, when first asked.

A warm function keeps what it made; a cold one makes only what its own workflow needs.
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache
from secrets import token_urlsafe
from time import monotonic
from typing import TYPE_CHECKING

from connectors import registry
from functions import vendors
from functions.adapters import clock, rules, secrets, setting, store, telemetry
from leadrelay.aws.athena import AthenaWarehouse
from leadrelay.aws.bus import EventBus
from leadrelay.aws.mailbox import MailBucket
from leadrelay.aws.rows import BucketInputs, BucketRows
from leadrelay.aws.table.counters import TableCounters
from leadrelay.aws.warehouse import FirehoseLake
from leadrelay.reports.base.dialect import Dialect, asking
from leadrelay.reports.refresh import Refresh
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
from leadrelay.workflows.my_leads import MyLeads
from leadrelay.workflows.notify import Notify
from leadrelay.workflows.poll import Poll
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.publish import Publish
from leadrelay.workflows.route import Route
from leadrelay.workflows.score import Score
from leadrelay.workflows.screen import Screen
from leadrelay.workflows.second_look import SecondLook
from leadrelay.workflows.shown_lead import Names, ShownLead
from leadrelay.workflows.sign_in import SignIn
from leadrelay.workflows.sla_check import SlaCheck
from leadrelay.workflows.telling import Voice

if TYPE_CHECKING:
    from leadrelay.reports.warm import WarmRows
    from leadrelay.reports.watch import Watch

__all__ = ["clock", "rules", "telemetry"]
"""Handlers count and log where they are wired; pages are read by the rules, at a time."""


@cache
def ingest() -> Ingest:
    """The ingest workflow."""
    screen = Screen(TableCounters(setting("TABLE")), Pseudonyms(secrets()), telemetry())
    return Ingest(store(), rules(), secrets(), vendors.source, clock(), telemetry(), screen, registry.body_limit)


@cache
def mail() -> TakeMail:
    """The mail workflow."""
    addressed = registry.load("source", "email").recipients
    return TakeMail(MailBucket(setting("MAIL_BUCKET")), rules(), ingest(), addressed, telemetry())


@cache
def changes() -> Changes:
    """The workflow that takes in partners' events."""
    return Changes(ingest(), rules())


@cache
def publish() -> Publish:
    """The publish workflow."""
    return Publish(EventBus(setting("BUS")), store(), clock(), telemetry())


@cache
def fetch() -> FetchTouch:
    """The fetch workflow."""
    look_up = LookUp(store(), rules(), vendors.inquiry, clock(), telemetry())
    return FetchTouch(store(), vendors.fetcher, look_up, clock(), telemetry())


@cache
def second_look() -> SecondLook:
    """The workflow that asks the CRM before a lead is taken away."""
    return SecondLook(store(), rules(), vendors.contacts, clock(), telemetry())


@cache
def poll() -> Poll:
    """The poll workflow."""
    attend = Attend(store(), rules(), vendors.attendance, clock(), telemetry())
    return Poll(store(), rules(), vendors.reader, attend, clock(), telemetry())


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
    return Deliver(store(), rules(), vendors.crm, clock(), telemetry())


@cache
def notify() -> Notify:
    """The notify workflow."""
    voice = Voice(vendors.notifier, _links(), dictionary(), telemetry())
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
    return KeepFacts(FirehoseLake(setting("LAKE_STREAM")))


@cache
def refresh() -> Refresh:
    """The workflow that makes the rows of reports."""
    dialect: Dialect = "duckdb" if setting("DIALECT") == "duckdb" else "athena"
    bucket = setting("LAKE_BUCKET")
    warehouse = AthenaWarehouse(bucket, setting("DATABASE"), setting("WORKGROUP"), staged=dialect == "athena")
    return Refresh(warehouse, BucketRows(bucket), asking(dialect), clock(), telemetry())


@cache
def watch() -> Watch:
    """The workflow that looks at the numbers once they are made."""
    from leadrelay.reports.watch import Watch

    bucket = setting("LAKE_BUCKET")
    return Watch(store(), rules(), BucketRows(bucket), BucketInputs(bucket), clock())


@cache
def shown_lead() -> ShownLead:
    """One lead as a viewer may see it."""
    return ShownLead(store(), rules())


@cache
def names() -> Names:
    """The names of leads on a list."""
    return Names(store(), rules())


@cache
def my_leads() -> MyLeads:
    """A rep's leads."""
    return MyLeads(store(), rules())


@cache
def sign_in() -> SignIn:
    """The way in to the dashboard. Without our id at an issuer only links lead there."""
    return SignIn(vendors.issuer(), rules(), secrets(), clock(), lambda: token_urlsafe(32), setting("LINKS_URL"))


@cache
def warm_rows() -> WarmRows:
    """The rows that reports are counted from."""
    from leadrelay.reports.warm import WarmRows

    bucket = setting("LAKE_BUCKET")
    return WarmRows(BucketRows(bucket), BucketInputs(bucket), monotonic)
