"""The company's own rules, as the local cloud plays them: nobody sleeps, and one campaign's leads are out of time soon.

Only data changes, through the same models that RevOps' files become; the product knows no fast mode.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from leadrelay.domain.clocks.calendar_spec import WEEKDAYS, CalendarSpec
from leadrelay.domain.clocks.policy import CalendarsPolicy, ContactPolicy, SlaPolicy
from leadrelay.domain.rules import RuleFiles, Rules
from leadrelay.domain.sources.policy import SourcePolicy, SourcesPolicy
from leadrelay.local.tools import PROJECT
from leadrelay.rulebook.compile import compile_rules

RULES = PROJECT / "infra" / "rules"
IMPATIENT = "impatient"
"""The campaign whose leads must be called within seconds."""

ORIGIN = "https://www.vendor.example"
ALWAYS = CalendarSpec(tz="UTC", week=dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)))


POLL_SECONDS, COALESCE_SECONDS = 2, 3


def local_rules(today: date, seconds: int, crm: str = "hubspot", folder: Path = RULES) -> Rules:
    """The rules of `folder`, awake day and night, with this CRM, which is asked for news all the time; an impatient
    lead's first contact is due in so many seconds.

    Every source is switched on, and the web form is reachable in its other two modes as well: `landing` straight from a
    page, `partner` with a key. Nothing is limited: everybody here has one network address, and the cast is small.
    Raises RulesInvalid when the folder's own rules are.
    """
    rules = compile_rules(folder, today).rules
    changed = {
        "calendars": _awake(rules.calendars),
        "sla": _impatient(rules.sla, seconds),
        "sources": _heard(_more_doors(rules.sources), rules.crm.vendor, crm),
        "crm": rules.crm.with_(vendor=crm, coalesce_seconds=COALESCE_SECONDS),
    }
    files = {name: getattr(rules, name) for name in RuleFiles.model_fields}
    return Rules.of(RuleFiles.model_validate({**files, **changed}))


def _awake(calendars: CalendarsPolicy) -> CalendarsPolicy:
    return CalendarsPolicy(calendars=dict.fromkeys(calendars.calendars, ALWAYS))


def _impatient(sla: SlaPolicy, seconds: int) -> SlaPolicy:
    condition = f'touch.campaign == "{IMPATIENT}"'
    at_once = ContactPolicy.model_validate({"id": IMPATIENT, "if": condition, "seconds": seconds})
    return sla.with_(first_contact=(at_once, *sla.first_contact))


def _heard(sources: SourcesPolicy, usual: str, crm: str) -> SourcesPolicy:
    """What people do in the CRM is heard within seconds."""
    others = {name: policy for name, policy in sources.sources.items() if policy.vendor != usual}
    heard = SourcePolicy(vendor=crm, channel="crm", poll_seconds=POLL_SECONDS)
    return sources.with_(sources={**others, crm: heard})


def _more_doors(sources: SourcesPolicy) -> SourcesPolicy:
    website = next(policy for policy in sources.sources.values() if policy.vendor == "webform")
    landing = website.with_(options={"mode": "browser", "origins": [ORIGIN]})
    partner = website.with_(options={"mode": "key"})
    every = {name: policy.with_(enabled=True) for name, policy in sources.sources.items()}
    unlimited = sources.spam.with_(per_address=None, events_per_address=None, per_identity=None)
    return sources.with_(sources={**every, "landing": landing, "partner": partner}, spam=unlimited)
