"""The rules of the simulated worlds: those that ship, with few field names and every notice told; three variants."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from leadrelay.domain.clocks.policy import (
    AcceptancePolicy,
    AttemptsPolicy,
    DispositionPolicy,
    FollowUpPolicy,
    LeadClockPolicy,
    Level,
    SilentPolicy,
    SlaPolicy,
    StageTimePolicy,
)
from leadrelay.domain.notices.policy import Channel, NoticeRule, NoticesPolicy
from leadrelay.domain.nurture.policy import NurturePolicy
from leadrelay.domain.routing.team import Backlog, TeamPolicy
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.rulebook.compile import compile_rules

_TOLD = (
    "assigned", "new_request", "warn", "breach", "unassigned", "unassignable", "next_step", "score_alert", "waiting",
    "offered", "escalation", "lead_late", "acceptance_late", "attempts_late", "follow_up_late", "disposition_late",
    "stage_late",
)  # fmt: skip
LISTED = "typeform"
"""The source whose list is read for what its deliveries did not bring."""

_KNOWN = ("lead.email", "lead.phone", "lead.first_name", "lead.last_name", "lead.full_name", "lead.job_title")
_RULES = Path(__file__).parents[2] / "infra" / "rules"


@cache
def unheard() -> tuple[Rules, ...]:
    """The same, for companies that ask their CRM for nothing: what is done there stays there."""
    return tuple(_without_polls(rules) for rules in versions())


def _without_polls(rules: Rules) -> Rules:
    sources = {name: policy.with_(poll_seconds=None) for name, policy in rules.sources.sources.items()}
    return Rules.of(rules.with_(sources=rules.sources.with_(sources=sources)))


@cache
def versions() -> tuple[Rules, ...]:
    """The present version, and three that may be deployed over it: sooner clocks and two channels, other routes with a
    rep away and a pool whose leads are claimed, and a CRM card without notes."""
    base = _base()
    sooner = base.with_(
        sla=base.sla.with_(
            first_contact=tuple(each.with_(minutes=3) for each in base.sla.first_contact),
            silent=SilentPolicy(breaches=1, within_hours=2, away_minutes=15),
        ),
        notices=_notices(("sales", "managers")),
    )
    reps = tuple(rep.with_(active=rep.id != "anna") for rep in base.team.reps)
    routes = tuple(rule.with_(pool="ae") if rule.id == "hot" else rule for rule in base.routing.rules)
    pools = tuple(pool.with_(strategy="claim") if pool.id == "ae" else pool for pool in base.team.pools)
    other = base.with_(
        team=base.team.with_(reps=reps, pools=pools), routing=base.routing.with_(rules=routes, best_previous=True)
    )
    quiet = base.with_(crm=base.crm.with_(notes=False), notices=NoticesPolicy())
    return (base, Rules.of(sooner), Rules.of(other), Rules.of(quiet))


def _base() -> Rules:
    rules = compile_rules(_RULES, date(2026, 11, 22)).rules
    fields = {
        name: field.with_(says=field.says[:2])
        for name, field in rules.fields.fields.items()
        if name in _KNOWN or name.startswith("account.") or name == "lead.product" or name == "lead.budget_authority"
    }
    missing = {name: field.with_(says=()) for name, field in rules.fields.fields.items() if name not in fields}
    listed = rules.sources.sources[LISTED].with_(shadow=True, poll_seconds=60, gap_after_minutes=1)
    sources = {**rules.sources.sources, LISTED: listed, "desk": SourcePolicy(vendor="desk", channel="sales")}
    return Rules.of(
        rules.with_(
            fields=rules.fields.with_(fields={**fields, **missing}),
            sources=rules.sources.with_(sources=sources),
            stages=rules.stages.with_(nurture=_nurture(rules.stages.nurture)),
            crm=rules.crm.with_(budget=rules.crm.budget.with_(calls=20, seconds=10)),
            notices=_notices(("sales",)),
            sla=_sla(rules.sla),
            team=_team(rules.team),
        )
    )


def _sla(policy: SlaPolicy) -> SlaPolicy:
    """Every kind of clock, each with a point before and one after its deadline, and so short that histories see them
    run out."""
    points = (Level(id="half", at=0.5, level=0), Level(id="twice", at=2, level=2))
    contact = tuple(each.with_(levels=points) for each in policy.first_contact)
    always: dict[str, Any] = {"id": "always", "if": "True", "levels": points}
    return policy.with_(
        first_contact=contact,
        pause_statuses=("no_decision",),
        lead_clock=(LeadClockPolicy(**always, within="9m"),),
        acceptance=(AcceptancePolicy(**always, within="4m"),),
        attempts=(AttemptsPolicy(**always, within="6m", attempts=2, channels=2),),
        follow_up=(FollowUpPolicy(**always, within="5m"),),
        disposition=(DispositionPolicy(**always, within="8m"),),
        stage=(StageTimePolicy(**always, within="7m"),),
    )


def _team(policy: TeamPolicy) -> TeamPolicy:
    """One who takes one lead at a time, and pools in which nothing counts that was given back, for whatever reason, and
    nobody waits for long."""
    reps = tuple(rep.with_(cap=1) if rep.id == "anna" else rep for rep in policy.reps)
    fair = {pool.id: pool.fairness.with_(returned=("rejected", "recycled")) for pool in policy.pools}
    line = Backlog(stale_minutes=2, manager_minutes=6)
    pools = tuple(pool.with_(fairness=fair[pool.id], backlog=line, claim_minutes=2) for pool in policy.pools)
    return policy.with_(reps=reps, pools=pools)


def _nurture(policy: NurturePolicy) -> NurturePolicy:
    """Both bands with a list, and returns that come back while the history lasts."""
    bands = ("educational", "newsletter")
    sequences = tuple(
        each.with_(list={"hubspot": f"list-{each.id}"}) if each.id in bands else each for each in policy.sequences
    )
    return policy.with_(sequences=sequences, timings=dict.fromkeys(policy.timings, 1))


def _notices(channels: tuple[str, ...]) -> NoticesPolicy:
    told = ((name, "pool" if name == "offered" else "owner") for name in _TOLD)
    rules = tuple(NoticeRule(notice=name, to=(who,), channel=channel) for name, who in told for channel in channels)
    known = {name: Channel(notifier="apprise", secret=f"notify/{name}") for name in channels}
    return NoticesPolicy(channels=known, rules=rules)
