"""What is promised about the people at the CRM, watched at every write and again when the world is at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.facts import TouchIdentified
from leadrelay.domain.routing.facts import LeadAssigned, OwnerNeeded, OwnerOverridden
from leadrelay.domain.stages.facts import DealWon, StageChanged, StatusChanged
from leadrelay.domain.touch import touch_id
from leadrelay.domain.vocabulary import read
from leadrelay.ports.crm import UpsertPerson
from leadrelay.ports.records import LeadRecord, LogRecord, SyncRecord, TouchRecord, lead_key, sync_key
from leadrelay.ports.store import Record
from tests.simulation.faults import HOUR

if TYPE_CHECKING:
    from tests.simulation.world import World

VENDOR = "hubspot"

_OF_OWNERS = ("LeadAssigned", "OwnerNeeded", "OwnerOverridden")

_OVER = ("breach", "again", "hand_off")
"""Why another owner is looked for who may take it even from whom a person chose, once that was long enough ago."""

_GIVEN_UP = ("handover", "passed", "hand_back")
"""Why another owner is needed where the present one left, or does not want to have the lead."""

Broken = tuple[int, str]


class CrmWatch:
    """Holds one world to what it promises the people at the CRM; `broken` takes the number of a promise and why."""

    def __init__(self, world: World, broken: Callable[[int, str], None]) -> None:
        self._world = world
        self._broken = broken
        self._deals: set[tuple[str, str]] = set()

    # ---- at every write

    def heard(
        self, before: LeadRecord | None, after: LeadRecord, facts: Sequence[Fact], written: Sequence[Record]
    ) -> None:
        """A decision about a lead, about to take effect."""
        for fact in facts:
            self._told(fact, after.lead)
        touch = next((record.touch for record in written if isinstance(record, TouchRecord)), None)
        if before is None or touch is None or after.lead.merged_into is not None:
            return
        if touch.kind == "activity":
            self._called(before.lead, after.lead, touch.occurred_at)
        if touch.record is not None:
            self._echoed(before, after)

    def _told(self, fact: Fact, lead: Lead) -> None:
        """Only what people did in the CRM is heard as theirs: as long as machines agree what came first."""
        if self._world.mix.skew:
            return
        match fact:
            case OwnerOverridden(crm_owner=owner) if ("owner", owner) not in self._world.typed:
                self._broken(10, f"nobody gave {lead.lead_id} to {owner}, but it was heard as a person's choice")
            case StatusChanged(why="crm", after=status) if ("status", status) not in self._world.typed:
                self._broken(10, f"nobody set {lead.lead_id} to {status}, but it was heard as a person's word")
            case StageChanged(why="crm", after=stage) if ("stage", stage) not in self._world.typed:
                self._broken(10, f"nobody moved {lead.lead_id} to {stage}, but it was heard as a person's word")
            case DealWon(deal_id=deal) if (lead.lead_id, deal) in self._deals:
                self._broken(13, f"deal {deal} of {lead.lead_id} counted twice")
            case DealWon(deal_id=deal):
                self._deals.add((lead.lead_id, deal))

    def _called(self, before: Lead, after: Lead, at: datetime) -> None:
        """Who was called is not waited for any more, unless they asked for something after that call."""
        ran, runs = before.clock("first_contact"), after.clock("first_contact")
        if ran is not None and runs is not None and runs.started_at == ran.started_at <= at:
            self._broken(6, f"{after.lead_id} was called, and the clock of hop {runs.hop} runs on")

    def _echoed(self, before: LeadRecord, after: LeadRecord) -> None:
        """What we wrote there proves nothing when it comes back."""
        known = before.profile.values
        for name, value in after.profile.values.items():
            was = known.get(name)
            if value.source == VENDOR and was is not None and was.value == value.value and was != value:
                self._broken(13, f"{name} of {after.lead.lead_id} was {was.basis}, and its echo made it {value.basis}")

    def settled(self, record: SyncRecord) -> None:
        """A delivery is recorded: one field that the CRM refuses holds up nothing else."""
        fields_only = record.refused and all(each.value is not None for each in record.refused)
        if fields_only and record.due_at is None and record.written < record.wanted:
            self._broken(9, f"a refused field holds up the card of {record.lead_id}")

    def writes(self, op: UpsertPerson, created: bool) -> None:
        """The CRM is written to: nothing of a lead that is shown to nobody, and no record that people deleted."""
        lead_id = op.key.lead_key
        record = self._world.store.rows.get((lead_key(lead_id).pk, lead_key(lead_id).sk))
        if isinstance(record, LeadRecord) and record.lead.standing in ("shadow", "imported"):
            self._broken(9, f"{lead_id} is {record.lead.standing}, and was written to the CRM")
        if created and lead_id in self._world.gone and not self._came_back(lead_id):
            self._broken(10, f"the record of {lead_id} was deleted, and LeadRelay made it again")

    def _came_back(self, lead_id: str) -> bool:
        """Whether the person behind it did something since the record was deleted."""
        since = self._world.gone[lead_id]
        rows = (row for row in self._world.store.story(f"LEAD#{lead_id}") if isinstance(row, LogRecord))
        facts = (read(said) for row in rows if row.at >= since for said in row.facts)
        return any(
            fact.name() == "LeadMerged" or (isinstance(fact, TouchIdentified) and fact.kind != "crm_change")
            for fact in facts
        )

    # ---- at rest

    def at_rest(self) -> Iterator[Broken]:
        """What must hold once nothing is under way."""
        yield from self._read_back()
        for record in list(self._world.store.rows.values()):
            if isinstance(record, SyncRecord) and record.crm_id is not None:
                yield from self._listed(record)
        for crm_id, name in self._world.edits.items():
            person = self._world.crm.people.get(crm_id)
            shows = None if person is None else (person.fields["first_name"], person.fields["lifecycle_stage"])
            if shows is not None and shows != (name, "customer"):
                yield 10, f"what a person typed into {crm_id} was overwritten"

    def _read_back(self) -> Iterator[Broken]:
        """Everything that was done in a CRM that we listen to is a touch."""
        for key in self._world.history.keys() if self._world.acting else ():
            touch = self._world.store.rows.get((f"TOUCH#{touch_id(VENDOR, key)}", "TOUCH"))
            if not isinstance(touch, TouchRecord):
                yield 1, f"{key} was done in the CRM and never heard"
            elif touch.state not in ("done", "refused"):
                yield 1, f"{key} was done in the CRM and ended as {touch.state} ({touch.reason})"

    def _listed(self, sync: SyncRecord) -> Iterator[Broken]:
        """Two records of one person say so, until somebody merges them in the CRM."""
        lead = self._world.store.rows[(f"LEAD#{sync.lead_id}", "LEAD")]
        crm = self._world.crm
        if (
            not isinstance(lead, LeadRecord)
            or lead.lead.merged_into is None
            or lead.lead.erased_at is not None
            or crm._final(sync.crm_id) not in crm.people
        ):
            return
        winner = self._world.store.rows.get((f"LEAD#{lead.lead.merged_into}", sync_key("", VENDOR).sk))
        apart = isinstance(winner, SyncRecord) and winner.crm_id is not None and winner.crm_id != sync.crm_id
        if apart and sync.duplicate_of != lead.lead.merged_into:
            yield 3, f"{sync.lead_id} is {lead.lead.merged_into} now, and its own record does not say so"

    def theirs(self, record: LeadRecord) -> Iterator[Broken]:
        """Whom a person chose is the owner still, until the rules may decide again."""
        sync = self._world.store.rows.get((f"LEAD#{record.lead.lead_id}", f"SYNC#{VENDOR}"))
        crm_id = "" if not isinstance(sync, SyncRecord) else self._world.crm._final(sync.crm_id)
        given, at = self._world.given.get(crm_id, ("", self._world.start))
        person = self._world.crm.people.get(crm_id)
        if not given or person is None or self._world.mix.trouble > HOUR:
            return
        owner = record.lead.ownership
        rep = self._world.rules.current().team.rep_in(VENDOR, given)
        rows = [row for row in self._world.store.story(record.key().pk) if isinstance(row, LogRecord) and row.at >= at]
        facts = [(row.at, read(said)) for row in rows for said in row.facts if said.name in _OF_OWNERS]
        if rep in {fact.rep for _, fact in facts if isinstance(fact, LeadAssigned)}:
            return  # the rules chose the same at that time: nobody can tell whose choice it is
        if _is_over(facts, given, self._world.rules.current().routing.override):
            return
        if (owner.rep, owner.outside) != (rep, None if rep else given):
            yield 10, f"a person gave {record.lead.lead_id} to {given}, and LeadRelay thinks of {owner}"
        if person.owner_id != given:
            yield 10, f"a person gave {record.lead.lead_id} to {given}, and now it is {person.owner_id}'s"


def _is_over(facts: Sequence[tuple[datetime, Fact]], given: str, stands: timedelta) -> bool:
    """Whether the very assignment that a person made ended as it may: its clock ran out, or they were not there for
    a new request, after it had stood for as long as promised; or whom they chose left or gave the lead up."""
    chosen = {fact.hop: at for at, fact in facts if isinstance(fact, OwnerOverridden) and fact.crm_owner == given}
    asked = [(at, fact) for at, fact in facts if isinstance(fact, OwnerNeeded) and fact.hop in chosen]
    given_up = any(fact.why in _GIVEN_UP for _, fact in asked)
    return given_up or any(fact.why in _OVER and at >= chosen[fact.hop] + stands for at, fact in asked)
