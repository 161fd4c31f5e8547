"""What is promised, watched at every write and again when the world is at rest; numbered as docs/promises.md is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from leadrelay.domain.card.card import is_known
from leadrelay.domain.clocks.next_step import missing_step
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.nurture.facts import LeadReactivated, NurtureEnded
from leadrelay.domain.person.facts import LeadMerged, TouchIdentified
from leadrelay.domain.routing.facts import (
    BreachConfirmed,
    LeadAssigned,
    LeadUnassignable,
    LeadWaits,
    LinkUsed,
    OwnerNeeded,
    OwnerOverridden,
)
from leadrelay.domain.vocabulary import read
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.records import LeadRecord, LogRecord, SyncRecord, TouchRecord
from leadrelay.ports.store import Record
from tests.simulation.answers import Answers
from tests.simulation.recompute import recomputed
from tests.simulation.watch_card import shown
from tests.simulation.watch_clocks import ClockWatch
from tests.simulation.watch_crm import CrmWatch
from tests.simulation.watch_lines import LineWatch
from tests.simulation.watch_notices import NoticeWatch
from tests.simulation.watch_owed import OwedWatch
from tests.simulation.watch_reps import RepWatch

if TYPE_CHECKING:
    from tests.simulation.world import World

Lookup = Callable[[tuple[str, str]], Record | None]

_LONG = 600.0
"""Seconds after which all trouble is over, that of messages under way included."""

_NAMED: Mapping[type[Fact], str] = {
    OwnerOverridden: "a person's choice of owner was heard",
    LeadUnassignable: "nobody could take the lead",
    LeadWaits: "a lead waited in its pool",
    LeadReactivated: "a lead at rest came back",
    NurtureEnded: "a sequence ended",
}
"""Facts that are a situation by themselves."""


class Watch:
    """Holds one world to the promises; what is not kept is added to `world.broken`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._heard: set[str] = set()
        self._crm, self._reps = CrmWatch(world, self._broken), RepWatch(world, self._broken)
        self.answers = Answers(world, self._broken)
        self._lines = LineWatch(world, self._broken)
        self.clocks = ClockWatch(world, self._broken)
        self._owing = OwedWatch(world, self._broken)
        self.writes = self._crm.writes

    def _broken(self, number: int, what: str) -> None:
        self._world.broken.append((number, what))
        self._world.tell(f"{'BROKEN':8} promise {number}: {what}")

    # ---- at every write

    def before_write(self, written: Sequence[Record], lookup: Lookup) -> None:
        """One transaction, about to take effect."""
        leads = {record.lead.lead_id: record for record in written if isinstance(record, LeadRecord)}
        current = self._world.hub.current
        self._reps.before_write(written, lookup)
        for record in written:
            if isinstance(record, LogRecord) and record.sk.startswith("LOG#") and record.pk.startswith("LEAD#"):
                after = leads.get(record.pk.removeprefix("LEAD#"))
                if after is not None:
                    before = lookup((record.pk, "LEAD"))
                    assert before is None or isinstance(before, LeadRecord)
                    self._lead(before, after, record, written, lookup)
            elif isinstance(record, SyncRecord) and record.lease_until is None:
                self._crm.settled(record)
            elif isinstance(record, SyncRecord) and current is not None:
                current.notes.append(f"claimed {record.lead_id}")

    def _lead(
        self, before: LeadRecord | None, after: LeadRecord, log: LogRecord, written: Sequence[Record], lookup: Lookup
    ) -> None:
        known = Lead(lead_id=after.lead.lead_id) if before is None else before.lead
        facts = [read(said) for said in log.facts]
        if fold(known, [(fact, log.at) for fact in facts]) != after.lead:
            self._broken(8, f"folding {log.sk} of {after.lead.lead_id} does not give the lead")
        stages = self._world.rules.current().stages
        left = after.lead.stage in stages.outside and after.lead.rests and not stages.is_customer(known.stage)
        if stages.rank(after.lead.stage) < stages.rank(known.stage) and not left:
            self._broken(13, f"the stage went back from {known.stage} to {after.lead.stage}")
        for fact in facts:
            self._fact(fact, known)
        self.clocks.heard(known, facts, log.at)
        self._crm.heard(before, after, facts, written)
        self._lines.heard(known, after.lead, facts)
        self._seen(before, after, facts)
        try:
            self._owing.heard(known, after.lead, facts, log.at, self._world.rules.version(log.rules_version))
            if self._world.seed % 2 == 0:
                return  # deciding twice takes time: every second history is computed again
            again = recomputed(before, after, log, written, lookup, self._world)
        except Misconfigured:
            self._broken(16, f"decided by rules that were never deployed: {log.rules_version}")
            return
        if again is not None and again != facts:
            self._broken(12, f"{log.sk} of {after.lead.lead_id} recomputes to {[fact.name() for fact in again]}")

    def _fact(self, fact: Fact, known: Lead) -> None:
        match fact:
            case LeadAssigned():
                self._assigned(fact, known)
            case LinkUsed():
                self.answers.used(fact, known)
            case BreachConfirmed(looked="unanswered") if self._is_long_calm():
                self._broken(6, f"nobody looked whether {known.lead_id} was called before it was taken away")
            case TouchIdentified(touch_id=touch_id):
                if touch_id in self._heard:
                    self._broken(13, f"touch {touch_id} counted twice")
                self._heard.add(touch_id)

    def _is_long_calm(self) -> bool:
        """Nothing has gone wrong for so long that nothing of it is under way."""
        return self._world.calm and self._world.hub.now > self._world.mix.trouble + _LONG

    def _assigned(self, fact: LeadAssigned, known: Lead) -> None:
        asked = known.wanted is not None or (fact.why == "claimed" and known.waits)
        if fact.hop != known.ownership.hop + 1 or not asked:
            self._broken(4, f"assigned without a question: hop {fact.hop} of {known.lead_id}")
        if (fact.rep is None) == (fact.queue is None):
            self._broken(4, f"{known.lead_id} has not exactly one owner or queue")

    def _seen(self, before: LeadRecord | None, after: LeadRecord, facts: Sequence[Fact]) -> None:
        seen = self._world.seen
        if after.lead.standing == "shadow":
            seen.add("a lead in shadow was decided")
        elif before is not None and before.lead.standing == "shadow" and after.lead.live:
            seen.add("a lead in shadow went live")
        for fact in facts:
            if isinstance(fact, LeadMerged) and fact.absorbed is not None:
                seen.add("two leads became one")
            if isinstance(fact, LeadAssigned) and fact.why == "breach":
                seen.add("an owner lost the lead by the clock")
            if isinstance(fact, OwnerNeeded) and fact.why == "again":
                seen.add("who asks again has an owner who is not there")
            if isinstance(fact, LeadAssigned) and fact.why in ("hand_off", "qualified"):
                seen.add("another team took over")
            if type(fact) in _NAMED:
                seen.add(_NAMED[type(fact)])
            if fact.name() == "SlaMet":
                seen.add("a contact in time" if getattr(fact, "in_time", False) else "a contact too late")

    # ---- at rest

    def at_rest(self) -> None:
        """Everything that must hold once nothing is under way."""
        for number, what in self._at_rest():
            self._broken(number, what)

    def _at_rest(self) -> Iterator[tuple[int, str]]:
        yield from self._fates()
        yield from ((7, what) for what in NoticeWatch(self._world).at_rest())
        yield from self._crm.at_rest()
        yield from self._lines.at_rest()
        yield from ((25, what) for what in self._world.list.at_rest())
        yield from ((26, what) for what in self._world.erased.at_rest())
        leads = [record for record in self._world.store.rows.values() if isinstance(record, LeadRecord)]
        for record in leads:
            if record.lead.merged_into is None and is_known(record.profile) and record.lead.live:
                yield from self._owned(record)
                yield from shown(record, self._world)
                yield from self._crm.theirs(record)

    def _fates(self) -> Iterator[tuple[int, str]]:
        touches = {touch.touch.touch_id: touch for touch in self._world.touches}
        for touch_id, saying in self._world.accepted.items():
            touch = touches.get(touch_id)
            if touch is None:
                yield 1, f"{saying.key} was accepted and is lost"
            elif touch.state != self._fate(touch, saying.key):
                yield 1, f"{saying.key} ended as {touch.state} ({touch.reason})"
            elif touch.state == "done" and touch_id not in self._heard and touch.touch.kind != "erasure":
                yield 1, f"{saying.key} is done, but no lead heard it"

    def _fate(self, touch: TouchRecord, key: str) -> str:
        if touch.erased_at is not None:
            return touch.state
        if key.startswith("test button"):
            return "refused"
        lead = self._world.cast.vendor_leads.get(touch.touch.fetch_id or "")
        return "parked" if key.startswith("unmapped") or (lead is not None and lead.gone) else "done"

    def _owned(self, record: LeadRecord) -> Iterator[tuple[int, str]]:
        lead = record.lead
        now = self._world.moment()
        if not lead.ownership.placed or lead.wanted is not None:
            yield 4, f"{lead.lead_id} has no owner: {lead.ownership}"
        due = lead.due_at()
        if (due is None and not lead.closed) or (due is not None and due <= now):
            yield 6, f"{lead.lead_id} has no clock ahead: {due}"
        if missing_step(lead, now):
            yield 19, f"{lead.lead_id} has no next step: {lead.next_step}"
        if lead.wakes_at is not None and lead.wakes_at <= now - timedelta(hours=12):
            yield 19, f"{lead.lead_id} was to come back at {lead.wakes_at}"
        courted = lead.ownership.queue is not None or lead.disposition == "recycled"
        if lead.enrolment is not None and (lead.closed or not courted) and not self._is_customer(lead):
            yield 19, f"{lead.lead_id} is in the sequence {lead.enrolment.sequence}, and sales has it"

    def _is_customer(self, lead: Lead) -> bool:
        return self._world.rules.current().stages.is_customer(lead.stage)
