"""The demo's sales team is short-staffed: one is away, one has as many leads as they can take. Nobody's lead waits for
either of them, and the note in the CRM says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from leadrelay.aws.clock import SystemClock
from leadrelay.aws.table.store import TableStore
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.skipped import telling
from leadrelay.domain.rules import RuleFiles, Rules
from leadrelay.local.cloud import Cloud
from leadrelay.local.watch import KINDS, Picture
from leadrelay.memory.rules import MemoryRules
from leadrelay.workflows.reps import Reps
from leadrelay.workflows.shares import PoolShares, Shares

AWAY, FULL, CAP = "milica", "sofia", 1
"""The reps who are not to be had, by their ids, and how many open leads `FULL` can have."""

_WEEK = timedelta(days=7)


def short_staffed(rules: Rules) -> Rules:
    """The same rules, but `FULL` has a limit that the play reaches."""
    reps = tuple(rep.with_(cap=CAP) if rep.id == FULL else rep for rep in rules.team.reps)
    files = {name: getattr(rules, name) for name in RuleFiles.model_fields}
    return Rules.of(RuleFiles.model_validate({**files, "team": rules.team.with_(reps=reps)}))


def send_away(cloud: Cloud) -> None:
    """What `leadrelay rep away` does."""
    until = (datetime.now(UTC) + _WEEK).date()
    Reps(_table(cloud), MemoryRules(cloud.rules), SystemClock()).away(AWAY, until, why="on holiday")


def shares(cloud: Cloud) -> list[PoolShares]:
    """How the pools shared what came, as `leadrelay report live fairness` says it."""
    return Shares(_table(cloud))(cloud.rules, SystemClock().now())


def problems(cloud: Cloud, picture: Picture) -> Iterator[str]:
    """What does not hold yet: who is away gets nothing, who is full no more than that, and two notes say why."""
    given = [fact.data["rep"] for lead_id in picture.leads for fact in picture.said(lead_id, "LeadAssigned")]
    if AWAY in given:
        yield f"{AWAY} is away and was given a lead"
    if given.count(FULL) > CAP:
        yield f"{FULL} was given {given.count(FULL)} leads and can have {CAP}"
    for rep, test in ((AWAY, "away"), (FULL, "cap")):
        passed_by = [record.lead for record in picture.leads.values() if _skipped(record.lead, rep, test)]
        if not passed_by:
            yield f"no lead passed by {rep} ({test})"
        elif not any(_noted(cloud, lead, rep, picture) for lead in passed_by):
            yield f"no note in the CRM says why {rep} was skipped"


def notes(cloud: Cloud, picture: Picture) -> Iterator[str]:
    """One note of the CRM for each of the two, as the rep who has the lead reads it."""
    for rep in (AWAY, FULL):
        name = cloud.rules.team.rep(rep).name
        found = (note for contact in picture.contacts for note in contact.notes if f"{name}, " in note)
        yield from list(found)[:1]


def _skipped(lead: Lead, rep: str, test: str) -> bool:
    skip = lead.ownership.skipped.get(rep)
    return skip is not None and skip.test == test


def _noted(cloud: Cloud, lead: Lead, rep: str, picture: Picture) -> bool:
    """Whether the record of the lead has a note that names the rep and the reason."""
    zone = cloud.rules.zone(cloud.rules.team.rep(rep).calendar)
    said = f"{cloud.rules.team.rep(rep).name}, {telling(lead.ownership.skipped[rep], zone)}"
    theirs = (contact for contact in picture.contacts if contact.lead_id == lead.lead_id)
    return any(said in note for contact in theirs for note in contact.notes)


def _table(cloud: Cloud) -> TableStore:
    return TableStore(cloud.deployed.table_name, KINDS)
